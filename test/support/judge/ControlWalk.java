// Follows a control topic from its beginning and counts the records it answers for.
import java.util.*;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;

class ControlWalk {
  final Schemas schemas;
  final Findings findings;
  final Changelogs changelogs;
  final Set<Change> answeredFor = new HashSet<>();
  final ArrayDeque<GenericRecord> tip = new ArrayDeque<>();
  long reorgs, sessions, replays;
  long finalized = -1;

  ControlWalk(Schemas schemas, Findings findings, Changelogs changelogs) {
    this.schemas = schemas;
    this.findings = findings;
    this.changelogs = changelogs;
  }

  void take(ConsumerRecord<byte[], byte[]> record) throws Exception {
    GenericRecord control = schemas.record(record.value());
    String kind = control.get("kind").toString();
    String where = kind + " at " + record.topic() + "@" + record.offset();
    if (kind.equals("session")) sessions++;
    else if (kind.equals("finalized")) finalized = (Long) control.get("height");
    else if (kind.equals("block") && changelogs.isExact) takeBlock(control, where);
    else if (kind.equals("reorg")) takeReorg(control, where);
    else if (kind.equals("replay")) takeReplay(control, where);
  }

  /** Every record belongs to a block or a reorg that the control topic tells of. */
  void finish() {
    if (!changelogs.isExact) return;
    for (var place : changelogs.byPlace.values()) {
      for (var change : place.values()) findings.check(answeredFor.contains(change), "no control record tells of " + change);
    }
  }

  /** The chain as it is told, oldest first. */
  List<Object> chain() {
    var chain = new ArrayList<Object>();
    for (var each = tip.descendingIterator(); each.hasNext(); ) {
      GenericRecord block = each.next();
      chain.add(Map.of("height", block.get("height"), "hash", block.get("hash").toString()));
    }
    return chain;
  }

  void takeBlock(GenericRecord control, String where) {
    var block = (GenericRecord) control.get("block");
    String hash = control.get("hash").toString();
    if (!tip.isEmpty()) {
      findings.check(Judge.text(block.get("parent_hash")).equals(Judge.text(tip.peek().get("hash"))), where + ": its parent is not the block before it");
      findings.check((Long) control.get("height") == (Long) tip.peek().get("height") + 1, where + ": height jumps");
    }
    tip.push(control);
    for (Object each : (Collection<?>) block.get("tallies")) {
      var tally = (GenericRecord) each;
      findings.check(tally.get("retractions").equals(0L), where + " counts retractions");
      for (Change change : recordsOf(tally, (Long) tally.get("inserts"), where)) {
        findings.check(!change.isRetraction && change.blockHash.equals(hash) && block.get("incarnation").equals(change.incarnation), where + " counts what is not of it: " + change);
      }
    }
  }

  void takeReorg(GenericRecord control, String where) {
    reorgs++;
    if (!changelogs.isExact) return;
    var reorg = (GenericRecord) control.get("reorg");
    var hashes = new HashSet<String>();
    findings.check((Long) reorg.get("common_ancestor_height") >= finalized, where + ": below what was final");
    for (Object each : (Collection<?>) reorg.get("reverted")) {
      String hash = Judge.text(((GenericRecord) each).get("hash"));
      hashes.add(hash);
      if (!tip.isEmpty()) findings.check(hash.equals(Judge.text(tip.pop().get("hash"))), where + ": reverts what is not the newest block");
    }
    findings.check(hashes.size() == (Integer) reorg.get("depth"), where + ": depth is not the number of blocks");
    findings.check(tip.isEmpty() || Judge.text(tip.peek().get("hash")).equals(Judge.text(reorg.get("common_ancestor_hash"))), where + ": another common ancestor");
    for (Object each : (Collection<?>) reorg.get("tallies")) {
      var tally = (GenericRecord) each;
      findings.check(tally.get("inserts").equals(0L), where + " counts inserts");
      for (Change change : recordsOf(tally, (Long) tally.get("retractions"), where)) {
        findings.check(change.isRetraction && hashes.contains(change.blockHash) && Judge.text(reorg.get("id")).equals(change.reorgId), where + " counts what is not of it: " + change);
      }
    }
  }

  /** Rows of a final block that were put right: taken back, then inserted. */
  void takeReplay(GenericRecord control, String where) {
    replays++;
    findings.check((Long) control.get("height") <= finalized, where + ": above what was final");
    for (Object each : (Collection<?>) ((GenericRecord) control.get("block")).get("tallies")) {
      var tally = (GenericRecord) each;
      long inserts = (Long) tally.get("inserts"), retractions = (Long) tally.get("retractions");
      var changes = recordsOf(tally, inserts + retractions, where);
      findings.check(changes.stream().filter(change -> change.isRetraction).count() == retractions, where + " counts other retractions");
      for (Change change : changes) {
        findings.check(control.get("height").equals(change.height), where + " counts what is not of it: " + change);
      }
    }
  }

  /** Offsets by "topic/partition" that belong to a replay. */
  static Map<String, Set<Long>> replayed(Schemas schemas, Collection<ConsumerRecord<byte[], byte[]>> records) throws Exception {
    var places = new HashMap<String, Set<Long>>();
    for (var record : records) {
      GenericRecord control = schemas.record(record.value());
      if (!control.get("kind").toString().equals("replay")) continue;
      for (Object each : (Collection<?>) ((GenericRecord) control.get("block")).get("tallies")) {
        var tally = (GenericRecord) each;
        var offsets = places.computeIfAbsent(tally.get("topic") + "/" + tally.get("partition"), place -> new HashSet<>());
        long first = (Long) tally.get("first_offset");
        long count = (Long) tally.get("inserts") + (Long) tally.get("retractions");
        for (long offset = first; offset < first + count; offset++) offsets.add(offset);
      }
    }
    return places;
  }

  /** The records of a tally: as many as it says, in a row, from its first offset on. */
  List<Change> recordsOf(GenericRecord tally, long count, String where) {
    String place = tally.get("topic") + "/" + tally.get("partition");
    var changes = changelogs.byPlace.getOrDefault(place, new TreeMap<>());
    var found = new ArrayList<Change>();
    long first = (Long) tally.get("first_offset");
    for (long offset = first; offset < first + count; offset++) {
      Change change = changes.get(offset);
      if (!findings.check(change != null, where + " counts " + place + "@" + offset + ", where there is no record")) continue;
      findings.check(answeredFor.add(change), where + " counts again " + change);
      found.add(change);
    }
    return found;
  }
}
