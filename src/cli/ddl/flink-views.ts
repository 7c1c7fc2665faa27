/** Flink SQL: the views people want first over one topic: live rows, totals, per-minute totals. */
import {
  amountOf,
  groupColumns,
  groupName,
  listed,
  type TopicShape,
  timeColumn,
} from './topic-shape.ts';

type Line = string | { readonly text: string; readonly note: string };

/**
 * Views over what changes. A `flat` table is append-only with signs; `debezium` and `state` tables
 * are changelogs to Flink, where every aggregate takes back by itself.
 */
export function changelogViews(shape: TopicShape): string[] {
  if (shape.kind !== 'flat') return [rowTotals(shape, shape.name), perMinute(shape, shape.name)];
  const live = `${shape.name}_live`;
  if (shape.delivery === 'low_latency') {
    const why =
      '-- delivery: low_latency repeats records, so totals are made of live rows and not of signs.\n';
    return [liveRows(shape), why + rowTotals(shape, live), perMinute(shape, live)];
  }
  return [liveRows(shape), signedTotals(shape), extremes(shape, live), perMinute(shape, live)];
}

/** Views over rows that are never taken back: event-time windows suit these. */
export function finalViews(shape: TopicShape): string[] {
  const amount = amountOf(shape);
  const items = [grouped(shape).item, '`window_start`', 'COUNT(*) AS `n`'];
  if (amount !== undefined) items.push(`SUM(\`${amount.decimal}\`) AS \`${amount.text}_total\``);
  return [
    rowTotals(shape, shape.name),
    `CREATE VIEW \`${shape.name}_per_minute\` AS SELECT
${listed(items)}
  FROM TABLE(TUMBLE(TABLE \`${shape.name}\`, DESCRIPTOR(\`${timeColumn(shape)}\`), INTERVAL '1' MINUTE))
  GROUP BY \`window_start\`, \`window_end\`, ${grouped(shape).by};`,
  ];
}

/**
 * The newest word on each event: an insert of a later incarnation beats the retraction before it.
 * Not by ROW_NUMBER: over an append-only table Flink 2.3 takes the newest row for one more row and
 * never withdraws the older one.
 */
function liveRows(shape: TopicShape): string {
  const columns = [...shape.row.map(({ name }) => name), 'event_id'].map((name) => `\`${name}\``);
  const items = [...columns, 'MAX(`incarnation`) AS `incarnation`'];
  return `-- Rows that are true, whatever is repeated, comes back or is corrected: the newest record of a row says it, since a row
-- is taken back before its correction. Not by ROW_NUMBER, which over such a table never withdraws a row.
CREATE VIEW \`${shape.name}_live\` AS SELECT
${listed(items)}
  FROM \`${shape.name}\`
  GROUP BY
${listed(columns, '    ')}
  HAVING MOD(MAX(\`incarnation\` * 2 + CASE WHEN \`sign\` < 0 THEN 1 ELSE 0 END), 2) = 0;`;
}

function signedTotals(shape: TopicShape): string {
  const group = grouped(shape);
  const amount = amountOf(shape);
  const items: Line[] = [group.item, 'SUM(CAST(`sign` AS BIGINT)) AS `n`'];
  if (amount !== undefined) {
    const decimal = `\`${amount.decimal}\``;
    items.push(
      {
        text: `SUM(CASE WHEN \`sign\` > 0 THEN ${decimal} ELSE -${decimal} END) AS \`${amount.text}_total\``,
        note: 'never SUM(sign * x): it loses digits without an error',
      },
      {
        text: `SUM(CASE WHEN ${decimal} IS NULL THEN \`sign\` ELSE 0 END) AS \`n_without_amount\``,
        note: 'rows of more than 38 digits, which the total leaves out',
      },
    );
  }
  return `-- Sums of signs. MIN, MAX and COUNT over this table would count retractions as rows: use the live rows.
-- Select no offset beside these: rows of insert and retraction would not cancel. Without the HAVING a group whose
-- rows are all retracted stays as 0.
${overflow(amount !== undefined)}CREATE VIEW \`${shape.name}_totals\` AS SELECT
${listed(items)}
  FROM \`${shape.name}\`
  GROUP BY ${group.by}
  HAVING SUM(\`sign\`) <> 0;`;
}

function rowTotals(shape: TopicShape, from: string): string {
  const group = grouped(shape);
  const amount = amountOf(shape);
  const items: Line[] = [group.item, 'COUNT(*) AS `n`'];
  if (amount !== undefined) items.push(...amountItems(amount.text, amount.decimal));
  return `${overflow(amount !== undefined)}CREATE VIEW \`${shape.name}_totals\` AS SELECT
${listed(items)}
  FROM \`${from}\`
  GROUP BY ${group.by};`;
}

function amountItems(text: string, decimal: string): Line[] {
  return [
    `SUM(\`${decimal}\`) AS \`${text}_total\``,
    `MIN(\`${decimal}\`) AS \`${text}_min\``,
    `MAX(\`${decimal}\`) AS \`${text}_max\``,
    {
      text: `COUNT(*) - COUNT(\`${decimal}\`) AS \`n_without_amount\``,
      note: 'rows of more than 38 digits, which the total leaves out',
    },
  ];
}

function extremes(shape: TopicShape, live: string): string {
  const amount = amountOf(shape);
  if (amount === undefined) return '';
  const { text, decimal } = amount;
  const group = grouped(shape);
  return `CREATE VIEW \`${shape.name}_extremes\` AS SELECT
${listed([group.item, `MIN(\`${decimal}\`) AS \`${text}_min\``, `MAX(\`${decimal}\`) AS \`${text}_max\``])}
  FROM \`${live}\`
  GROUP BY ${group.by};`;
}

function perMinute(shape: TopicShape, from: string): string {
  const amount = amountOf(shape);
  const group = grouped(shape);
  const items = [
    group.item,
    `FLOOR(\`${timeColumn(shape)}\` TO MINUTE) AS \`minute_start\``,
    'COUNT(*) AS `n`',
  ];
  if (amount !== undefined) items.push(`SUM(\`${amount.decimal}\`) AS \`${amount.text}_total\``);
  return `-- A minute by FLOOR and not by an event-time window: a window that has fired drops later retractions
-- without a word. OVER by event time and interval joins are refused on a changelog.
CREATE VIEW \`${shape.name}_per_minute\` AS SELECT
${listed(items)}
  FROM \`${from}\`
  GROUP BY FLOOR(\`${timeColumn(shape)}\` TO MINUTE), ${group.by};`;
}

function overflow(hasAmount: boolean): string {
  if (!hasAmount) return '';
  return '-- A total of more than 38 digits is NULL, and wrong once a row of it is retracted. A CAST of the decimal string\n-- stops the job where it does not fit, TRY_CAST gives NULL.\n';
}

/** Rows without a routing value are grouped under the chain, as they are partitioned. */
function grouped(shape: TopicShape) {
  const columns = groupColumns(shape).map((name) => `\`${name}\``);
  const by = columns.length === 1 ? (columns[0] ?? '') : `COALESCE(${columns.join(', ')})`;
  const name = `\`${groupName(shape)}\``;
  return { by, item: by === name ? by : `${by} AS ${name}` };
}
