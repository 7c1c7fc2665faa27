// One market's book, rebuilt from the rows of one topic.
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import org.apache.avro.generic.GenericRecord;

class Book {
  static final int checksumLevels = 20;
  final Findings findings;
  final TreeMap<BigDecimal, Map<String, Object>> bids = new TreeMap<>(Comparator.reverseOrder());
  final TreeMap<BigDecimal, Map<String, Object>> asks = new TreeMap<>();
  /** Epochs that began with a snapshot, and those that were called unsafe, in their order. */
  final Set<Long> safe = new LinkedHashSet<>();
  final Set<Long> unsafe = new LinkedHashSet<>();
  long epoch = -1;
  long sequence = -1;
  boolean isTrusted;

  Book(Findings findings) {
    this.findings = findings;
  }

  /** False for a row that came before. Whether the book is to be trusted after it, is known then. */
  boolean follows(Change change) {
    long newEpoch = (Long) change.columns.get("epoch");
    long newSequence = (Long) change.columns.get("sequence");
    if (newEpoch == epoch && newSequence <= sequence) return false;
    findings.check(newEpoch >= epoch, "the epoch went back from " + epoch + ": " + change);
    boolean isNew = newEpoch != epoch;
    String kind = Books.kind(change);
    findings.check(newSequence == (isNew ? 0 : sequence + 1), "after " + epoch + "/" + sequence + " comes " + newEpoch + "/" + newSequence + ": " + change);
    findings.check(!isNew || !kind.equals("delta"), "an epoch begins with a delta: " + change);
    findings.check(isNew || !unsafe.contains(epoch), "something comes after unsafe in the same epoch: " + change);
    findings.check(!isNew || !isTrusted || kind.equals("unsafe"), "an epoch begins and nobody said that the one before is over: " + change);
    epoch = newEpoch;
    sequence = newSequence;
    isTrusted = !kind.equals("unsafe");
    (isTrusted ? safe : unsafe).add(epoch);
    if (!isTrusted) findings.check((Long) change.columns.get("checksum") == 0 && change.columns.get("reason") != null, "unsafe with a checksum or without a reason: " + change);
    return true;
  }

  void apply(Change change) {
    GenericRecord row = change.columns;
    if (!Books.kind(change).equals("delta")) {
      bids.clear();
      asks.clear();
    }
    set(bids, (Collection<?>) row.get("bids"), change);
    set(asks, (Collection<?>) row.get("asks"), change);
    if (!isTrusted) {
      findings.check(bids.isEmpty() && asks.isEmpty(), "unsafe with levels: " + change);
      return;
    }
    boolean isCrossed = !bids.isEmpty() && !asks.isEmpty() && bids.firstKey().compareTo(asks.firstKey()) >= 0;
    findings.check(!isCrossed, "a crossed book: " + change);
    var crc = new CRC32();
    crc.update((text(bids) + "|" + text(asks)).getBytes(StandardCharsets.US_ASCII));
    findings.check(row.get("checksum").equals(crc.getValue()), "the checksum is " + crc.getValue() + ", not " + row.get("checksum") + ": " + change);
  }

  void set(TreeMap<BigDecimal, Map<String, Object>> side, Collection<?> levels, Change change) {
    boolean isDelta = Books.kind(change).equals("delta");
    for (Object each : levels) {
      var level = (GenericRecord) each;
      var price = new BigDecimal(level.get("price").toString());
      if (new BigDecimal(level.get("quantity").toString()).signum() != 0) {
        side.put(price, Map.of("price", level.get("price").toString(), "quantity", level.get("quantity").toString(), "orders", level.get("orders")));
      } else {
        findings.check(isDelta && side.remove(price) != null, "takes away a price that is not there: " + change);
      }
    }
  }

  static String text(TreeMap<BigDecimal, Map<String, Object>> side) {
    return side.values().stream().limit(checksumLevels).map(level -> level.get("price") + ":" + level.get("quantity")).collect(Collectors.joining(","));
  }

  String best() {
    return first(bids) + "|" + first(asks);
  }

  static String first(TreeMap<BigDecimal, Map<String, Object>> side) {
    if (side.isEmpty()) return "";
    var level = side.firstEntry().getValue();
    return level.get("price") + ":" + level.get("quantity") + ":" + level.get("orders");
  }

  Map<String, Object> shown(GenericRecord row) {
    var shown = new LinkedHashMap<String, Object>();
    shown.put("symbol", row.get("symbol").toString());
    shown.put("epoch", epoch);
    shown.put("timeMs", row.get("event_time"));
    shown.put("blockNumber", row.get("block_number"));
    shown.put("bids", new ArrayList<>(bids.values()));
    shown.put("asks", new ArrayList<>(asks.values()));
    return shown;
  }
}
