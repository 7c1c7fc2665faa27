// An independent reader of what ommer published: kafka-clients with read_committed, Avro by the
// registry's schemas, and none of ommer's own code. Answers one command per line of standard input:
//   head CONTROL_TOPIC          -> the newest published block that the control topic tells of, or null
//   judge PREFIX MODE FILE      -> a verdict; FILE gets every row that is true at the end, a line each
//   judge PREFIX MODE FILE HOW  -> the same of records tampered with: each way must be found out
//   market PREFIX VENUE MODE FILE [HOW] -> a verdict on a venue's market data; FILE gets its rows and books
// Run: javac -cp 'JARS/*' -d CLASSES *.java, then java -cp 'JARS/*:CLASSES' Judge BROKERS REGISTRY_URL
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.*;

public class Judge {
  static final ObjectMapper json = new ObjectMapper();

  public static void main(String[] args) throws Exception {
    Log committed = new Log(args[0], "read_committed");
    Log uncommitted = new Log(args[0], "read_uncommitted");
    Map<String, ControlTail> tails = new HashMap<>();
    var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      String[] words = line.split(" ");
      Object answer;
      try {
        if (words[0].equals("head")) {
          answer = tails.computeIfAbsent(words[1], topic -> new ControlTail(topic, args[1])).head(committed);
        } else if (words[0].equals("market")) {
          String how = words.length > 5 ? words[5] : "";
          var trial = new MarketTrial(committed, uncommitted, new Schemas(args[1]), words[3].equals("exactly_once"), how);
          answer = trial.judge(words[1], words[2], Path.of(words[4]));
        } else {
          // Asked anew: what the registry knew before it lost its data proves nothing.
          Schemas schemas = new Schemas(args[1]);
          String how = words.length > 4 ? words[4] : "";
          Trial trial = new Trial(committed, uncommitted, schemas, words[2].equals("exactly_once"), how);
          answer = trial.judge(words[1], Path.of(words[3]));
        }
      } catch (Exception error) {
        answer = Map.of("error", String.valueOf(error));
      }
      System.out.println(json.writeValueAsString(answer));
    }
  }

  static String text(Object value) {
    return value == null ? null : value.toString();
  }

  /** Decimals as the text of their unscaled number, lists as lists. */
  static Object plain(Object value) {
    if (value instanceof ByteBuffer) {
      byte[] bytes = new byte[((ByteBuffer) value).remaining()];
      ((ByteBuffer) value).duplicate().get(bytes);
      return new BigInteger(bytes).toString();
    }
    if (value instanceof Collection) return ((Collection<?>) value).stream().map(Judge::plain).toList();
    return value instanceof CharSequence ? value.toString() : value;
  }
}
