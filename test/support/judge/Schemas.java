// Avro by the id in front of a value.
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.*;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;

/** Schemas by the id in front of a value, from the registry. */
class Schemas {
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
    Schema schema = new Schema.Parser().parse(Judge.json.readTree(response.body()).get("schema").asText());
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
