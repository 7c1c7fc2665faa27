// What inserts and retractions amount to, and whether they came as promised.
import java.util.*;

class Changelogs {
  final Findings findings;
  final boolean isExact;
  final Map<String, Change> live = new LinkedHashMap<>();
  final Map<String, Change> inserted = new HashMap<>();
  final Set<String> retracted = new HashSet<>();
  final Map<String, Integer> incarnations = new HashMap<>();
  final Map<String, Change> liveByKey = new HashMap<>();
  /** By "topic/partition", then by offset. */
  final Map<String, TreeMap<Long, Change>> byPlace = new TreeMap<>();
  long inserts, retractions, repeats;
  int incarnationMax;

  Changelogs(Findings findings, boolean isExact) {
    this.findings = findings;
    this.isExact = isExact;
  }

  /** The changes of one partition in offset order. */
  void take(String place, List<Change> changes) {
    var byOffset = new TreeMap<Long, Change>();
    // Newest first means that a retraction always meets the newest live row of its partition.
    var stack = new ArrayDeque<Change>();
    for (Change change : changes) {
      byOffset.put(change.offset, change);
      if (change.isRetraction) retract(change, stack);
      else insert(change, stack);
    }
    if (!byOffset.isEmpty()) byPlace.put(place, byOffset);
  }

  void insert(Change change, ArrayDeque<Change> stack) {
    inserts++;
    incarnationMax = Math.max(incarnationMax, change.incarnation);
    Change first = inserted.putIfAbsent(change.id(), change);
    if (first != null) {
      repeats++;
      findings.check(!isExact, "inserted twice: " + change + " and " + first);
      findings.check(first.isSameRow(change), "repeated otherwise: " + change + " and " + first);
      if (!isExact) return;
    }
    String event = change.topic + " " + change.eventId;
    change.incarnationBefore = incarnations.getOrDefault(event, 0);
    // Whether it is the next one of its block is for the control topic to say.
    findings.check(change.incarnation > change.incarnationBefore || !isExact, "incarnation after " + change.incarnationBefore + ": " + change);
    incarnations.put(event, change.incarnation);
    live.put(change.id(), change);
    if (!isExact) return;
    Change rival = liveByKey.put(change.keyId(), change);
    findings.check(rival == null, "two live rows under one key: " + change + " and " + rival);
    if (change.isPutRight) return;
    Change top = stack.peek();
    findings.check(top == null || top.height <= change.height, "inserted below what is there: " + change + " after " + top);
    stack.push(change);
  }

  void retract(Change change, ArrayDeque<Change> stack) {
    retractions++;
    Change target = live.get(change.id());
    if (target == null || target.partition != change.partition) {
      Change known = inserted.get(change.id());
      if (!isExact && known != null && retracted.contains(change.id())) repeats++;
      else findings.check(false, "retracts what is not live on its partition: " + change + ", inserted: " + known);
      return;
    }
    live.remove(change.id());
    retracted.add(change.id());
    findings.check(target.isSameRow(change), "retracted otherwise than inserted: " + change + " and " + target);
    if (!isExact) return;
    liveByKey.remove(change.keyId());
    Change top = stack.peek();
    if (change.isPutRight || target.isPutRight) stack.remove(target);
    else if (findings.check(top == target, "not newest first: " + change + " while " + top + " is newer")) stack.pop();
    else stack.remove(target);
  }

  /** A table that keeps the latest record per key sees the same rows. */
  void compareWithLatestPerKey() {
    var latest = new HashMap<String, Change>();
    for (var place : byPlace.values()) for (var change : place.values()) latest.put(change.keyId(), change);
    var alive = new TreeSet<String>();
    for (var change : latest.values()) if (!change.isRetraction) alive.add(change.topic + " " + change.eventId);
    var expected = new TreeSet<String>();
    for (var change : live.values()) expected.add(change.topic + " " + change.eventId);
    for (String id : expected) findings.check(alive.contains(id), "its latest record by key is a retraction: " + id);
    for (String id : alive) findings.check(expected.contains(id), "its latest record by key is an insert: " + id);
  }

  /** By topic, how many partitions have records. */
  Map<String, Integer> partitionCounts() {
    var used = new TreeMap<String, Integer>();
    for (var place : byPlace.keySet()) used.merge(place.substring(0, place.lastIndexOf('/')), 1, Integer::sum);
    return used;
  }
}
