// Spoils records before they are judged, to show that the judge finds out.
import java.nio.charset.StandardCharsets;
import java.util.*;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

class Tampering {
  final String how;
  final ChangeReader reader;

  Tampering(String how, ChangeReader reader) {
    this.how = how;
    this.reader = reader;
  }

  void spoilControl(List<ConsumerRecord<byte[], byte[]>> records) throws Exception {
    if (how.equals("forget-block")) records.remove(records.size() / 2);
    for (int at = 0; at < records.size() && how.equals("forget-revision"); at++) {
      if (!reader.schemas.record(records.get(at).value()).get("kind").toString().equals("revision")) continue;
      records.remove(at);
      return;
    }
  }

  /** Loses or repeats the first record of one table, or loses what says that rows are gone. */
  void spoilTable(String topic, Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> partitions) {
    for (var records : partitions.values()) {
      if (how.equals("lose-tombstones") && topic.endsWith(".state")) records.removeIf(record -> record.value() == null);
    }
    if (!how.equals("lose-final") && !how.equals("repeat-final") && !how.equals("lose-state")) return;
    if (!topic.endsWith(".logs." + how.substring(how.indexOf('-') + 1))) return;
    var records = partitions.values().stream().filter(each -> !each.isEmpty()).findFirst().orElseThrow();
    if (how.startsWith("repeat")) records.add(records.get(0));
    else records.remove(records.size() - 1);
  }

  /** Spoils the first two retractions, or inserts, that lie next to each other on a partition. */
  void spoilChangelog(Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> partitions) throws Exception {
    boolean ofInserts = how.endsWith("insert");
    for (var records : partitions.values()) {
      for (int at = 0; at + 1 < records.size() && !how.isEmpty(); at++) {
        var one = records.get(at);
        var two = records.get(at + 1);
        if (reader.takeApart(one).isRetraction == ofInserts || reader.takeApart(two).isRetraction == ofInserts) continue;
        spoil(partitions, records, at);
        return;
      }
    }
  }

  void spoil(
      Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> partitions,
      List<ConsumerRecord<byte[], byte[]>> records,
      int at) {
    var one = records.get(at);
    var two = records.get(at + 1);
    byte[] other = one.value().clone();
    other[new String(other, StandardCharsets.ISO_8859_1).indexOf("0x") + 2] ^= 1;
    if (how.startsWith("drop")) records.remove(at);
    if (how.startsWith("double")) records.add(copy(one, one.value(), records.get(records.size() - 1).offset() + 1, one.timestamp()));
    if (how.startsWith("alter")) records.set(at, copy(one, other, one.offset(), one.timestamp()));
    if (how.startsWith("shift")) records.set(at, copy(one, one.value(), one.offset(), one.timestamp() + 1));
    if (how.startsWith("swap")) {
      records.set(at, copy(two, two.value(), one.offset(), two.timestamp()));
      records.set(at + 1, copy(one, one.value(), two.offset(), one.timestamp()));
    }
    if (how.startsWith("move")) {
      int to = (one.partition() + 1) % partitions.size();
      var target = partitions.get(new TopicPartition(one.topic(), to));
      records.remove(at);
      target.add(new ConsumerRecord<>(one.topic(), to, 1_000_000, one.timestamp(), one.timestampType(), 0, 0, one.key(), one.value(), one.headers(), Optional.empty()));
    }
  }

  ConsumerRecord<byte[], byte[]> copy(ConsumerRecord<byte[], byte[]> of, byte[] value, long offset, long timestamp) {
    return new ConsumerRecord<>(of.topic(), of.partition(), offset, timestamp, of.timestampType(), 0, 0, of.key(), value, of.headers(), Optional.empty());
  }
}
