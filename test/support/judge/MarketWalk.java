// The control topic of a venue: whether it tells the same as the rows.
import java.util.*;
import org.apache.avro.generic.GenericRecord;

class MarketWalk {
  final Findings findings;
  final Books books;
  final boolean isExact;
  /** By dataset and market, the epochs in the order in which they were told. */
  final Map<String, Set<Long>> safe = new TreeMap<>();
  final Map<String, Set<Long>> unsafe = new TreeMap<>();
  final Map<String, Integer> reasons = new TreeMap<>();
  /** Stretches that are missing, by dataset, market, and where they begin. */
  final Map<String, Integer> open = new TreeMap<>();
  final List<String> gaps = new ArrayList<>();
  int sessions;

  MarketWalk(Findings findings, Books books, boolean isExact) {
    this.findings = findings;
    this.books = books;
    this.isExact = isExact;
  }

  static String stateOf(GenericRecord control) {
    return control.get("market") instanceof GenericRecord market ? market.get("state").toString() : "";
  }

  void take(GenericRecord control) {
    if (control.get("session") instanceof GenericRecord session) {
      if (session.get("state").toString().equals("opened")) sessions++;
      // Another session knows of no gap of the one before: it opens its own.
      open.clear();
    }
    if (!(control.get("market") instanceof GenericRecord market)) return;
    String name = market.get("dataset") + " " + market.get("symbol");
    String state = stateOf(control);
    switch (state) {
      case "safe" -> safe.computeIfAbsent(name, ignored -> new LinkedHashSet<>()).add((Long) market.get("epoch"));
      case "unsafe" -> {
        unsafe.computeIfAbsent(name, ignored -> new LinkedHashSet<>()).add((Long) market.get("epoch"));
        reasons.merge(market.get("reason").toString(), 1, Integer::sum);
      }
      case "gap" -> {
        // Of what only tells a state, nothing is fetched: the newest counts.
        boolean isState = market.get("reason").toString().equals("not_backfilled");
        if (!isState) open.merge(name + " " + market.get("from_time"), 1, Integer::sum);
        gaps.add(name + " from " + market.get("from_time") + ": " + market.get("reason"));
      }
      default -> {
        findings.check(state.equals("closed"), "an unknown state: " + state);
        open.computeIfPresent(name + " " + market.get("from_time"), (ignored, count) -> count == 1 ? null : count - 1);
        gaps.add(name + " closed with " + market.get("rows") + ": " + market.get("reason"));
      }
    }
  }

  /** Low latency has no transaction: a killed process may have told one of the two only. */
  void finish() {
    books.books.forEach((name, book) -> {
      compare("safe", name, book.safe, safe.getOrDefault(name, Set.of()));
      compare("unsafe", name, book.unsafe, unsafe.getOrDefault(name, Set.of()));
    });
  }

  void compare(String what, String name, Set<Long> rows, Set<Long> told) {
    var all = new TreeSet<Long>(rows);
    all.addAll(told);
    all.removeIf(epoch -> rows.contains(epoch) && told.contains(epoch));
    findings.check(all.size() <= (isExact ? 0 : 1), what + " epochs of " + name + " are told by the rows or by the control topic alone: " + all);
  }
}
