/**
 * Flink SQL 2.x: one table per topic and the views over it. Every name is quoted: Flink reserves
 * hundreds of words. The views are in `flink-views.ts`.
 */
import { changelogViews, finalViews } from './flink-views.ts';
import {
  type Access,
  columnType,
  keyColumns,
  listed,
  placeholders,
  type TopicShape,
  type TypeNames,
  timeColumn,
} from './topic-shape.ts';

const head = `-- For Flink 2.0 or newer with flink-sql-connector-kafka 4.0 or newer: with older ones a bounded read of a
-- transactional topic never ends. SET is for the SQL client: a program uses TableConfig.set.
SET 'table.local-time-zone' = 'UTC';
-- State of an unwindowed aggregate grows for ever. To bound it set table.exec.state.ttl to more than finality takes:
-- a retraction finds nothing to take back once its row is forgotten.`;

const duplicates = `-- delivery: low_latency repeats records. With the primary keys below this drops repeats, and retractions of rows
-- never seen, at the price of one state entry per row.
SET 'table.exec.source.cdc-events-duplicate' = 'true';`;

/** The whole script for these topics. */
export function flinkStatements(shapes: readonly TopicShape[], access: Access): string {
  const hasRepeats = shapes.some(
    ({ kind, delivery }) => kind === 'debezium' && delivery === 'low_latency',
  );
  return [
    hasRepeats ? `${head}\n${duplicates}` : head,
    ...shapes.map((shape) => topicStatements(shape, access)),
  ].join('\n\n');
}

function topicStatements(shape: TopicShape, access: Access): string {
  switch (shape.kind) {
    case 'flat':
      return [table(shape, access), ...changelogViews(shape)].join('\n\n');
    case 'debezium':
      return [
        debeziumTable(shape, access),
        envelopeTable(shape, access),
        ...changelogViews(shape),
      ].join('\n\n');
    case 'state':
      return [stateTable(shape, access), ...changelogViews(shape)].join('\n\n');
    case 'final':
      return [finalTable(shape, access), ...finalViews(shape)].join('\n\n');
  }
}

/** Append-only: what is retracted is a row with sign -1. */
function table(shape: TopicShape, access: Access): string {
  return createTable({
    name: shape.name,
    columns: columnsOf(shape),
    options: [...source(shape, access), ...bounds, ...format('', 'avro-confluent', access)],
  });
}

/** Nothing but the row is visible, and Flink itself retracts it. */
function debeziumTable(shape: TopicShape, access: Access): string {
  const columns = shape.row.map(column);
  if (shape.delivery === 'low_latency') columns.push(primaryKey(keyColumns(shape)));
  return createTable({
    name: shape.name,
    columns,
    options: [
      ...source(shape, access),
      ...bounds,
      ...format('', 'debezium-avro-confluent', access),
    ],
  });
}

/** The same topic append-only, for what the Debezium format does not show. */
function envelopeTable(shape: TopicShape, access: Access): string {
  const fields = shape.tail.filter(({ name }) => !['transaction', 'source'].includes(name));
  const text = createTable({
    name: `${shape.name}_envelope`,
    columns: fields.map(column),
    options: [...source(shape, access), ...bounds, ...format('', 'avro-confluent', access)],
  });
  return `-- The fields of the envelope itself, one row per record: which reorg took back how much. Not for sums of rows.\n${text}`;
}

/** Primary-key columns are fields of the key record and of the value; dataset is of the key alone. */
function stateTable(shape: TopicShape, access: Access): string {
  return createTable({
    name: shape.name,
    columns: [...columnsOf(shape), primaryKey(keyColumns(shape))],
    options: [
      "'connector' = 'upsert-kafka'",
      ...topicOptions(shape, access),
      ...format('key.', 'avro-confluent', access),
      ...format('value.', 'avro-confluent', access),
    ],
  });
}

/** In block order within a partition, so the watermark needs no delay to speak of. */
function finalTable(shape: TopicShape, access: Access): string {
  const time = `\`${timeColumn(shape)}\``;
  const watermark = `WATERMARK FOR ${time} AS ${time} - INTERVAL '1' SECOND`;
  return createTable({
    name: shape.name,
    columns: [...columnsOf(shape), watermark],
    options: [
      ...source(shape, access),
      ...bounds,
      {
        text: "'scan.watermark.idle-timeout' = '1 min'",
        note: 'else a partition without rows holds every window back',
      },
      ...format('', 'avro-confluent', access),
    ],
  });
}

type Line = string | { readonly text: string; readonly note: string };

interface TableParts {
  readonly name: string;
  readonly columns: readonly string[];
  readonly options: readonly Line[];
}

function createTable({ name, columns, options }: TableParts): string {
  return `CREATE TABLE \`${name}\` (\n${listed(columns)}\n) WITH (\n${listed(options)}\n);`;
}

function source(shape: TopicShape, access: Access): Line[] {
  return ["'connector' = 'kafka'", ...topicOptions(shape, access)];
}

const bounds: readonly Line[] = [
  {
    text: "'scan.startup.mode' = 'earliest-offset'",
    note: 'a reader that starts in the middle retracts rows it has never seen',
  },
];

function topicOptions(shape: TopicShape, access: Access): Line[] {
  const { protocol, saslMechanism } = access;
  const lines: Line[] = [
    `'topic' = '${shape.topic}'`,
    `'properties.bootstrap.servers' = '${placeholders.brokers}'`,
    {
      text: "'properties.isolation.level' = 'read_committed'",
      note: 'without it aborted transactions are read too',
    },
  ];
  if (protocol !== 'PLAINTEXT') lines.push(`'properties.security.protocol' = '${protocol}'`);
  if (saslMechanism !== null) {
    lines.push(`'properties.sasl.mechanism' = '${saslMechanism}'`);
    lines.push(`'properties.sasl.jaas.config' = '${loginModule(saslMechanism)}'`);
  }
  return lines;
}

function loginModule(mechanism: string): string {
  const { kafkaUsername, kafkaPassword } = placeholders;
  // The connector's jar has Kafka's classes under a name of its own.
  const folder = 'org.apache.flink.kafka.shaded.org.apache.kafka.common.security';
  if (mechanism === 'OAUTHBEARER') {
    return `${folder}.oauthbearer.OAuthBearerLoginModule required;`;
  }
  const module = mechanism === 'PLAIN' ? 'plain.Plain' : 'scram.Scram';
  return `${folder}.${module}LoginModule required username="${kafkaUsername}" password="${kafkaPassword}";`;
}

function format(prefix: '' | 'key.' | 'value.', name: string, access: Access): Line[] {
  const option = `${prefix}${name}`;
  const { registry, registryUsername, registryPassword } = placeholders;
  const lines = [`'${prefix}format' = '${name}'`, `'${option}.url' = '${registry}'`];
  if (!access.hasRegistryAuth) return lines;
  return [
    ...lines,
    `'${option}.basic-auth.credentials-source' = 'USER_INFO'`,
    `'${option}.basic-auth.user-info' = '${registryUsername}:${registryPassword}'`,
  ];
}

function columnsOf({ row, tail }: TopicShape): string[] {
  return [...row, ...tail].map(column);
}

function column({ name, type }: TopicShape['row'][number]): string {
  return `\`${name}\` ${columnType(type, types)}`;
}

function primaryKey(columns: readonly string[]): string {
  return `PRIMARY KEY (${columns.map((name) => `\`${name}\``).join(', ')}) NOT ENFORCED`;
}

const types: TypeNames = {
  primitives: {
    string: 'STRING',
    boolean: 'BOOLEAN',
    int: 'INT',
    long: 'BIGINT',
    float: 'FLOAT',
    double: 'DOUBLE',
    bytes: 'BYTES',
  },
  // Flink's registry formats know milliseconds only, and read micros as milliseconds.
  logical: { 'timestamp-millis': 'TIMESTAMP(3)', date: 'DATE', 'time-millis': 'TIME(0)' },
  decimal: (precision, scale) => `DECIMAL(${precision}, ${scale})`,
  list: (item) => `ARRAY<${item}>`,
  record: (fields) => `ROW<${fields.map(({ name, type }) => `\`${name}\` ${type}`).join(', ')}>`,
  nullable: (type) => type,
  required: (type) => `${type} NOT NULL`,
};
