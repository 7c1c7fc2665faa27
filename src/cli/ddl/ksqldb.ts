/**
 * ksqlDB: session settings and one CREATE per topic, all columns declared. Only statement forms that
 * a real server (7.9) accepted and answered rightly; the views over them are in `ksqldb-views.ts`.
 */
import type { AvroField } from '../../encoding/avro-schema.ts';
import { quoted, types } from './ksqldb-names.ts';
import { changelogViews, finalViews, stateViews } from './ksqldb-views.ts';
import { bareType, keyColumns, listed, type TopicShape } from './topic-shape.ts';

const settings = `-- Run these first, in the same session: a query keeps the settings it was created with.
SET 'auto.offset.reset'='earliest'; -- the whole topic, not only what comes from now on
SET 'processing.guarantee'='exactly_once_v2'; -- reads committed records only: without it aborted transactions are counted, in tables for ever
SET 'ksql.streams.windowstore.changelog.additional.retention.ms'='315360000000'; -- record times are block times and Kafka deletes by record time: windows of old blocks would be lost at a restart

-- Give ksqlDB read-only rights on these topics: INSERT INTO would write rows of nulls into them.
-- Leave retention.ms of these topics at -1, as ommer creates them: old blocks have old record times.
-- State RUNNING and an empty answer prove nothing: errors of single records stand in the processing log only.`;

/** The whole script for these topics. */
export function ksqldbStatements(shapes: readonly TopicShape[]): string {
  return [settings, ...shapes.map((shape) => topicStatements(shape))].join('\n\n');
}

function topicStatements(shape: TopicShape): string {
  switch (shape.kind) {
    case 'flat':
    case 'debezium':
      return [...changelogSources(shape), ...changelogViews(shape)].join('\n\n');
    case 'state':
      return [tableOf(shape, shape.name), ...stateViews(shape)].join('\n\n');
    case 'final':
      return [streamOf(shape), ...finalViews(shape)].join('\n\n');
  }
}

function changelogSources(shape: TopicShape): string[] {
  const table = tableOf(shape, `${shape.name}_by_key`);
  if (shape.delivery === 'low_latency') return [table];
  if (shape.kind === 'flat') return [streamOf(shape), table];
  return [streamOf(shape), movesOf(shape), table];
}

/** The key is left out: every column of it is in the row. */
function streamOf(shape: TopicShape): string {
  const columns = valueColumns(shape).map(({ name, type }) => `${quoted(name)} ${type}`);
  return `CREATE STREAM ${quoted(shape.name)} (
${listed(columns)}
) WITH (KAFKA_TOPIC='${shape.topic}', VALUE_FORMAT='AVRO');`;
}

/**
 * Key columns one by one: as one STRUCT, look-ups miss rows silently. All value columns declared
 * too, since declared key columns cannot be mixed with inferred ones of the same name.
 */
function tableOf(shape: TopicShape, name: string): string {
  const key = shape.key.map(
    (field) => `${quoted(field.name)} ${bareType(field.type, types)} PRIMARY KEY`,
  );
  const inKey = new Set(shape.kind === 'debezium' ? [] : keyColumns(shape));
  const columns = valueColumns(shape)
    .filter((column) => !inKey.has(column.name))
    .map((column) => `${quoted(column.name)} ${column.type}`);
  return `-- The latest record of a key says whether its row is true: right under reorgs and repeats.
CREATE TABLE ${quoted(name)} (
${listed([...key, ...columns])}
) WITH (KAFKA_TOPIC='${shape.topic}', KEY_FORMAT='AVRO', VALUE_FORMAT='AVRO');`;
}

/** Both halves of the envelope as one row, so that COALESCE is written once. */
function movesOf(shape: TopicShape): string {
  const row = shape.row.map(
    ({ name }) => `COALESCE(after->${quoted(name)}, before->${quoted(name)}) AS ${quoted(name)}`,
  );
  const tail = ['op', 'sign', 'event_id', 'incarnation', 'reorg->id AS reorg_id', 'ts_ms'];
  return `-- Read this one, never after-> alone: a retraction has its row in before, and vanishes without an error.
CREATE STREAM ${shape.name}_moves AS SELECT
${listed([...row, ...tail])}
  FROM ${quoted(shape.name)} EMIT CHANGES;`;
}

interface Column {
  readonly name: string;
  readonly type: string;
}

function valueColumns(shape: TopicShape): Column[] {
  const column = ({ name, type }: AvroField): Column => ({ name, type: bareType(type, types) });
  if (shape.kind !== 'debezium') return [...shape.row, ...shape.tail].map(column);
  const row = types.record(shape.row.map(column));
  return [
    { name: 'before', type: row },
    { name: 'after', type: row },
    ...shape.tail.filter(({ name }) => name !== 'transaction').map(column),
  ];
}
