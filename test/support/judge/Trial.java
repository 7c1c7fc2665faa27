// One judgement over all topics of a prefix.
import java.io.BufferedWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.*;
import org.apache.avro.Schema;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

class Trial {
  final Log committed;
  final Log uncommitted;
  final Findings findings = new Findings();
  final ChangeReader reader;
  final Changelogs changelogs;
  final ControlWalk control;
  final Tampering tampering;
  final Tables tables;
  /** What replays and revisions wrote, by "topic/partition". */
  final Map<String, Set<Long>> putRight = new HashMap<>();

  Trial(Log committed, Log uncommitted, Schemas schemas, boolean isExact, String how) {
    this.committed = committed;
    this.uncommitted = uncommitted;
    reader = new ChangeReader(schemas, findings);
    changelogs = new Changelogs(findings, isExact);
    control = new ControlWalk(schemas, findings, changelogs);
    tampering = new Tampering(how, reader);
    tables = new Tables(schemas, findings, changelogs);
  }

  Object judge(String prefix, Path rowsFile) throws Exception {
    var topics = new TreeSet<String>();
    for (String topic : committed.consumer.listTopics().keySet()) {
      if (topic.startsWith(prefix + ".")) topics.add(topic);
    }
    String controlTopic = topics.stream().filter(each -> each.endsWith(".control")).findFirst().orElseThrow();
    String letters = prefix + ".dead-letters";
    assertDecided(topics);
    for (var records : readAll(controlTopic).values()) putRight.putAll(ControlWalk.putRight(reader.schemas, records));
    for (String topic : topics) {
      if (topic.equals(controlTopic) || topic.equals(letters) || topic.equals(prefix + ".checkpoints")) continue;
      if (!Tables.isTable(topic)) readChangelog(topic);
    }
    for (var records : readAll(controlTopic).values()) {
      tampering.spoilControl(records);
      for (var record : records) control.take(record);
    }
    control.finish();
    changelogs.compareWithLatestPerKey();
    for (String topic : topics) {
      if (!Tables.isTable(topic)) continue;
      var partitions = readAll(topic);
      tampering.spoilTable(topic, partitions);
      tables.take(topic, partitions, control.finalized);
    }
    writeRows(rowsFile);
    return verdict(readAll(letters).values().stream().mapToLong(List::size).sum());
  }

  Object verdict(long deadLetters) {
    var verdict = new LinkedHashMap<String, Object>();
    verdict.put("failures", findings.failures);
    verdict.put("inserts", changelogs.inserts);
    verdict.put("retractions", changelogs.retractions);
    verdict.put("repeats", changelogs.repeats);
    verdict.put("reorgs", control.reorgs);
    verdict.put("sessions", control.sessions);
    verdict.put("revisions", control.revisions);
    verdict.put("replays", control.replays);
    verdict.put("incarnationMax", changelogs.incarnationMax);
    verdict.put("stateRows", tables.stateRows);
    verdict.put("tombstones", tables.tombstones);
    verdict.put("finalRows", tables.finalRows);
    verdict.put("deadLetters", deadLetters);
    verdict.put("partitions", changelogs.partitionCounts());
    verdict.put("chain", control.chain());
    return verdict;
  }

  /** An open transaction would hide what comes after it. */
  void assertDecided(Set<String> topics) {
    for (String topic : topics) {
      var partitions = committed.partitions(topic);
      Map<TopicPartition, Long> stable = committed.consumer.endOffsets(partitions);
      Map<TopicPartition, Long> high = uncommitted.consumer.endOffsets(partitions);
      for (var each : partitions) {
        findings.check(stable.get(each).equals(high.get(each)), "a transaction is open on " + each + " from " + stable.get(each) + " of " + high.get(each));
      }
    }
  }

  Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> readAll(String topic) {
    var from = new TreeMap<TopicPartition, Long>(Comparator.comparingInt(TopicPartition::partition));
    for (var each : committed.partitions(topic)) from.put(each, 0L);
    return committed.read(from);
  }

  void readChangelog(String topic) throws Exception {
    var partitions = readAll(topic);
    if (topic.endsWith(".logs")) tampering.spoilChangelog(partitions);
    for (var each : partitions.entrySet()) {
      var changes = new ArrayList<Change>();
      for (var record : each.getValue()) {
        boolean isTombstone = record.value() == null;
        if (findings.check(!isTombstone, "a tombstone at " + each.getKey() + "@" + record.offset())) changes.add(reader.takeApart(record));
      }
      var own = putRight.getOrDefault(each.getKey().topic() + "/" + each.getKey().partition(), Set.of());
      for (var change : changes) change.isPutRight = own.contains(change.offset);
      changelogs.take(each.getKey().topic() + "/" + each.getKey().partition(), changes);
    }
  }

  void writeRows(Path file) throws Exception {
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (var change : changelogs.live.values()) writeRow(out, change);
    }
  }

  void writeRow(BufferedWriter out, Change change) throws Exception {
    var row = new LinkedHashMap<String, Object>();
    for (Schema.Field field : change.columns.getSchema().getFields()) row.put(field.name(), Judge.plain(change.columns.get(field.pos())));
    var line = new LinkedHashMap<String, Object>();
    line.put("topic", change.topic);
    line.put("partition", change.partition);
    line.put("incarnation", change.incarnation);
    line.put("row", row);
    out.write(Judge.json.writeValueAsString(line));
    out.newLine();
  }
}
