// Answers, with the reference libraries, one request per line of standard input:
//   text <base64 schema>                      -> Schema.toString() of it, base64
//   decode <base64 schema> <base64 datum>     -> the datum as Avro-Java prints it (bytes as decimals), base64
//   murmur2 <base64 bytes>                    -> Kafka's Utils.murmur2
// Run: java -cp 'DIRECTORY_OF_JARS/*' AvroCheck.java
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.common.utils.Utils;

public class AvroCheck {
  public static void main(String[] args) throws Exception {
    var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      String[] words = line.split(" ", -1);
      System.out.println(answer(words));
    }
  }

  static String answer(String[] words) throws Exception {
    switch (words[0]) {
      case "text":
        return base64(schema(words[1]).toString());
      case "decode":
        return base64(decode(schema(words[1]), Base64.getDecoder().decode(words[2])));
      case "murmur2":
        return String.valueOf(Utils.murmur2(Base64.getDecoder().decode(words[1])));
      default:
        throw new IllegalArgumentException(words[0]);
    }
  }

  static Schema schema(String word) {
    String text = new String(Base64.getDecoder().decode(word), StandardCharsets.UTF_8);
    return new Schema.Parser().parse(text);
  }

  static String decode(Schema schema, byte[] datum) throws Exception {
    BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(datum, null);
    Object value = new GenericDatumReader<Object>(schema).read(null, decoder);
    if (!decoder.isEnd()) throw new IllegalStateException("bytes are left over");
    return print(value);
  }

  static String print(Object value) {
    if (value instanceof GenericRecord) {
      var record = (GenericRecord) value;
      var fields = new StringBuilder("{");
      for (Schema.Field field : record.getSchema().getFields()) {
        if (fields.length() > 1) fields.append(",");
        fields.append('"').append(field.name()).append("\":").append(print(record.get(field.pos())));
      }
      return fields.append("}").toString();
    }
    if (value instanceof Iterable) {
      var items = new StringBuilder("[");
      for (Object item : (Iterable<?>) value) {
        if (items.length() > 1) items.append(",");
        items.append(print(item));
      }
      return items.append("]").toString();
    }
    if (value instanceof ByteBuffer) {
      byte[] bytes = new byte[((ByteBuffer) value).remaining()];
      ((ByteBuffer) value).duplicate().get(bytes);
      return "\"decimal:" + new BigInteger(bytes) + "\"";
    }
    if (value instanceof CharSequence) return quote(value.toString());
    return String.valueOf(value);
  }

  static String quote(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
