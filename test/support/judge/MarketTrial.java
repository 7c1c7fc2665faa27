// One judgement over the topics of one venue: rows, corrections, books and what the control topic says.
import java.io.BufferedWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.*;
import org.apache.avro.generic.GenericRecord;

class MarketTrial extends Trial {
  final boolean isExact;
  final String how;
  final Books books = new Books(findings);
  final MarketWalk walk;
  /** Of books and states, where a later row takes the place of an earlier one without a word. */
  final Changelogs others;
  final Map<String, Integer> rowsByDataset = new TreeMap<>();
  private final Set<String> finals = new HashSet<>();

  MarketTrial(Log committed, Log uncommitted, Schemas schemas, boolean isExact, String how) {
    super(committed, uncommitted, schemas, isExact, "");
    this.isExact = isExact;
    this.how = how;
    walk = new MarketWalk(findings, books, isExact);
    others = new Changelogs(findings, false);
  }

  Object judge(String prefix, String venue, Path rowsFile) throws Exception {
    String own = prefix + "." + venue + ".";
    var topics = new TreeSet<String>();
    for (String topic : committed.consumer.listTopics().keySet()) if (topic.startsWith(own)) topics.add(topic);
    assertDecided(topics);
    for (String topic : topics) if (!topic.endsWith(".control")) take(topic, topic.substring(own.length()));
    findings.check(!isExact || others.repeats == 0, "rows were published twice: " + others.repeats);
    changelogs.compareWithLatestPerKey();
    books.compare();
    for (var record : control(own + "control")) walk.take(record);
    walk.finish();
    try (BufferedWriter out = Files.newBufferedWriter(rowsFile)) {
      for (var change : changelogs.live.values()) writeRow(out, change);
      for (var change : others.live.values()) if (!Books.isBook(change.topic)) writeRow(out, change);
      books.write(out);
    }
    return verdictOf(letters(prefix + ".dead-letters", venue));
  }

  /** Which rows are corrected by a retraction, the datasets' documentation says. */
  void take(String topic, String dataset) throws Exception {
    boolean isBook = Books.isBook(topic);
    boolean isKept = !isBook && !List.of("market_contexts", "tickers").contains(dataset);
    for (var each : readAll(topic).entrySet()) {
      var changes = new ArrayList<Change>();
      for (var record : each.getValue()) {
        var change = reader.takeApart(record);
        change.isPutRight = true;
        changes.add(change);
        if (dataset.equals("trades")) assertStaysFinal(change);
        if (!change.isRetraction) continue;
        String reorg = change.eventId + "/correction/" + (change.incarnation + 1);
        findings.check(reorg.equals(change.reorgId), "the reorg is not " + reorg + ": " + change.reorgId);
      }
      spoil(dataset, changes);
      rowsByDataset.merge(dataset, changes.size(), Integer::sum);
      (isKept ? changelogs : others).take(topic + "/" + each.getKey().partition(), changes);
      if (isBook) books.take(topic, changes);
    }
  }

  /** What the venue called final is not preliminary again. */
  private void assertStaysFinal(Change change) {
    if (change.isRetraction) return;
    String finality = String.valueOf(change.columns.get("finality"));
    if (finality.equals("final")) finals.add(change.eventId);
    else findings.check(!finals.contains(change.eventId), "a final trade is preliminary again: " + change.eventId);
  }

  /** Each way of tampering must be found out. */
  void spoil(String dataset, List<Change> changes) {
    for (int at = 1; at < changes.size(); at++) {
      var change = changes.get(at);
      boolean isHere =
          switch (how) {
            case "lose-delta" -> dataset.equals("book_deltas") && Books.kind(change).equals("delta") && isFollowed(changes, at);
            case "lose-unsafe" -> dataset.equals("book_deltas") && Books.kind(change).equals("unsafe");
            case "lose-retraction" -> dataset.equals("trades") && change.isRetraction;
            case "other-checksum" -> dataset.equals("book_snapshots") && Books.kind(change).equals("snapshot") && at > changes.size() / 2;
            default -> false;
          };
      if (!isHere) continue;
      if (how.equals("other-checksum")) change.columns.put("checksum", (Long) change.columns.get("checksum") ^ 1);
      else changes.remove(at);
      return;
    }
  }

  /** The last delta of an epoch is missed by nobody: what follows it says that the book is unsafe. */
  private static boolean isFollowed(List<Change> changes, int at) {
    var change = changes.get(at);
    return changes.stream().skip(at + 1).anyMatch(later ->
      Books.kind(later).equals("delta")
        && later.columns.get("symbol").equals(change.columns.get("symbol"))
        && later.columns.get("epoch").equals(change.columns.get("epoch")));
  }

  List<GenericRecord> control(String topic) throws Exception {
    var found = new ArrayList<GenericRecord>();
    for (var records : readAll(topic).values()) for (var record : records) found.add(reader.schemas.record(record.value()));
    if (!how.equals("lose-safe")) return found;
    var last = found.stream().filter(each -> MarketWalk.stateOf(each).equals("safe")).reduce((one, two) -> two);
    found.remove(last.orElseThrow());
    return found;
  }

  List<String> letters(String topic, String venue) throws Exception {
    var codes = new ArrayList<String>();
    if (!committed.consumer.listTopics().containsKey(topic)) return codes;
    for (var records : readAll(topic).values()) {
      for (var record : records) {
        var letter = reader.schemas.record(record.value());
        if (letter.get("chain").toString().equals(venue)) codes.add(letter.get("code").toString());
      }
    }
    return codes;
  }

  Object verdictOf(List<String> letters) {
    var verdict = new LinkedHashMap<String, Object>();
    verdict.put("failures", findings.failures);
    verdict.put("rowsByDataset", rowsByDataset);
    verdict.put("retractions", changelogs.retractions);
    verdict.put("repeats", changelogs.repeats + others.repeats);
    verdict.put("incarnationMax", changelogs.incarnationMax);
    verdict.put("epochs", books.epochs());
    verdict.put("compared", books.compared);
    verdict.put("tops", books.tops);
    verdict.put("sessions", walk.sessions);
    verdict.put("unsafe", walk.reasons);
    verdict.put("gaps", walk.gaps);
    verdict.put("openGaps", walk.openGaps());
    verdict.put("letters", letters);
    return verdict;
  }
}
