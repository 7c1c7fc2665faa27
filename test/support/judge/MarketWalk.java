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
  /** Stretches that are missing, from and to, by dataset and market; an open one has no end. */
  final Map<String, List<long[]>> missing = new TreeMap<>();
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
      missing.clear();
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
        if (!isState) missing.computeIfAbsent(name, ignored -> new ArrayList<>()).add(stretchOf(market));
        gaps.add(name + " from " + market.get("from_time") + ": " + market.get("reason"));
      }
      default -> {
        findings.check(state.equals("closed"), "an unknown state: " + state);
        long[] closed = stretchOf(market);
        missing.computeIfAbsent(name, ignored -> new ArrayList<>()).removeIf(gap ->
            gap[1] == Long.MAX_VALUE || (gap[0] >= closed[0] && gap[1] <= closed[1]));
        gaps.add(name + " closed with " + market.get("rows") + ": " + market.get("reason"));
      }
    }
  }

  static long[] stretchOf(GenericRecord market) {
    return new long[] {
      market.get("from_time") instanceof Long from ? from : 0,
      market.get("to_time") instanceof Long to ? to : Long.MAX_VALUE,
    };
  }

  int openGaps() {
    return missing.values().stream().mapToInt(List::size).sum();
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
