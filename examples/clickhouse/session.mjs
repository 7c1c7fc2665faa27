// A ClickHouse inside this process that runs SQL files, and prints rows of views that change.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Session } from 'chdb';

const session = new Session();
session.query('CREATE DATABASE example ENGINE = Atomic');

/** Runs the statements of a file beside this one. */
export function runFile(name) {
  const script = readFileSync(new URL(name, import.meta.url), 'utf8');
  for (const statement of statementsOf(script)) run(statement);
}

export function run(statement) {
  session.query(inExample(statement));
}

/**
 * Prints what is new in these views, as view, key and values, and a count of 0 for what is gone. Of each
 * view it is told how many columns are the key.
 */
export async function watch(views) {
  const printed = new Map();
  for (;;) {
    for (const [view, { from, keys }] of Object.entries(views)) print({ view, keys, rows: rowsOf(from), printed });
    complain(printed);
    await sleep(250);
  }
}

/** Placeholders are environment variables. */
function statementsOf(text) {
  const filled = text.replaceAll(/\$\{(\w+)\}/g, (_, name) => process.env[name] ?? '');
  const code = filled.replaceAll(/(^|\s+)-- .*$/gm, '');
  return code.split(';').filter((statement) => statement.trim() !== '');
}

/** A session has no current database for background work: names are written in full. */
function inExample(statement) {
  return statement.replaceAll(/(?<=(?:TABLE|VIEW|TO|FROM) )(?=[a-z])/g, 'example.');
}

function rowsOf(view) {
  const text = session.query(`SELECT * EXCEPT('n_without') FROM example.${view} ORDER BY ALL`, 'TSV');
  return text.split('\n').filter((line) => line !== '').map((line) => line.split('\t'));
}

function print({ view, keys, rows, printed }) {
  const seen = new Set();
  for (const row of rows) {
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
function complain(printed) {
  const text = session.query(
    "SELECT DISTINCT arrayJoin(exceptions.text) FROM system.kafka_consumers WHERE notEmpty(exceptions.text)",
    'TSV',
  );
  if (text !== '' && printed.get('exceptions') !== text) console.error(text);
  printed.set('exceptions', text);
}
