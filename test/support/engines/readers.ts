/** The examples that read token transfers: how each is started, and how its output is read. */
import { join } from 'node:path';
import { jarsOfProgram } from '../../../src/devnet/jars.ts';
import { newestLines, rowsThatCameAndStayed } from './folds.ts';
import { clickhouseProgram, flinkProgram, pythonProgram, quickStart } from './programs.ts';
import { examples, type ReaderSpec } from './reader.ts';

const topic = 'eip155_31337_token_transfers';

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
  return {
    ...(await flinkProgram('statements.sql', 'watch.sql')),
    views: {
      cdc: 'totals',
      signs: 'counts',
      live: 'totals',
      state: 'totals',
      final: 'finals',
      minutes: 'minutes',
      balances: 'balances',
    },
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
  return {
    ...(await clickhouseProgram('watch.mjs')),
    views: {
      totals: 'totals',
      state_totals: 'totals',
      per_minute: 'minutes',
      final_totals: 'finals',
    },
    fold: newestLines,
  };
}

/** librdkafka, by its Python client. */
async function pythonReader(): Promise<ReaderSpec> {
  return {
    ...(await pythonProgram('totals.py', 'ommer.eip155-31337.token_transfers')),
    views: { totals: 'totals' },
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
