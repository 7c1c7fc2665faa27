/**
 * The fixed part of the Kafka Streams program: settings, decoder, and what is done with each kind of
 * topic. Java as text, for `java File.java`; `kafka-streams.ts` puts the topics into it.
 */

/** Everything before the list of topics. */
export const javaHead = `import java.math.BigDecimal;
import java.net.URI;
import java.net.http.*;
import java.nio.ByteBuffer;
import java.time.*;
import java.util.*;
import java.util.concurrent.*;
import org.apache.avro.Schema;
import org.apache.avro.generic.*;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.common.serialization.*;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.*;
import org.apache.kafka.streams.kstream.*;

/** Totals of ommer's topics, right through every reorg; prints each one that changes. */
public class OmmerTopology {
  public static void main(String[] args) throws Exception {
    var settings = new Properties();
    settings.put("application.id", environment("APPLICATION_ID", "ommer-topology"));
    settings.put("bootstrap.servers", environment("KAFKA_BROKERS", null));
    // Reads committed records only, which is not the default: aborted transactions would be counted.
    settings.put("processing.guarantee", "exactly_once_v2");
    settings.put("auto.offset.reset", "earliest");
    // Record times are block times and Kafka deletes by record time: windows of old blocks must stay.
    settings.put("windowstore.changelog.additional.retention.ms", "315360000000");
    // Everything in memory and restored from Kafka. Take this out, and RocksDB in, for more than fits there.
    settings.put("dsl.store.suppliers.class",
        "org.apache.kafka.streams.state.BuiltInDslStoreSuppliers$InMemoryDslStoreSuppliers");
`;

/** After the settings of security, before the list of topics. */
export const javaMain = `    var streams = new KafkaStreams(topology(), settings);
    var closed = new CountDownLatch(1);
    var failures = new ConcurrentLinkedQueue<Throwable>();
    streams.setUncaughtExceptionHandler(error -> {
      failures.add(error); // a record that cannot be read is not stepped over
      closed.countDown();
      return org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler
          .StreamThreadExceptionResponse.SHUTDOWN_APPLICATION;
    });
    Runtime.getRuntime().addShutdownHook(new Thread(closed::countDown));
    streams.start();
    closed.await();
    streams.close(Duration.ofSeconds(10));
    failures.forEach(Throwable::printStackTrace);
    if (!failures.isEmpty()) Runtime.getRuntime().halt(1);
  }

  /** A topic, and what its totals are grouped by: the first of these columns that is not null. */
  record Source(String topic, String name, List<String> groupColumns, String amountColumn) {
    String group(GenericRecord row) {
      for (String column : groupColumns) if (row.get(column) != null) return row.get(column).toString();
      throw new IllegalStateException(topic + ": a row without " + groupColumns);
    }

    /** From the decimal string, which holds all of a uint256; null where the dataset has no amount. */
    BigDecimal amount(GenericRecord row) {
      Object text = amountColumn == null ? null : row.get(amountColumn);
      return text == null ? null : new BigDecimal(text.toString());
    }
  }
`;

/** After the list of topics. */
export const javaTail = String.raw`
  /** The latest record of a key says whether its row is true: right under reorgs, and under repeats. */
  static void changelog(StreamsBuilder builder, Source source) {
    KTable<Bytes, byte[]> live = changes(builder, source)
        .mapValues(change -> text(Avro.read(change), "op").equals("d") ? null : change)
        .toTable(Materialized.with(Serdes.Bytes(), Serdes.ByteArray()));
    totals(source, live);
  }

  /** Sums of signs, also per minute of record time: for topics on which every record stands once. */
  static void signs(StreamsBuilder builder, Source source) {
    KGroupedStream<String, byte[]> groups = changes(builder, source)
        .groupBy((key, change) -> source.group(row(change)),
            Grouped.with(source.name + "-signs", Serdes.String(), Serdes.ByteArray()));
    Aggregator<String, byte[], Totals> add = (group, change, totals) ->
        totals.changed(source.amount(row(change)), (Integer) Avro.read(change).get("sign"));
    groups.aggregate(Totals::new, add, Materialized.with(Serdes.String(), Totals.serde))
        .toStream().foreach((group, totals) -> print(source.name + "_signs", group, totals));
    // Grace must exceed the depth of a reorg times the block time plus the longest outage: what is later is
    // dropped with a line in the log. Old blocks that come after new ones are late too.
    groups.windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofMinutes(1), Duration.ofHours(2)))
        .aggregate(Totals::new, add, Materialized.<String, Totals>as(
            org.apache.kafka.streams.state.Stores.inMemoryWindowStore(
                source.name + "-minutes", Duration.ofDays(7), Duration.ofMinutes(1), false))
            .withKeySerde(Serdes.String()).withValueSerde(Totals.serde))
        .toStream().foreach((window, totals) -> print(source.name + "_per_minute",
            window.key() + " " + window.window().startTime(), totals));
  }

  /** One row per primary key; a tombstone takes it away. */
  static void state(StreamsBuilder builder, Source source) {
    totals(source, builder.table(source.topic, Consumed.with(Serdes.Bytes(), Serdes.ByteArray())));
  }

  /** Rows that nothing takes back. */
  static void finals(StreamsBuilder builder, Source source) {
    changes(builder, source)
        .groupBy((key, row) -> source.group(row(row)),
            Grouped.with(source.name + "-rows", Serdes.String(), Serdes.ByteArray()))
        .aggregate(Totals::new, (group, row, totals) -> totals.changed(source.amount(row(row)), 1),
            Materialized.with(Serdes.String(), Totals.serde))
        .toStream().foreach((group, totals) -> print(source.name, group, totals));
  }

  /** A table takes an old row back by itself; MIN and MAX need an aggregate that can give back. */
  static void totals(Source source, KTable<Bytes, byte[]> rows) {
    rows.groupBy((key, value) -> KeyValue.pair(source.group(row(value)), value),
            Grouped.with(source.name + "-rows", Serdes.String(), Serdes.ByteArray()))
        .aggregate(Totals::new,
            (group, value, totals) -> totals.changed(source.amount(row(value)), 1),
            (group, value, totals) -> totals.changed(source.amount(row(value)), -1),
            Materialized.with(Serdes.String(), Totals.serde))
        .toStream().foreach((group, totals) -> print(source.name, group, totals));
  }

  /** Kept as bytes: key and row of a retraction are equal to those of its insert, byte for byte. */
  static KStream<Bytes, byte[]> changes(StreamsBuilder builder, Source source) {
    return streams.computeIfAbsent(source.topic,
        topic -> builder.stream(topic, Consumed.with(Serdes.Bytes(), Serdes.ByteArray()))
            .filter((key, value) -> value != null));
  }

  static final Map<String, KStream<Bytes, byte[]>> streams = new HashMap<>();

  /** The row in either envelope: never after alone, a retraction has its row in before. */
  static GenericRecord row(byte[] bytes) {
    GenericRecord value = Avro.read(bytes);
    if (value.getSchema().getField("before") == null) return value;
    return (GenericRecord) (value.get("after") == null ? value.get("before") : value.get("after"));
  }

  static String text(GenericRecord record, String column) {
    return record.get(column).toString();
  }

  static void print(String view, String group, Totals totals) {
    System.out.println(String.join("\t", view, group, totals.toString()));
  }

  static String environment(String name, String otherwise) {
    String value = System.getenv().getOrDefault(name, otherwise);
    if (value == null) throw new IllegalArgumentException("set the environment variable " + name);
    return value;
  }

  /** Count, sum, smallest and largest of rows that come and go. Every amount is state. */
  static class Totals {
    long count;
    BigDecimal sum = BigDecimal.ZERO;
    final TreeMap<BigDecimal, Integer> amounts = new TreeMap<>();

    Totals changed(BigDecimal amount, int sign) {
      var changed = new Totals();
      changed.count = count + sign;
      changed.sum = amount == null ? sum : sum.add(sign > 0 ? amount : amount.negate());
      changed.amounts.putAll(amounts);
      if (amount != null) changed.amounts.merge(amount, sign, (a, b) -> a + b == 0 ? null : a + b);
      return changed;
    }

    @Override public String toString() {
      String least = amounts.isEmpty() ? "" : amounts.firstKey().toPlainString();
      String most = amounts.isEmpty() ? "" : amounts.lastKey().toPlainString();
      return String.join("\t", Long.toString(count), sum.toPlainString(), least, most);
    }

    static final Serde<Totals> serde = Serdes.serdeFrom(
        (topic, totals) -> totals == null ? null
            : (totals.count + " " + totals.sum + " " + totals.amounts).getBytes(),
        (topic, bytes) -> bytes == null ? null : parse(new String(bytes)));

    static Totals parse(String text) {
      var totals = new Totals();
      String[] parts = text.split(" ", 3);
      totals.count = Long.parseLong(parts[0]);
      totals.sum = new BigDecimal(parts[1]);
      for (String entry : parts[2].substring(1, parts[2].length() - 1).split(", ")) {
        if (entry.isEmpty()) continue;
        String[] pair = entry.split("=");
        totals.amounts.put(new BigDecimal(pair[0]), Integer.parseInt(pair[1]));
      }
      return totals;
    }
  }

  /** Avro after a zero byte and the four bytes of a schema id. */
  static class Avro {
    static final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();
    static final HttpClient http = HttpClient.newHttpClient();

    static GenericRecord read(byte[] bytes) {
      try {
        if (bytes.length < 5 || bytes[0] != 0) throw new IllegalStateException("not written by ommer");
        Schema schema = schemas.computeIfAbsent(ByteBuffer.wrap(bytes, 1, 4).getInt(), Avro::fetch);
        var decoder = DecoderFactory.get().binaryDecoder(bytes, 5, bytes.length - 5, null);
        return new GenericDatumReader<GenericRecord>(schema).read(null, decoder);
      } catch (java.io.IOException error) {
        throw new java.io.UncheckedIOException(error);
      }
    }

    static Schema fetch(int id) {
      try {
        URI uri = URI.create(environment("REGISTRY_URL", null) + "/schemas/ids/" + id);
        var request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10));
        String user = System.getenv("REGISTRY_USERNAME");
        if (user != null) {
          String login = user + ":" + environment("REGISTRY_PASSWORD", null);
          String encoded = Base64.getEncoder().encodeToString(login.getBytes());
          request.header("Authorization", "Basic " + encoded);
        }
        var answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) throw new IllegalStateException(uri + ": " + answer.statusCode());
        var json = new com.fasterxml.jackson.databind.ObjectMapper().readTree(answer.body());
        return new Schema.Parser().parse(json.get("schema").asText());
      } catch (java.io.IOException | InterruptedException error) {
        throw new IllegalStateException("the registry does not answer", error);
      }
    }
  }
}
`;
