/**
 * ClickHouse: a Kafka engine table, the table that collapses retractions, the view that feeds it,
 * and queries. Needs the `flat` envelope: a Debezium one stops at the first added column.
 */
import {
  type Access,
  amountOf,
  columnType,
  groupColumns,
  groupName,
  isChangelog,
  listed,
  placeholders,
  type TopicShape,
  type TypeNames,
  timeColumn,
} from './topic-shape.ts';

const head = `-- ClickHouse reads committed records only, by default. It delivers into its tables at least once: read with FINAL,
-- and rebuild a table whose server died between insert and commit if its engine below cannot drop repeats.
-- A record that cannot be read stops its partition and is tried for ever: see exceptions in system.kafka_consumers.`;

/** The whole script for these topics. */
export function clickhouseStatements(shapes: readonly TopicShape[], access: Access): string {
  const flat = shapes.filter(({ kind }) => kind === 'flat');
  const texts = shapes.map((shape) => {
    if (shape.kind === 'debezium') return debeziumAdvice(shape);
    if (shape.kind === 'state') return stateView(shape, flat);
    return [queueTable(shape, access), rowTable(shape), feed(shape), queries(shape)].join('\n\n');
  });
  return [head, securityNote(access), ...texts].filter((text) => text !== '').join('\n\n');
}

/** Kafka's credentials are settings of the server, not of a table. */
function securityNote({ protocol, saslMechanism }: Access): string {
  if (protocol === 'PLAINTEXT') return '';
  const { kafkaUsername, kafkaPassword } = placeholders;
  const sasl =
    saslMechanism === null
      ? ''
      : `<sasl_mechanism>${saslMechanism}</sasl_mechanism><sasl_username>${kafkaUsername}</sasl_username><sasl_password>${kafkaPassword}</sasl_password>`;
  return `-- Into the configuration of the server, where credentials belong:
-- <kafka><security_protocol>${protocol}</security_protocol>${sasl}</kafka>`;
}

function queueTable(shape: TopicShape, access: Access): string {
  const settings = [
    {
      text: 'input_format_avro_allow_missing_fields = 1',
      note: 'records of an older schema lack newer columns',
    },
    `kafka_broker_list = '${placeholders.brokers}'`,
    `kafka_topic_list = '${shape.topic}'`,
    `kafka_group_name = '${shape.name}'`,
    "kafka_format = 'AvroConfluent'",
    `format_avro_schema_registry_url = '${registryUrl(access)}'`,
  ];
  return `-- Not for SELECT: what is read from it is gone.
CREATE TABLE ${shape.name}_queue (
${listed(columns(shape))}
) ENGINE = Kafka SETTINGS
${listed(settings)};`;
}

function registryUrl({ hasRegistryAuth }: Access): string {
  const { registry, registryHost, registryUsername, registryPassword } = placeholders;
  if (!hasRegistryAuth) return registry;
  // Credentials stand in the address: the setting takes them no other way.
  return `https://${registryUsername}:${registryPassword}@${registryHost}`;
}

function rowTable(shape: TopicShape): string {
  const place = shape.dataset.feed === 'market' ? 'symbol, event_time' : 'height';
  const order = `(chain, ${place}, event_id)`;
  if (shape.kind === 'final') {
    return `-- Rows are never taken back. The engine drops what ClickHouse itself delivered twice.
CREATE TABLE ${shape.name} (
${listed(columns(shape))}
) ENGINE = ReplacingMergeTree ORDER BY ${order};`;
  }
  if (shape.delivery === 'low_latency') {
    return `-- delivery: low_latency repeats records: the highest version of an event wins, and says whether it is true.
-- A CollapsingMergeTree would count repeats.
CREATE TABLE ${shape.name} (
${listed([...columns(shape), '`version` UInt64', '`is_deleted` UInt8'])}
) ENGINE = ReplacingMergeTree(version, is_deleted) ORDER BY ${order};`;
  }
  return `-- A retraction has the incarnation of the insert that it cancels, so the pair collapses in any order.
CREATE TABLE ${shape.name} (
${listed(columns(shape))}
) ENGINE = VersionedCollapsingMergeTree(sign, incarnation) ORDER BY ${order};`;
}

function feed(shape: TopicShape): string {
  const isReplacing = isChangelog(shape) && shape.delivery === 'low_latency';
  const selected = isReplacing
    ? '*, toUInt64(incarnation) * 2 + (sign < 0) AS version, sign < 0 AS is_deleted'
    : '*';
  return `CREATE MATERIALIZED VIEW ${shape.name}_feed TO ${shape.name} AS
  SELECT ${selected} FROM ${shape.name}_queue;`;
}

function queries(shape: TopicShape): string {
  const group = grouped(shape);
  const amount = amountOf(shape);
  const items: (string | { text: string; note: string })[] = [group.item, 'count() AS n'];
  if (amount !== undefined) {
    const { text, decimal } = amount;
    items.push(
      {
        text: `sum(toUInt256(${text})) AS ${text}_total`,
        note: 'exact for whole amounts. Never toInt256: it wraps',
      },
      `min(${decimal}) AS ${text}_min`,
      `max(${decimal}) AS ${text}_max`,
      { text: `countIf(${decimal} IS NULL) AS n_without_decimal`, note: 'more than 38 digits' },
    );
  }
  const minute = [
    group.item,
    `toStartOfMinute(${timeColumn(shape)}) AS minute_start`,
    'count() AS n',
  ];
  if (amount !== undefined) minute.push(`sum(toUInt256(${amount.text})) AS ${amount.text}_total`);
  return `-- FINAL: without it rows that are retracted but not merged yet count too.
CREATE VIEW ${shape.name}_totals AS SELECT
${listed(items)}
  FROM ${shape.name} FINAL
  GROUP BY ${group.name};

CREATE VIEW ${shape.name}_per_minute AS SELECT
${listed(minute)}
  FROM ${shape.name} FINAL
  GROUP BY ${group.name}, minute_start;`;
}

/** The Kafka engine passes tombstones over, so a table of a state topic would never lose a row. */
function stateView(shape: TopicShape, changelogs: readonly TopicShape[]): string {
  const why = `-- ${shape.topic}:
-- the Kafka engine passes tombstones over without a word, so a table fed by this topic would keep rows that are no
-- longer true.`;
  const changelog = changelogs.find(({ topic }) => `${topic}.state` === shape.topic);
  if (changelog === undefined) {
    return `${why} Give the dataset a route with envelope: flat, and ask for its topic too.`;
  }
  const key = shape.key.map(({ name }) => name).filter((name) => name !== 'dataset');
  const newest = [...positionColumns(shape), 'incarnation'].map((name) => `${name} DESC`);
  return `${why} The latest row of each primary key, from the changelog instead:
CREATE VIEW ${shape.name} AS SELECT * FROM ${changelog.name} FINAL
  ORDER BY ${newest.join(', ')}
  LIMIT 1 BY ${key.join(', ')};`;
}

/**
 * What tells which of two rows of a primary key is the later one. A book tells it itself: its unsafe rows
 * may have the time of another clock than its snapshots.
 */
function positionColumns({ dataset, row }: TopicShape): readonly string[] {
  const has = (name: string): boolean => row.some((column) => column.name === name);
  if (dataset.feed === 'market') return has('epoch') ? ['epoch', 'sequence'] : ['event_time'];
  // Of a pool or a token a block may hold several rows.
  return ['height', ...(dataset.supersedes ? ['tx_index', 'log_index'].filter(has) : [])];
}

function debeziumAdvice({ topic, dataset }: TopicShape): string {
  return `-- ${topic} has the envelope debezium.
-- ClickHouse would need every column of the row in two tuples, and one added column would stop it. Give the dataset a
-- second route and read that one:
-- routes: { ${dataset.name}_flat: { dataset: ${dataset.name}, envelope: flat } }`;
}

function columns({ row, tail }: TopicShape): string[] {
  return [...row, ...tail].map(({ name, type }) => {
    const special = name === 'sign' ? 'Int8' : name === 'incarnation' ? 'UInt32' : undefined;
    return `\`${name}\` ${special ?? columnType(type, types)}`;
  });
}

/** Rows without a routing value are grouped under the chain, as they are partitioned. */
function grouped(shape: TopicShape) {
  const names = groupColumns(shape);
  const name = groupName(shape);
  const by = names.length === 1 ? name : `coalesce(${names.join(', ')})`;
  return { name, item: by === name ? by : `${by} AS ${name}` };
}

const types: TypeNames = {
  primitives: {
    string: 'String',
    boolean: 'Bool',
    int: 'Int32',
    long: 'Int64',
    float: 'Float32',
    double: 'Float64',
    bytes: 'String',
  },
  logical: {
    'timestamp-millis': "DateTime64(3, 'UTC')",
    'timestamp-micros': "DateTime64(6, 'UTC')",
    date: 'Date32',
  },
  decimal: (precision, scale) => `Decimal(${precision}, ${scale})`,
  list: (item) => `Array(${item})`,
  record: (fields) => `Tuple(${fields.map(({ name, type }) => `\`${name}\` ${type}`).join(', ')})`,
  nullable: (type) => (/^(?:Array|Tuple)\(/.test(type) ? type : `Nullable(${type})`),
  required: (type) => type,
};
