// An independent reader of what ommer published: kafka-clients with read_committed, Avro by the
// registry's schemas, and none of ommer's own code. Answers one command per line of standard input:
//   head CONTROL_TOPIC          -> the newest published block that the control topic tells of, or null
//   judge PREFIX MODE FILE      -> a verdict; FILE gets every row that is true at the end, a line each
//   judge PREFIX MODE FILE HOW  -> the same of records tampered with: each way must be found out
// Run: java -cp 'DIRECTORY_OF_JARS/*' Judge.java BROKERS REGISTRY_URL
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.InputStreamReader;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.*;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

public class Judge {
  static final ObjectMapper json = new ObjectMapper();
  static final int failuresMax = 20;

  public static void main(String[] args) throws Exception {
    Log committed = new Log(args[0], "read_committed");
    Log uncommitted = new Log(args[0], "read_uncommitted");
    Map<String, ControlTail> tails = new HashMap<>();
    var input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      String[] words = line.split(" ");
      Object answer;
      try {
        if (words[0].equals("head")) {
          answer = tails.computeIfAbsent(words[1], topic -> new ControlTail(topic, args[1])).head(committed);
        } else {
          // Asked anew: what the registry knew before it lost its data proves nothing.
          Schemas schemas = new Schemas(args[1]);
          Trial trial = new Trial(committed, uncommitted, schemas, words[2].equals("exactly_once"));
          trial.tampering = words.length > 4 ? words[4] : "";
          answer = trial.judge(words[1], Path.of(words[3]));
        }
      } catch (Exception error) {
        answer = Map.of("error", String.valueOf(error));
      }
      System.out.println(json.writeValueAsString(answer));
    }
  }

  /** One consumer without a group; reads what lies between two sets of offsets. */
  static class Log {
    final KafkaConsumer<byte[], byte[]> consumer;

    Log(String brokers, String isolation) {
      var settings = new Properties();
      settings.put("bootstrap.servers", brokers);
      settings.put("isolation.level", isolation);
      settings.put("enable.auto.commit", "false");
      settings.put("auto.offset.reset", "none");
      settings.put("metadata.max.age.ms", "1000");
      settings.put("default.api.timeout.ms", "30000");
      settings.put("request.timeout.ms", "5000");
      settings.put("fetch.max.wait.ms", "100");
      settings.put("check.crcs", "true");
      consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    List<TopicPartition> partitions(String topic) {
      var all = new ArrayList<TopicPartition>();
      for (var info : consumer.partitionsFor(topic)) all.add(new TopicPartition(topic, info.partition()));
      all.sort(Comparator.comparingInt(TopicPartition::partition));
      return all;
    }

    /** From these offsets to the end at the time of the call; per partition in offset order. */
    Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> read(Map<TopicPartition, Long> from) {
      var found = new HashMap<TopicPartition, List<ConsumerRecord<byte[], byte[]>>>();
      for (var partition : from.keySet()) found.put(partition, new ArrayList<>());
      consumer.assign(from.keySet());
      from.forEach(consumer::seek);
      Map<TopicPartition, Long> ends = consumer.endOffsets(from.keySet());
      long giveUpAt = System.nanoTime() + 60_000_000_000L;
      while (from.keySet().stream().anyMatch(each -> consumer.position(each) < ends.get(each))) {
        if (System.nanoTime() > giveUpAt) throw new IllegalStateException("the end was not reached in 60 s");
        for (var record : consumer.poll(Duration.ofMillis(200))) {
          var at = new TopicPartition(record.topic(), record.partition());
          if (record.offset() < ends.get(at)) found.get(at).add(record);
        }
      }
      return found;
    }
  }

  /** Schemas by the id in front of a value, from the registry. */
  static class Schemas {
    final String url;
    final HttpClient http = HttpClient.newHttpClient();
    final Map<Integer, Schema> known = new HashMap<>();

    Schemas(String url) {
      this.url = url;
    }

    Schema of(byte[] bytes) throws Exception {
      if (bytes == null || bytes.length < 5 || bytes[0] != 0) throw new IllegalStateException("no Confluent header");
      int id = ByteBuffer.wrap(bytes, 1, 4).getInt();
      if (known.containsKey(id)) return known.get(id);
      var request = HttpRequest.newBuilder(URI.create(url + "/schemas/ids/" + id)).build();
      var response = http.send(request, HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() != 200) throw new IllegalStateException("registry does not know schema " + id);
      Schema schema = new Schema.Parser().parse(json.readTree(response.body()).get("schema").asText());
      known.put(id, schema);
      return schema;
    }

    GenericRecord record(byte[] bytes) throws Exception {
      BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(bytes, 5, bytes.length - 5, null);
      var value = new GenericDatumReader<GenericRecord>(of(bytes)).read(null, decoder);
      if (!decoder.isEnd()) throw new IllegalStateException("bytes are left over");
      return value;
    }
  }

  /** Follows a control topic from call to call. */
  static class ControlTail {
    final TopicPartition at;
    long next = 0;
    final ArrayList<Map<String, Object>> chain = new ArrayList<>();

    final Schemas schemas;

    ControlTail(String topic, String registryUrl) {
      at = new TopicPartition(topic, 0);
      schemas = new Schemas(registryUrl);
    }

    Object head(Log log) throws Exception {
      for (var record : log.read(Map.of(at, next)).get(at)) {
        next = record.offset() + 1;
        GenericRecord control = schemas.record(record.value());
        String kind = control.get("kind").toString();
        if (kind.equals("block")) {
          chain.add(Map.of("height", control.get("height"), "hash", control.get("hash").toString()));
        } else if (kind.equals("reorg")) {
          var reverted = (Collection<?>) ((GenericRecord) control.get("reorg")).get("reverted");
          for (int left = reverted.size(); left > 0 && !chain.isEmpty(); left--) chain.remove(chain.size() - 1);
        }
      }
      return chain.isEmpty() ? null : chain.get(chain.size() - 1);
    }
  }

  /** A changelog record, taken apart. */
  static class Change {
    String topic;
    int partition;
    long offset;
    long timestamp;
    byte[] key;
    byte[] row;
    int schemaId;
    boolean isRetraction;
    String eventId;
    int incarnation;
    String reorgId;
    String blockHash;
    long height;
    GenericRecord columns;

    String id() {
      return topic + " " + eventId + "#" + incarnation;
    }

    String keyId() {
      return topic + " " + Base64.getEncoder().encodeToString(key);
    }

    @Override
    public String toString() {
      return (isRetraction ? "-" : "+") + id() + " at " + topic + "/" + partition + "@" + offset;
    }
  }

  /** Row and tail of either envelope, by the writer's schema. */
  static class Layout {
    final boolean isDebezium;
    final Schema row;
    final Schema tail;

    Layout(Schema schema) {
      var fields = schema.getFields();
      isDebezium = fields.get(0).name().equals("before");
      int split = 0;
      while (!isDebezium && !fields.get(split).name().equals("op")) split++;
      row = isDebezium ? fields.get(0).schema().getTypes().get(1) : part("RowPart", fields.subList(0, split));
      tail = part("TailPart", fields.subList(isDebezium ? 2 : split, fields.size()));
    }

    static Schema part(String name, List<Schema.Field> fields) {
      var copies = new ArrayList<Schema.Field>();
      for (var field : fields) copies.add(new Schema.Field(field, field.schema()));
      return Schema.createRecord(name, null, "judge", false, copies);
    }
  }

  /** One judgement over all topics of a prefix. */
  static class Trial {
    final Log committed;
    final Log uncommitted;
    final Schemas schemas;
    final boolean isExact;
    final List<String> failures = new ArrayList<>();
    final Map<Schema, Layout> layouts = new HashMap<>();
    final Map<String, Change> live = new LinkedHashMap<>();
    final Map<String, Change> inserted = new HashMap<>();
    final Set<String> retracted = new HashSet<>();
    final Map<String, Integer> incarnations = new HashMap<>();
    final Map<String, Change> liveByKey = new HashMap<>();
    final Map<String, TreeMap<Long, Change>> byPlace = new HashMap<>();
    final Set<Change> answeredFor = new HashSet<>();
    long inserts, retractions, repeats, reorgs, sessions;
    int incarnationMax;
    String tampering = "";

    Trial(Log committed, Log uncommitted, Schemas schemas, boolean isExact) {
      this.committed = committed;
      this.uncommitted = uncommitted;
      this.schemas = schemas;
      this.isExact = isExact;
    }

    Object judge(String prefix, Path rowsFile) throws Exception {
      var topics = new TreeSet<String>();
      for (String topic : committed.consumer.listTopics().keySet()) {
        if (topic.startsWith(prefix + ".")) topics.add(topic);
      }
      String control = topics.stream().filter(each -> each.endsWith(".control")).findFirst().orElseThrow();
      String letters = prefix + ".dead-letters";
      assertDecided(topics);
      for (String topic : topics) {
        if (topic.equals(control) || topic.equals(letters) || topic.equals(prefix + ".checkpoints")) continue;
        readChangelog(topic);
      }
      List<Object> chain = readControl(control);
      long deadLetters = readAll(letters).values().stream().mapToLong(List::size).sum();
      if (isExact) {
        for (var place : byPlace.values()) {
          for (var change : place.values()) check(answeredFor.contains(change), "no control record tells of " + change);
        }
      }
      compareWithLatestPerKey();
      writeRows(rowsFile);
      var verdict = new LinkedHashMap<String, Object>();
      verdict.put("failures", failures);
      verdict.put("inserts", inserts);
      verdict.put("retractions", retractions);
      verdict.put("repeats", repeats);
      verdict.put("reorgs", reorgs);
      verdict.put("sessions", sessions);
      verdict.put("incarnationMax", incarnationMax);
      verdict.put("deadLetters", deadLetters);
      verdict.put("partitions", partitionCounts());
      verdict.put("chain", chain);
      return verdict;
    }

    Map<String, Integer> partitionCounts() {
      var used = new TreeMap<String, Integer>();
      for (var place : byPlace.keySet()) used.merge(place.substring(0, place.lastIndexOf('/')), 1, Integer::sum);
      return used;
    }

    boolean check(boolean holds, String failure) {
      if (!holds && failures.size() < failuresMax) failures.add(failure);
      return holds;
    }

    /** An open transaction would hide what comes after it. */
    void assertDecided(Set<String> topics) {
      for (String topic : topics) {
        var partitions = committed.partitions(topic);
        Map<TopicPartition, Long> stable = committed.consumer.endOffsets(partitions);
        Map<TopicPartition, Long> high = uncommitted.consumer.endOffsets(partitions);
        for (var each : partitions) {
          check(stable.get(each).equals(high.get(each)), "a transaction is open on " + each + " from " + stable.get(each) + " of " + high.get(each));
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
      if (topic.endsWith(".logs")) tamper(partitions);
      for (var each : partitions.entrySet()) {
        var stack = new ArrayDeque<Change>();
        var place = new TreeMap<Long, Change>();
        for (var record : each.getValue()) {
          if (!check(record.value() != null, "a tombstone at " + each.getKey() + "@" + record.offset())) continue;
          Change change = takeApart(record);
          place.put(change.offset, change);
          if (change.isRetraction) retract(change, stack);
          else insert(change, stack);
        }
        if (!place.isEmpty()) byPlace.put(each.getKey().topic() + "/" + each.getKey().partition(), place);
      }
    }

    /** Spoils the first two retractions, or inserts, that lie next to each other on a partition. */
    void tamper(Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> partitions) throws Exception {
      boolean ofInserts = tampering.endsWith("insert");
      for (var records : partitions.values()) {
        for (int at = 0; at + 1 < records.size() && !tampering.isEmpty(); at++) {
          var one = records.get(at);
          var two = records.get(at + 1);
          if (takeApart(one).isRetraction == ofInserts || takeApart(two).isRetraction == ofInserts) continue;
          spoil(partitions, records, at);
          return;
        }
      }
    }

    void spoil(
        Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> partitions,
        List<ConsumerRecord<byte[], byte[]>> records,
        int at) {
      var one = records.get(at);
      var two = records.get(at + 1);
      byte[] other = one.value().clone();
      other[new String(other, StandardCharsets.ISO_8859_1).indexOf("0x") + 2] ^= 1;
      if (tampering.startsWith("drop")) records.remove(at);
      if (tampering.startsWith("double")) records.add(copy(one, one.value(), records.get(records.size() - 1).offset() + 1, one.timestamp()));
      if (tampering.startsWith("alter")) records.set(at, copy(one, other, one.offset(), one.timestamp()));
      if (tampering.startsWith("shift")) records.set(at, copy(one, one.value(), one.offset(), one.timestamp() + 1));
      if (tampering.startsWith("swap")) {
        records.set(at, copy(two, two.value(), one.offset(), two.timestamp()));
        records.set(at + 1, copy(one, one.value(), two.offset(), one.timestamp()));
      }
      if (tampering.startsWith("move")) {
        int to = (one.partition() + 1) % partitions.size();
        var target = partitions.get(new TopicPartition(one.topic(), to));
        records.remove(at);
        target.add(new ConsumerRecord<>(one.topic(), to, 1_000_000, one.timestamp(), one.timestampType(), 0, 0, one.key(), one.value(), one.headers(), Optional.empty()));
      }
    }

    ConsumerRecord<byte[], byte[]> copy(ConsumerRecord<byte[], byte[]> of, byte[] value, long offset, long timestamp) {
      return new ConsumerRecord<>(of.topic(), of.partition(), offset, timestamp, of.timestampType(), 0, 0, of.key(), value, of.headers(), Optional.empty());
    }

    Change takeApart(ConsumerRecord<byte[], byte[]> record) throws Exception {
      byte[] value = record.value();
      Schema schema = schemas.of(value);
      Layout layout = layouts.computeIfAbsent(schema, Layout::new);
      BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(value, 5, value.length - 5, null);
      var change = new Change();
      change.topic = record.topic();
      change.partition = record.partition();
      change.offset = record.offset();
      change.timestamp = record.timestamp();
      change.key = record.key();
      change.schemaId = ByteBuffer.wrap(value, 1, 4).getInt();
      boolean hasBefore = layout.isDebezium && decoder.readIndex() == 1;
      if (layout.isDebezium && !hasBefore && decoder.readIndex() != 1) throw new IllegalStateException("no row");
      int start = value.length - decoder.inputStream().available();
      change.columns = new GenericDatumReader<GenericRecord>(layout.row).read(null, decoder);
      change.row = Arrays.copyOfRange(value, start, value.length - decoder.inputStream().available());
      if (hasBefore && decoder.readIndex() != 0) throw new IllegalStateException("before and after");
      var tail = new GenericDatumReader<GenericRecord>(layout.tail).read(null, decoder);
      if (!decoder.isEnd()) throw new IllegalStateException("bytes are left over");
      readTail(change, tail, layout, hasBefore);
      return change;
    }

    void readTail(Change change, GenericRecord tail, Layout layout, boolean hasBefore) throws Exception {
      String op = tail.get("op").toString();
      change.isRetraction = op.equals("d");
      change.eventId = tail.get("event_id").toString();
      change.incarnation = (Integer) tail.get("incarnation");
      Object reorg = layout.isDebezium ? tail.get("reorg") : tail.get("reorg_id");
      if (reorg instanceof GenericRecord) reorg = ((GenericRecord) reorg).get("id");
      change.reorgId = reorg == null ? null : reorg.toString();
      change.blockHash = change.columns.get("block_hash").toString();
      change.height = (Long) change.columns.get("height");
      check(op.equals("c") || op.equals("r") || op.equals("d"), "op is " + op + ": " + change);
      check(tail.get("sign").equals(change.isRetraction ? -1 : 1), "sign is " + tail.get("sign") + ": " + change);
      check((change.reorgId != null) == change.isRetraction, "reorg is " + change.reorgId + ": " + change);
      check(!layout.isDebezium || hasBefore == change.isRetraction, "row on the wrong side: " + change);
      checkKey(change);
    }

    /** Every field of the key but the dataset is a column of the row. */
    void checkKey(Change change) throws Exception {
      GenericRecord key = schemas.record(change.key);
      for (Schema.Field field : key.getSchema().getFields()) {
        if (field.name().equals("dataset")) continue;
        Object expected = change.columns.get(field.name());
        check(Objects.equals(text(key.get(field.pos())), text(expected)), "key differs from row: " + change);
      }
    }

    void insert(Change change, ArrayDeque<Change> stack) {
      inserts++;
      incarnationMax = Math.max(incarnationMax, change.incarnation);
      Change first = inserted.putIfAbsent(change.id(), change);
      if (first != null) {
        repeats++;
        check(!isExact, "inserted twice: " + change + " and " + first);
        check(isSameRow(first, change), "repeated otherwise: " + change + " and " + first);
        if (!isExact) return;
      }
      String event = change.topic + " " + change.eventId;
      int before = incarnations.getOrDefault(event, 0);
      check(change.incarnation == before + 1 || !isExact, "incarnation after " + before + ": " + change);
      incarnations.put(event, change.incarnation);
      live.put(change.id(), change);
      if (!isExact) return;
      Change rival = liveByKey.put(change.keyId(), change);
      check(rival == null, "two live rows under one key: " + change + " and " + rival);
      Change top = stack.peek();
      check(top == null || top.height <= change.height, "inserted below what is there: " + change + " after " + top);
      stack.push(change);
    }

    void retract(Change change, ArrayDeque<Change> stack) {
      retractions++;
      Change target = live.get(change.id());
      if (target == null || target.partition != change.partition) {
        Change known = inserted.get(change.id());
        if (!isExact && known != null && retracted.contains(change.id())) repeats++;
        else check(false, "retracts what is not live on its partition: " + change + ", inserted: " + known);
        return;
      }
      live.remove(change.id());
      retracted.add(change.id());
      check(isSameRow(target, change), "retracted otherwise than inserted: " + change + " and " + target);
      if (!isExact) return;
      liveByKey.remove(change.keyId());
      Change top = stack.peek();
      if (check(top == target, "not newest first: " + change + " while " + top + " is newer")) stack.pop();
      else stack.remove(target);
    }

    boolean isSameRow(Change a, Change b) {
      return a.partition == b.partition && a.schemaId == b.schemaId && a.timestamp == b.timestamp
          && Arrays.equals(a.row, b.row) && Arrays.equals(a.key, b.key);
    }

    /** A table that keeps the latest record per key sees the same rows. */
    void compareWithLatestPerKey() {
      var latest = new HashMap<String, Change>();
      for (var place : byPlace.values()) for (var change : place.values()) latest.put(change.keyId(), change);
      var alive = new TreeSet<String>();
      for (var change : latest.values()) if (!change.isRetraction) alive.add(change.topic + " " + change.eventId);
      var expected = new TreeSet<String>();
      for (var change : live.values()) expected.add(change.topic + " " + change.eventId);
      for (String id : expected) check(alive.contains(id), "its latest record by key is a retraction: " + id);
      for (String id : alive) check(expected.contains(id), "its latest record by key is an insert: " + id);
    }

    /** Walks the chain as the control topic tells it and counts the records it answers for. */
    List<Object> readControl(String topic) throws Exception {
      var chain = new ArrayList<Object>();
      var tip = new ArrayDeque<GenericRecord>();
      long finalized = -1;
      for (var records : readAll(topic).values()) {
        if (tampering.equals("forget-block")) records.remove(records.size() / 2);
        for (var record : records) {
          GenericRecord control = schemas.record(record.value());
          String kind = control.get("kind").toString();
          String where = kind + " at " + topic + "@" + record.offset();
          if (kind.equals("session")) sessions++;
          else if (kind.equals("finalized")) finalized = (Long) control.get("height");
          else if (kind.equals("block") && isExact) takeBlock(control, tip, where);
          else if (kind.equals("reorg")) takeReorg(control, tip, finalized, where);
        }
      }
      for (var each = tip.descendingIterator(); each.hasNext(); ) {
        GenericRecord block = each.next();
        chain.add(Map.of("height", block.get("height"), "hash", block.get("hash").toString()));
      }
      return chain;
    }

    void takeBlock(GenericRecord control, ArrayDeque<GenericRecord> tip, String where) {
      var block = (GenericRecord) control.get("block");
      String hash = control.get("hash").toString();
      if (!tip.isEmpty()) {
        check(text(block.get("parent_hash")).equals(text(tip.peek().get("hash"))), where + ": its parent is not the block before it");
        check((Long) control.get("height") == (Long) tip.peek().get("height") + 1, where + ": height jumps");
      }
      tip.push(control);
      for (Object each : (Collection<?>) block.get("tallies")) {
        var tally = (GenericRecord) each;
        check(tally.get("retractions").equals(0L), where + " counts retractions");
        for (Change change : recordsOf(tally, "inserts", where)) {
          check(!change.isRetraction && change.blockHash.equals(hash) && block.get("incarnation").equals(change.incarnation), where + " counts what is not of it: " + change);
        }
      }
    }

    void takeReorg(GenericRecord control, ArrayDeque<GenericRecord> tip, long finalized, String where) {
      reorgs++;
      if (!isExact) return;
      var reorg = (GenericRecord) control.get("reorg");
      var hashes = new HashSet<String>();
      check((Long) reorg.get("common_ancestor_height") >= finalized, where + ": below what was final");
      for (Object each : (Collection<?>) reorg.get("reverted")) {
        String hash = text(((GenericRecord) each).get("hash"));
        hashes.add(hash);
        if (!tip.isEmpty()) check(hash.equals(text(tip.pop().get("hash"))), where + ": reverts what is not the newest block");
      }
      check(hashes.size() == (Integer) reorg.get("depth"), where + ": depth is not the number of blocks");
      check(tip.isEmpty() || text(tip.peek().get("hash")).equals(text(reorg.get("common_ancestor_hash"))), where + ": another common ancestor");
      for (Object each : (Collection<?>) reorg.get("tallies")) {
        var tally = (GenericRecord) each;
        check(tally.get("inserts").equals(0L), where + " counts inserts");
        for (Change change : recordsOf(tally, "retractions", where)) {
          check(change.isRetraction && hashes.contains(change.blockHash) && text(reorg.get("id")).equals(change.reorgId), where + " counts what is not of it: " + change);
        }
      }
    }

    /** The records of a tally: as many as it says, in a row, from its first offset on. */
    List<Change> recordsOf(GenericRecord tally, String count, String where) {
      String place = tally.get("topic") + "/" + tally.get("partition");
      var changes = byPlace.getOrDefault(place, new TreeMap<>());
      var found = new ArrayList<Change>();
      long first = (Long) tally.get("first_offset");
      for (long offset = first; offset < first + (Long) tally.get(count); offset++) {
        Change change = changes.get(offset);
        if (!check(change != null, where + " counts " + place + "@" + offset + ", where there is no record")) continue;
        check(answeredFor.add(change), where + " counts again " + change);
        found.add(change);
      }
      return found;
    }

    void writeRows(Path file) throws Exception {
      try (BufferedWriter out = Files.newBufferedWriter(file)) {
        for (var change : live.values()) {
          var row = new LinkedHashMap<String, Object>();
          for (Schema.Field field : change.columns.getSchema().getFields()) row.put(field.name(), plain(change.columns.get(field.pos())));
          var line = new LinkedHashMap<String, Object>();
          line.put("topic", change.topic);
          line.put("partition", change.partition);
          line.put("incarnation", change.incarnation);
          line.put("row", row);
          out.write(json.writeValueAsString(line));
          out.newLine();
        }
      }
    }
  }

  static String text(Object value) {
    return value == null ? null : value.toString();
  }

  /** Decimals as the text of their unscaled number. */
  static Object plain(Object value) {
    if (value instanceof ByteBuffer) {
      byte[] bytes = new byte[((ByteBuffer) value).remaining()];
      ((ByteBuffer) value).duplicate().get(bytes);
      return new BigInteger(bytes).toString();
    }
    return value instanceof CharSequence ? value.toString() : value;
  }
}
