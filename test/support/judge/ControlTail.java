// What a reader of a control topic knows at any moment.
import java.util.*;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.TopicPartition;

/** Follows a control topic from call to call. */
class ControlTail {
  final TopicPartition at;
  long next = 0;
  final ArrayList<Map<String, Object>> chain = new ArrayList<>();

  final Schemas schemas;

  ControlTail(String topic, String registryUrl) {
    at = new TopicPartition(topic, 0);
    schemas = new Schemas(registryUrl);
  }

  Object head(Log log) throws Exception {
    for (var record : log.read(Map.of(at, next)).get(at)) {
      next = record.offset() + 1;
      GenericRecord control = schemas.record(record.value());
      String kind = control.get("kind").toString();
      if (kind.equals("block")) {
        chain.add(Map.of("height", control.get("height"), "hash", control.get("hash").toString()));
      } else if (kind.equals("reorg")) {
        var reverted = (Collection<?>) ((GenericRecord) control.get("reorg")).get("reverted");
        for (int left = reverted.size(); left > 0 && !chain.isEmpty(); left--) chain.remove(chain.size() - 1);
      }
    }
    return chain.isEmpty() ? null : chain.get(chain.size() - 1);
  }
}
