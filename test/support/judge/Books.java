// Books as a reader of one topic rebuilds them, who has nothing but its records.
import java.io.BufferedWriter;
import java.util.*;
import org.apache.avro.generic.GenericRecord;

class Books {
  final Findings findings;
  /** By topic and symbol. */
  final Map<String, Book> books = new TreeMap<>();
  /** Each book that was to be trusted, by dataset, then by market, epoch and moment. */
  final Map<String, Map<String, Map<String, Object>>> trusted = new TreeMap<>();
  /** Best levels by market, epoch and checksum. */
  final Map<String, String> best = new HashMap<>();
  final List<Change> topRows = new ArrayList<>();
  long compared, tops;

  Books(Findings findings) {
    this.findings = findings;
  }

  static boolean isBook(String topic) {
    return topic.contains(".book_");
  }

  static String kind(Change change) {
    return change.columns.get("change").toString();
  }

  static String dataset(String topic) {
    return topic.substring(topic.lastIndexOf('.') + 1);
  }

  /** The changes of one partition in offset order. */
  void take(String topic, List<Change> changes) {
    for (var change : changes) {
      GenericRecord row = change.columns;
      String symbol = row.get("symbol").toString();
      var book = books.computeIfAbsent(dataset(topic) + " " + symbol, ignored -> new Book(findings));
      findings.check(!change.isRetraction, "a book is taken back: " + change);
      if (change.isRetraction || !book.follows(change)) continue;
      if (topic.endsWith(".book_tops")) {
        if (book.isTrusted) topRows.add(change);
        continue;
      }
      book.apply(change);
      if (!book.isTrusted) continue;
      String market = symbol + " " + book.epoch + " ";
      String moment = market + row.get("event_time") + " " + row.get("block_number");
      trusted.computeIfAbsent(dataset(topic), ignored -> new LinkedHashMap<>()).put(moment, book.shown(row));
      best.put(market + row.get("checksum"), book.best());
    }
  }

  /** What the topics say of the same book of the same moment is the same. */
  void compare() {
    var snapshots = trusted.getOrDefault("book_snapshots", Map.of());
    trusted.getOrDefault("book_deltas", Map.of()).forEach((moment, book) -> {
      var other = snapshots.get(moment);
      if (other == null) return;
      compared++;
      findings.check(other.equals(book), "book_deltas make another book than book_snapshots: " + moment);
    });
    for (var change : topRows) {
      tops++;
      GenericRecord row = change.columns;
      String known = best.get(row.get("symbol") + " " + row.get("epoch") + " " + row.get("checksum"));
      String told = level(row, "bid") + "|" + level(row, "ask");
      findings.check(told.equals(known), "the best levels are " + known + ": " + told + " " + change);
    }
  }

  static String level(GenericRecord row, String side) {
    Object price = row.get(side + "_price");
    return price == null ? "" : price + ":" + row.get(side + "_quantity") + ":" + row.get(side + "_orders");
  }

  /** By dataset and market, how many epochs could be trusted. */
  Map<String, Integer> epochs() {
    var counts = new TreeMap<String, Integer>();
    books.forEach((name, book) -> counts.put(name, book.safe.size()));
    return counts;
  }

  void write(BufferedWriter out) throws Exception {
    for (var each : trusted.entrySet()) {
      for (var book : each.getValue().values()) {
        out.write(Judge.json.writeValueAsString(Map.of("book", each.getKey(), "row", book)));
        out.newLine();
      }
    }
  }
}
