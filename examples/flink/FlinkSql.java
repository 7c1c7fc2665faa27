// Runs SQL files in one JVM: java -cp 'lib/*' FlinkSql.java statements.sql watch.sql
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.table.api.*;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;

/** Prints the rows of each SELECT as they come (+) and go (-). Placeholders are environment variables. */
public class FlinkSql {
  public static void main(String[] files) throws Exception {
    var environment = TableEnvironment.create(EnvironmentSettings.inStreamingMode());
    environment.getConfig().set("parallelism.default", "1");
    for (String file : files) {
      for (String statement : statements(Files.readString(Path.of(file)))) run(environment, statement);
    }
  }

  static String[] statements(String script) {
    for (var entry : System.getenv().entrySet()) {
      script = script.replace("${" + entry.getKey() + "}", entry.getValue());
    }
    return script.replaceAll("(?m)(^|\\s+)-- .*$", "").strip().split(";\\s*(\\n|$)");
  }

  static void run(TableEnvironment environment, String statement) throws Exception {
    if (statement.startsWith("SET ")) { // executeSql refuses it
      String[] setting = statement.substring(4).split("=", 2);
      environment.getConfig().set(unquoted(setting[0]), unquoted(setting[1]));
      return;
    }
    TableResult result = environment.executeSql(statement);
    if (!statement.startsWith("SELECT")) return;
    try (var rows = result.collect()) { // ends only where the scan is bounded
      while (rows.hasNext()) print(rows.next());
    }
  }

  static void print(Row row) {
    boolean comes = row.getKind() == RowKind.INSERT || row.getKind() == RowKind.UPDATE_AFTER;
    var line = new StringBuilder(comes ? "+" : "-");
    for (int field = 0; field < row.getArity(); field += 1) line.append('\t').append(row.getField(field));
    System.out.println(line);
  }

  static String unquoted(String text) {
    return text.strip().replaceAll("^'|'$", "");
  }
}
