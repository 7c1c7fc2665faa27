// Takes changelog records apart and checks what one record can tell.
import java.nio.ByteBuffer;
import java.util.*;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;

class ChangeReader {
  final Schemas schemas;
  final Findings findings;
  final Map<Schema, Layout> layouts = new HashMap<>();

  ChangeReader(Schemas schemas, Findings findings) {
    this.schemas = schemas;
    this.findings = findings;
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
    // Rows of market data are of no block.
    if (change.columns.getSchema().getField("block_hash") != null) {
      change.blockHash = change.columns.get("block_hash").toString();
      change.height = (Long) change.columns.get("height");
    }
    findings.check(op.equals("c") || op.equals("r") || op.equals("d"), "op is " + op + ": " + change);
    findings.check(tail.get("sign").equals(change.isRetraction ? -1 : 1), "sign is " + tail.get("sign") + ": " + change);
    findings.check((change.reorgId != null) == change.isRetraction, "reorg is " + change.reorgId + ": " + change);
    findings.check(!layout.isDebezium || hasBefore == change.isRetraction, "row on the wrong side: " + change);
    checkKey(change);
  }

  /** Every field of the key but the dataset is a column of the row. */
  void checkKey(Change change) throws Exception {
    GenericRecord key = schemas.record(change.key);
    for (Schema.Field field : key.getSchema().getFields()) {
      if (field.name().equals("dataset")) continue;
      Object expected = change.columns.get(field.name());
      findings.check(Objects.equals(Judge.text(key.get(field.pos())), Judge.text(expected)), "key differs from row: " + change);
    }
  }
}
