/** ksqlDB: the views people want first over one topic: totals, live rows, extremes, windows. */
import { quoted } from './ksqldb-names.ts';
import {
  type Amount,
  amountOf,
  groupColumns,
  groupName,
  listed,
  type TopicShape,
} from './topic-shape.ts';

/** How a view reaches a column of the row. */
type ColumnPath = (name: string) => string;

/** Views over a changelog: from signs where every record comes once, else from the table. */
export function changelogViews(shape: TopicShape): string[] {
  const table = `${shape.name}_by_key`;
  const path: ColumnPath = shape.kind === 'debezium' ? (name) => `after->${quoted(name)}` : quoted;
  const live = { from: `${table}\n  WHERE op <> 'd'`, path };
  const views = [liveRows(shape, live.from), extremes(shape, live)];
  if (shape.delivery === 'low_latency') {
    const why =
      '-- delivery: low_latency repeats records, so sums of signs over the stream would count twice. The table takes\n-- the latest record of each key instead. Windows over a table do not exist in ksqlDB.';
    return [`${why}\n${rowTotals(shape, live)}`, ...views].filter((text) => text !== '');
  }
  const moves = shape.kind === 'debezium' ? `${shape.name}_moves` : quoted(shape.name);
  return [
    signedTotals(shape, moves),
    exactTotals(shape, moves),
    ...views,
    perMinute(shape, moves),
  ].filter((text) => text !== '');
}

/** Views over a state topic. */
export function stateViews(shape: TopicShape): string[] {
  const columns = [...shape.key, ...shape.row, ...shape.tail].map(({ name }) => quoted(name));
  const rows = `-- For pull queries: a table of CREATE TABLE alone answers none.
CREATE TABLE ${shape.name}_rows AS SELECT
${listed([...new Set(columns)])}
  FROM ${quoted(shape.name)} EMIT CHANGES;`;
  const source = { from: quoted(shape.name), path: quoted };
  const stream =
    '-- No STREAM over this topic: it would show what appears and never what goes, a tombstone has no columns.';
  return [stream, rows, rowTotals(shape, source)];
}

/** Views over a final topic: nothing is ever taken back, so every aggregate is right. */
export function finalViews(shape: TopicShape): string[] {
  const group = grouped(shape, quoted);
  const amount = amountOf(shape);
  const items: (string | { text: string; note: string })[] = [`${group.item}`, 'COUNT(*) AS n'];
  if (amount !== undefined) {
    items.push(
      widened(amount, quoted),
      `MIN(${amount.decimal}) AS ${amount.text}_min`,
      `MAX(${amount.decimal}) AS ${amount.text}_max`,
      missing(amount, { path: quoted, one: '1' }),
    );
  }
  return [
    `CREATE TABLE ${shape.name}_totals AS SELECT
${listed(items)}
  FROM ${quoted(shape.name)}
  GROUP BY ${group.by} EMIT CHANGES;`,
  ];
}

/** Sums of signs: right on a stream that holds every change once. */
function signedTotals(shape: TopicShape, from: string): string {
  const group = grouped(shape, quoted);
  const amount = amountOf(shape);
  const items: (string | { text: string; note: string })[] = [
    group.item,
    { text: 'SUM(CAST(sign AS BIGINT)) AS n', note: 'SUM(sign) is an INTEGER and wraps' },
  ];
  if (amount !== undefined) {
    const { text, decimal } = amount;
    items.push(
      {
        text: `SUM(sign * ${decimal}) AS ${text}_total`,
        note: 'the sign widens it to 49 digits: a SUM that overflows stops the query for good',
      },
      missing(amount, { path: quoted, one: 'sign' }),
      {
        text: `CAST(SUM(sign * ${decimal}) AS DOUBLE) / SUM(sign) AS ${text}_average`,
        note: 'a decimal that does not divide evenly gives null',
      },
      {
        text: `CAST(SUM(sign * ${decimal}) AS VARCHAR) AS ${text}_total_text`,
        note: 'REST writes decimals as JSON numbers: JavaScript loses digits',
      },
    );
  }
  return `-- On a stream only sums of signs can be taken back. MIN, MAX, AVG, COUNT(*), LATEST_BY_OFFSET, COLLECT_LIST
-- and the like take a retraction for one more row, without an error. Join after aggregating, never before.
CREATE TABLE ${shape.name}_totals AS SELECT
${listed(items)}
  FROM ${from}
  GROUP BY ${group.by}
  HAVING SUM(sign) > 0 -- else a group whose rows are all retracted stays as 0
  EMIT CHANGES;`;
}

/** Sums that hold a whole uint256. */
function exactTotals(shape: TopicShape, from: string): string {
  const amount = amountOf(shape);
  if (amount === undefined) return '';
  const group = grouped(shape, quoted);
  return `-- Exact beyond 38 digits, for whole numbers: a fraction would be rounded in each row. Its sink topic has 89
-- digits, which only ksqlDB reads.
CREATE TABLE ${shape.name}_exact AS SELECT
${listed([group.item, `SUM(sign * CAST(${amount.text} AS DECIMAL(78, 0))) AS ${amount.text}_exact`])}
  FROM ${from}
  GROUP BY ${group.by}
  HAVING SUM(sign) > 0
  EMIT CHANGES;`;
}

/** Rows that are true, by key, for pull queries. */
function liveRows(shape: TopicShape, from: string): string {
  const nested = shape.row.filter(({ name }) => !shape.key.some((key) => key.name === name));
  const key = shape.key.map(({ name }) => quoted(name));
  const row =
    shape.kind === 'debezium'
      ? nested.map(({ name }) => `after->${quoted(name)} AS ${quoted(name)}`)
      : nested.map(({ name }) => quoted(name));
  return `-- Look rows up by the key columns, never by a STRUCT of them. Without the WHERE retracted rows count as true.
CREATE TABLE ${shape.name}_live AS SELECT
${listed([...key, ...row, 'event_id', 'incarnation'])}
  FROM ${from} EMIT CHANGES;`;
}

interface RowSource {
  readonly from: string;
  readonly path: ColumnPath;
}

/** Totals over a table, which takes the old row back by itself. */
function rowTotals(shape: TopicShape, { from, path }: RowSource): string {
  const group = grouped(shape, path);
  const amount = amountOf(shape);
  const items: (string | { text: string; note: string })[] = [group.item, 'COUNT(*) AS n'];
  if (amount !== undefined) {
    items.push(widened(amount, path), missing(amount, { path, one: '1' }));
  }
  return `CREATE TABLE ${shape.name}_totals AS SELECT
${listed(items)}
  FROM ${from}
  GROUP BY ${group.by}
  HAVING COUNT(*) > 0
  EMIT CHANGES;`;
}

/** Smallest and largest: MIN and MAX are refused on a table and wrong on a stream. */
function extremes(shape: TopicShape, { from, path }: RowSource): string {
  const amount = amountOf(shape);
  if (amount === undefined) return '';
  const group = grouped(shape, path);
  const all = `COLLECT_LIST(${path(amount.decimal)})`;
  return `-- MIN and MAX that survive a reorg. The list is state: for groups of thousands of rows, not millions.
-- Not HISTOGRAM: beyond 1000 values it cannot take back, and stops the query.
CREATE TABLE ${shape.name}_extremes AS SELECT
${listed([
  group.item,
  `ARRAY_MIN(${all}) AS ${amount.text}_min`,
  `ARRAY_MAX(${all}) AS ${amount.text}_max`,
])}
  FROM ${from}
  GROUP BY ${group.by}
  HAVING COUNT(*) > 0
  EMIT CHANGES;`;
}

/** Windows by record time: a retraction has its insert's time, so it subtracts in the same one. */
function perMinute(shape: TopicShape, from: string): string {
  const group = grouped(shape, quoted);
  const amount = amountOf(shape);
  const total =
    amount === undefined ? [] : [`SUM(sign * ${amount.decimal}) AS ${amount.text}_total`];
  const time =
    shape.timestamps === 'event'
      ? 'Windows of block time'
      : 'The route has timestamps: ingest, so these are windows of publication time';
  return `-- ${time}. GRACE must exceed the depth of a reorg times the block time plus the longest
-- outage: what comes later is dropped without an error. Backfill is late too: publish history first, or make a
-- second query. RETENTION covers size and grace.
CREATE TABLE ${shape.name}_per_minute AS SELECT
${listed([group.item, ...total, 'SUM(CAST(sign AS BIGINT)) AS n'])}
  FROM ${from}
  WINDOW TUMBLING (SIZE 1 MINUTE, RETENTION 7 DAYS, GRACE PERIOD 2 HOURS)
  GROUP BY ${group.by}
  HAVING SUM(sign) > 0
  EMIT CHANGES;`;
}

/** A null group would leave the aggregation without a word, hence the chain as the last resort. */
function grouped(shape: TopicShape, path: ColumnPath) {
  const columns = groupColumns(shape).map(path);
  const by = columns.length === 1 ? (columns[0] ?? '') : `COALESCE(${columns.join(', ')})`;
  const name = groupName(shape);
  return { by, item: by === name ? by : `${by} AS ${name}` };
}

function widened({ text, decimal }: Amount, path: ColumnPath) {
  return {
    text: `SUM(CAST(${path(decimal)} AS DECIMAL(60, 0))) AS ${text}_total`,
    note: 'widened: a SUM that overflows stops the query for good',
  };
}

function missing({ decimal }: Amount, { path, one }: { path: ColumnPath; one: string }) {
  return {
    text: `SUM(CASE WHEN ${path(decimal)} IS NULL THEN ${one} ELSE 0 END) AS n_without_amount`,
    note: 'rows of more than 38 digits, which the total leaves out',
  };
}
