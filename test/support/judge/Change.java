// One record of a changelog.
import java.util.Arrays;
import java.util.Base64;
import org.apache.avro.generic.GenericRecord;

/** A changelog record, taken apart. */
class Change {
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
  /** Put right after its block was published, so not in the order of the chain. */
  boolean isPutRight;
  /** Of an insert: the incarnation of the same event before it; 0 for none. */
  int incarnationBefore;
  GenericRecord columns;

  boolean isSameRow(Change other) {
    return partition == other.partition && schemaId == other.schemaId && timestamp == other.timestamp
        && Arrays.equals(row, other.row) && Arrays.equals(key, other.key);
  }

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
