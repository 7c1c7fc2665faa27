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
  /** By block hash, that of its newest rows; fallen blocks too. */
  final Map<String, Integer> incarnations = new HashMap<>();
  long reorgs, sessions, revisions, replays;
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
    else if (kind.equals("revision")) takeRevision(control, where);
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
    checkIncarnation(control, where);
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

  /** Rows of a block that is not final were put right: taken back newest first, then inserted. */
  void takeRevision(GenericRecord control, String where) {
    revisions++;
    if (!changelogs.isExact) return;
    var block = (GenericRecord) control.get("block");
    String hash = control.get("hash").toString();
    findings.check((Long) control.get("height") > finalized, where + ": of what was final");
    findings.check(tip.stream().anyMatch(each -> each.get("hash").toString().equals(hash)), where + ": of a block that is not on the chain");
    checkIncarnation(control, where);
    String id = control.get("chain") + "/revision/" + hash + "/" + block.get("incarnation");
    for (Object each : (Collection<?>) block.get("tallies")) {
      var tally = (GenericRecord) each;
      long inserts = (Long) tally.get("inserts"), retractions = (Long) tally.get("retractions");
      findings.check(inserts + retractions > 0, where + " counts nothing");
      var changes = recordsOf(tally, inserts + retractions, where);
      long newest = Long.MAX_VALUE;
      for (int at = 0; at < changes.size(); at++) {
        Change change = changes.get(at);
        findings.check(change.isRetraction == at < retractions && change.blockHash.equals(hash), where + " counts what is not of it: " + change);
        if (!change.isRetraction) {
          findings.check(block.get("incarnation").equals(change.incarnation), where + ": another incarnation: " + change);
          continue;
        }
        Change target = changelogs.inserted.get(change.id());
        findings.check(target != null && target.offset < newest, where + ": not newest first: " + change);
        if (target != null) newest = target.offset;
        findings.check(id.equals(change.reorgId), where + ": " + change.reorgId + " on " + change);
      }
    }
  }

  /** A block's rows count on from those that it had before, whether it fell since or was revised. */
  void checkIncarnation(GenericRecord control, String where) {
    var incarnation = (Integer) ((GenericRecord) control.get("block")).get("incarnation");
    Integer before = incarnations.put(control.get("hash").toString(), incarnation);
    findings.check(incarnation == (before == null ? 1 : before + 1), where + ": incarnation " + incarnation + " after " + before);
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
        findings.check(change.isRetraction || change.incarnation == change.incarnationBefore + 1, where + ": not the next incarnation: " + change);
      }
    }
  }

  /** Offsets by "topic/partition" that belong to a revision or a replay. */
  static Map<String, Set<Long>> putRight(Schemas schemas, Collection<ConsumerRecord<byte[], byte[]>> records) throws Exception {
    var places = new HashMap<String, Set<Long>>();
    for (var record : records) {
      GenericRecord control = schemas.record(record.value());
      String kind = control.get("kind").toString();
      if (!kind.equals("replay") && !kind.equals("revision")) continue;
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
