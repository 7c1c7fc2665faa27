/** How the engines of the examples are started; what they need is fetched once. */
import { join } from 'node:path';
import { jarsOfProgram } from '../../../src/devnet/jars.ts';
import { installed } from './installed.ts';
import { examples, type ReaderSpec } from './reader.ts';

/** Java options for a program that is soon killed. */
export const quickStart = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx512m'];

/** A reader without its views. */
export type Program = Pick<ReaderSpec, 'name' | 'command' | 'args' | 'afterKill'>;

/** Flink SQL: these files in one job. */
export async function flinkProgram(...files: readonly string[]): Promise<Program> {
  const folder = join(examples, 'flink');
  const jars = await jarsOfProgram('flink', join(folder, 'pom.xml'));
  return {
    name: 'flink',
    command: 'java',
    args: [
      ...quickStart,
      '-Dorg.slf4j.simpleLogger.defaultLogLevel=error',
      ...['-cp', join(jars, '*'), join(folder, 'FlinkSql.java')],
      ...files.map((file) => join(folder, file)),
    ],
    afterKill: 'begins anew',
  };
}

/** ClickHouse inside Node. */
export async function clickhouseProgram(file: string): Promise<Program> {
  const files = ['package.json', 'session.mjs', 'watch.mjs', 'watch-market.mjs'];
  const scripts = ['statements.sql', 'market.sql', 'market-views.sql'];
  const folder = await installed('clickhouse', [...files, ...scripts], {
    command: 'npm',
    args: ['install', '--no-audit', '--no-fund', '--no-package-lock'],
  });
  const args = [join(folder, file)];
  return { name: 'clickhouse', command: process.execPath, args, afterKill: null };
}

/** librdkafka, by its Python client. */
export async function pythonProgram(file: string, argument: string): Promise<Program> {
  const folder = await installed(
    'python',
    ['requirements.txt', 'records.py', 'totals.py', 'market.py'],
    {
      command: 'python3',
      args: ['-m', 'pip', 'install', '--quiet', '--target', '.', '-r', 'requirements.txt'],
    },
  );
  const args = [join(folder, file), argument];
  return { name: 'python', command: 'python3', args, afterKill: 'begins anew' };
}
