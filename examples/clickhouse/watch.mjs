// Runs statements.sql in a ClickHouse inside this process, and prints the totals that change.
// KAFKA_BROKERS=… REGISTRY_URL=… node watch.mjs
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Session } from 'chdb';

const session = new Session();
session.query('CREATE DATABASE example ENGINE = Atomic');
const script = readFileSync(new URL('./statements.sql', import.meta.url), 'utf8');
for (const statement of statementsOf(script)) session.query(inExample(statement));
session.query(`CREATE VIEW example.eip155_31337_token_transfers_state_totals AS SELECT
  coalesce(token_address, chain) AS token_address_or_chain, count() AS n, sum(toUInt256(amount)) AS total,
  min(amount_dec) AS least, max(amount_dec) AS most, 0 AS n_without_decimal
  FROM example.eip155_31337_token_transfers_state GROUP BY token_address_or_chain`);

const views = ['totals', 'state_totals', 'per_minute', 'final_totals'];
const printed = new Map();
for (;;) {
  for (const view of views) print(view, rowsOf(`example.eip155_31337_token_transfers_${view}`));
  complain();
  await sleep(250);
}

/** Placeholders are environment variables. */
function statementsOf(text) {
  const filled = text.replaceAll(/\$\{(\w+)\}/g, (_, name) => process.env[name] ?? '');
  const code = filled.replaceAll(/(^|\s+)-- .*$/gm, '');
  return code.split(';').filter((statement) => statement.trim() !== '');
}

/** A session has no current database for background work: names are written in full. */
function inExample(statement) {
  return statement.replaceAll(/(?<=(?:TABLE|VIEW|TO|FROM) )(?=eip155_)/g, 'example.');
}

function rowsOf(view) {
  const text = session.query(`SELECT * EXCEPT('n_without') FROM ${view} ORDER BY ALL`, 'TSV');
  return text.split('\n').filter((line) => line !== '').map((line) => line.split('\t'));
}

/** Prints what is new, and a count of 0 for what is gone. */
function print(view, rows) {
  const seen = new Set();
  for (const row of rows) {
    const keys = view === 'per_minute' ? 2 : 1;
    const key = row.slice(0, keys).map(isoTime).join(' ');
    const line = [view, key, ...row.slice(keys)].join('\t');
    seen.add(`${view}\t${key}`);
    if (printed.get(`${view}\t${key}`) !== line) console.log(line);
    printed.set(`${view}\t${key}`, line);
  }
  for (const [key] of printed) {
    if (!key.startsWith(`${view}\t`) || seen.has(key)) continue;
    console.log(`${key}\t0\t0`);
    printed.delete(key);
  }
}

/** ClickHouse writes UTC as 2026-11-22 09:09:00. */
function isoTime(text) {
  return text.replace(/^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)$/, '$1T$2Z');
}

/** A record that cannot be read stops its partition: this is where that shows. */
function complain() {
  const text = session.query(
    "SELECT DISTINCT arrayJoin(exceptions.text) FROM system.kafka_consumers WHERE notEmpty(exceptions.text)",
    'TSV',
  );
  if (text !== '' && printed.get('exceptions') !== text) console.error(text);
  printed.set('exceptions', text);
}
