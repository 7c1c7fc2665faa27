// Totals per token from a changelog, with the rows of lost blocks taken back. No state but in memory.
// KAFKA_BROKERS=… REGISTRY_URL=… java -cp 'lib/*' Totals.java ommer.eip155-31337.token_transfers
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.*;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.*;
import org.apache.avro.Schema;
import org.apache.avro.generic.*;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

public class Totals {
  static final Map<Integer, Schema> schemas = new HashMap<>();
  static final Map<String, TreeMap<BigInteger, Integer>> amounts = new HashMap<>();

  public static void main(String[] args) throws Exception {
    var settings = new Properties();
    settings.put("bootstrap.servers", System.getenv("KAFKA_BROKERS"));
    settings.put("isolation.level", "read_committed"); // not the default: aborted transactions would be counted
    settings.put("auto.offset.reset", "earliest");
    var bytes = new ByteArrayDeserializer();
    try (var consumer = new KafkaConsumer<>(settings, bytes, bytes)) {
      // Assigned by hand, as a trading system pins its market; a group works as well.
      consumer.assign(consumer.partitionsFor(args[0]).stream()
          .map(each -> new TopicPartition(args[0], each.partition())).toList());
      consumer.seekToBeginning(consumer.assignment());
      while (true) {
        for (var record : consumer.poll(Duration.ofSeconds(1))) take(decode(record.value()));
      }
    }
  }

  /** Every amount is kept: MIN and MAX must be able to give back. */
  static void take(GenericRecord change) {
    GenericRecord row = change;
    if (change.getSchema().getField("before") != null) {
      row = (GenericRecord) (change.get("after") == null ? change.get("before") : change.get("after"));
    }
    Object token = row.get("token_address") == null ? row.get("chain") : row.get("token_address");
    var bag = amounts.computeIfAbsent(token.toString(), each -> new TreeMap<>());
    int sign = (Integer) change.get("sign");
    bag.merge(new BigInteger(row.get("amount").toString()), sign, (a, b) -> a + b == 0 ? null : a + b);
    long count = 0;
    var sum = BigInteger.ZERO;
    for (var entry : bag.entrySet()) {
      count += entry.getValue();
      sum = sum.add(entry.getKey().multiply(BigInteger.valueOf(entry.getValue())));
    }
    String extremes = bag.isEmpty() ? "" : bag.firstKey() + "\t" + bag.lastKey();
    System.out.println(String.join("\t", "totals", token.toString(), "" + count, "" + sum, extremes));
  }

  /** Avro after a zero byte and four bytes of schema id. */
  static GenericRecord decode(byte[] value) throws Exception {
    if (value[0] != 0) throw new IllegalStateException("not written by ommer");
    int id = ByteBuffer.wrap(value, 1, 4).getInt();
    if (!schemas.containsKey(id)) {
      var uri = URI.create(System.getenv("REGISTRY_URL") + "/schemas/ids/" + id);
      var answer = HttpClient.newHttpClient()
          .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) throw new IllegalStateException(uri + ": " + answer.statusCode());
      var text = new ObjectMapper().readTree(answer.body()).get("schema").asText();
      schemas.put(id, new Schema.Parser().parse(text));
    }
    var decoder = DecoderFactory.get().binaryDecoder(value, 5, value.length - 5, null);
    return new GenericDatumReader<GenericRecord>(schemas.get(id)).read(null, decoder);
  }
}
