// The two envelopes.
import java.util.*;
import org.apache.avro.Schema;

/** Row and tail of either envelope, by the writer's schema. */
class Layout {
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
