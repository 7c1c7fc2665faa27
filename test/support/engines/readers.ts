/** The examples as readers: how each is started, and how its output is read. */
import { join } from 'node:path';
import { jarsOfProgram } from '../../../src/devnet/jars.ts';
import { installed } from './installed.ts';
import { examples, type ReaderSpec, type Said } from './reader.ts';

const topic = 'eip155_31337_token_transfers';
const quickStart = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx512m'];

/** The readers with these names, separated by commas; all by default. Fetches what they need. */
export async function readersOf(names = Object.keys(readers).join()): Promise<ReaderSpec[]> {
  const specs: ReaderSpec[] = [];
  for (const name of names.split(',')) {
    const reader = readers[name];
    if (reader === undefined) throw new Error(`There is no example "${name}".`);
    specs.push(await reader());
  }
  return specs;
}

const readers: Readonly<Record<string, () => Promise<ReaderSpec>>> = {
  flink: flinkReader,
  'kafka-streams': kafkaStreamsReader,
  clickhouse: clickhouseReader,
  python: pythonReader,
  java: javaReader,
  consumer: consumerReader,
};

/** Flink SQL: rows come and go. */
async function flinkReader(): Promise<ReaderSpec> {
  const folder = join(examples, 'flink');
  const jars = await jarsOfProgram('flink', join(folder, 'pom.xml'));
  return {
    name: 'flink',
    command: 'java',
    args: [
      ...quickStart,
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=error',
      ...['-cp', join(jars, '*'), join(folder, 'FlinkSql.java')],
      ...['statements.sql', 'watch.sql'].map((file) => join(folder, file)),
    ],
    views: {
      cdc: 'totals',
      signs: 'counts',
      live: 'totals',
      state: 'totals',
      final: 'finals',
      minutes: 'minutes',
      balances: 'balances',
    },
    afterKill: 'begins anew',
    fold: rowsThatCameAndStayed,
  };
}

/** Kafka Streams: the newest line of a key counts. */
async function kafkaStreamsReader(): Promise<ReaderSpec> {
  const folder = join(examples, 'kafka-streams');
  const jars = await jarsOfProgram('kafka-streams', join(folder, 'pom.xml'));
  return {
    name: 'kafka-streams',
    command: 'java',
    args: [...quickStart, '-cp', join(jars, '*'), join(folder, 'OmmerTopology.java')],
    views: {
      [topic]: 'totals',
      [`${topic}_signs`]: 'totals',
      [`${topic}_cdc`]: 'totals',
      [`${topic}_state`]: 'totals',
      [`${topic}_final`]: 'finals',
      [`${topic}_per_minute`]: 'minuteTotals',
    },
    afterKill: 'goes on',
    fold: newestLines,
  };
}

/** ClickHouse inside Node: views are asked again and again. */
async function clickhouseReader(): Promise<ReaderSpec> {
  const folder = await installed('clickhouse', ['package.json', 'watch.mjs', 'statements.sql'], {
    command: 'npm',
    args: ['install', '--no-audit', '--no-fund', '--no-package-lock'],
  });
  return {
    name: 'clickhouse',
    command: process.execPath,
    args: [join(folder, 'watch.mjs')],
    views: {
      totals: 'totals',
      state_totals: 'totals',
      per_minute: 'minutes',
      final_totals: 'finals',
    },
    afterKill: null,
    fold: newestLines,
  };
}

/** librdkafka, by its Python client. */
async function pythonReader(): Promise<ReaderSpec> {
  const folder = await installed('python', ['requirements.txt', 'totals.py'], {
    command: 'python3',
    args: ['-m', 'pip', 'install', '--quiet', '--target', '.', '-r', 'requirements.txt'],
  });
  return {
    name: 'python',
    command: 'python3',
    args: [join(folder, 'totals.py'), 'ommer.eip155-31337.token_transfers'],
    views: { totals: 'totals' },
    afterKill: 'begins anew',
    fold: newestLines,
  };
}

/** The reference client without anything on top, on the Debezium envelope. */
async function javaReader(): Promise<ReaderSpec> {
  const folder = join(examples, 'java');
  const jars = await jarsOfProgram('java', join(folder, 'pom.xml'));
  const program = [join(folder, 'Totals.java'), 'ommer.eip155-31337.token_transfers_cdc'];
  return {
    name: 'java',
    command: 'java',
    args: [...quickStart, '-cp', join(jars, '*'), ...program],
    views: { totals: 'totals' },
    afterKill: 'begins anew',
    fold: newestLines,
  };
}

/** The consumer library, with its steps in a file. */
async function consumerReader(): Promise<ReaderSpec> {
  return {
    name: 'consumer',
    command: process.execPath,
    args: [join(examples, 'consumer', 'totals.mjs'), 'eip155:31337', 'ommer', 'steps.ndjson'],
    views: { totals: 'totals', balances: 'balances' },
    // It says again what it knows from its file, and reads on.
    afterKill: 'begins anew',
    fold: newestLines,
  };
}

/** Lines of sign, view, key and values; empty values are left out. */
function rowsThatCameAndStayed(lines: readonly string[]): Said {
  const copies = new Map<string, number>();
  for (const line of lines) {
    const [sign, ...row] = line.split('\t');
    if (sign !== '+' && sign !== '-') continue;
    const text = row.join('\t');
    copies.set(text, (copies.get(text) ?? 0) + (sign === '+' ? 1 : -1));
  }
  const said = new Map<string, Map<string, string>>();
  for (const [text, count] of copies) {
    if (count === 0) continue;
    const { view, key, value } = parts(text);
    // Anything but one copy is wrong, and so is a second row of the key.
    const own = said.get(view)?.get(key);
    const row = own === undefined && count === 1 ? value : `${own ?? ''} ${value} × ${count}`;
    put(said, { view, key, value: row });
  }
  return said;
}

/** Lines of view, key and values; a count of 0 takes the key away. */
function newestLines(lines: readonly string[]): Said {
  const said = new Map<string, Map<string, string>>();
  for (const line of lines) {
    if (!line.includes('\t')) continue;
    const { view, key, value } = parts(line);
    if (value.startsWith('0 ')) said.get(view)?.delete(key);
    else put(said, { view, key, value });
  }
  return said;
}

interface Entry {
  readonly view: string;
  readonly key: string;
  readonly value: string;
}

function parts(text: string): Entry {
  const [view = '', key = '', ...values] = text.split('\t');
  return { view, key, value: values.filter((value) => value !== '').join(' ') };
}

function put(said: Map<string, Map<string, string>>, { view, key, value }: Entry): void {
  const entries = said.get(view) ?? new Map<string, string>();
  said.set(view, entries.set(key, value));
}
