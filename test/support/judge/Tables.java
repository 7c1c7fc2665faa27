// State and final topics against the rows that the changelogs leave true.
import java.util.*;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;

class Tables {
  static final String state = ".state";
  static final String finals = ".final";
  final Schemas schemas;
  final Findings findings;
  final Changelogs changelogs;
  long stateRows, tombstones, finalRows;

  Tables(Schemas schemas, Findings findings, Changelogs changelogs) {
    this.schemas = schemas;
    this.findings = findings;
    this.changelogs = changelogs;
  }

  static boolean isTable(String topic) {
    return topic.endsWith(state) || topic.endsWith(finals);
  }

  void take(String topic, Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> partitions, long finalized) throws Exception {
    var expected = new HashMap<String, Change>();
    String changelog = topic.substring(0, topic.length() - state.length());
    for (var change : changelogs.live.values()) {
      if (!change.topic.equals(changelog)) continue;
      if (topic.endsWith(state) || change.height <= finalized) expected.put(change.id(), change);
    }
    if (topic.endsWith(state)) takeState(partitions, expected);
    else takeFinal(partitions, expected);
    for (var change : expected.values()) findings.check(false, "not on " + topic + ": " + change);
  }

  /** The last record per key is the row, a key stays on the partition of Java's default partitioner. */
  void takeState(Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> partitions, Map<String, Change> expected) throws Exception {
    var latest = new LinkedHashMap<String, ConsumerRecord<byte[], byte[]>>();
    for (var each : partitions.entrySet()) {
      for (var record : each.getValue()) {
        int partition = Utils.toPositive(Utils.murmur2(record.key())) % partitions.size();
        findings.check(partition == record.partition(), "not where its key belongs: " + each.getKey() + "@" + record.offset());
        latest.put(Base64.getEncoder().encodeToString(record.key()), record);
        if (record.value() == null) tombstones++;
      }
    }
    for (var record : latest.values()) {
      if (record.value() == null) continue;
      stateRows++;
      Change change = compare(record, expected);
      if (change == null) continue;
      GenericRecord key = schemas.record(record.key());
      for (Schema.Field field : key.getSchema().getFields()) {
        if (field.name().equals("dataset")) continue;
        Object column = change.columns.get(field.name());
        findings.check(Objects.equals(Judge.text(key.get(field.pos())), Judge.text(column)), "key differs from row: " + change);
      }
    }
  }

  /** Each final row once, oldest block first, on the partition of its insert. */
  void takeFinal(Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> partitions, Map<String, Change> expected) throws Exception {
    for (var records : partitions.values()) {
      long place = -1;
      for (var record : records) {
        finalRows++;
        Change change = compare(record, expected);
        if (change == null) continue;
        findings.check(change.partition == record.partition(), "on another partition than its insert: " + change);
        findings.check(change.offset > place, "before an earlier row: " + change);
        place = change.offset;
      }
    }
  }

  /** The live change that this record repeats, taken out; null when there is none. */
  Change compare(ConsumerRecord<byte[], byte[]> record, Map<String, Change> expected) throws Exception {
    String where = record.topic() + "/" + record.partition() + "@" + record.offset();
    GenericRecord value = schemas.record(record.value());
    String changelog = record.topic().substring(0, record.topic().length() - state.length());
    Change change = expected.remove(changelog + " " + value.get("event_id") + "#" + value.get("incarnation"));
    if (!findings.check(change != null, "not true, or twice: " + where + " " + value.get("event_id"))) return null;
    findings.check(change.timestamp == record.timestamp(), "another time than its insert: " + where);
    for (Schema.Field field : change.columns.getSchema().getFields()) {
      boolean isSame = Objects.equals(change.columns.get(field.pos()), value.get(field.name()));
      findings.check(isSame, field.name() + " differs from the changelog: " + where);
    }
    return change;
  }
}
