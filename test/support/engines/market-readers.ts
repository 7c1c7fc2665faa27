/** The examples that read market data: how each is started, and how its output is read. */
import { newestLines, plainNumbers, rowsThatCameAndStayed } from './folds.ts';
import { clickhouseProgram, flinkProgram, pythonProgram } from './programs.ts';
import type { ReaderSpec } from './reader.ts';

/** Those of the examples with these names, separated by commas, that there are; all by default. */
export async function marketReadersOf(names = Object.keys(readers).join()): Promise<ReaderSpec[]> {
  const wanted = names.split(',');
  const chosen = Object.entries(readers).filter(([name]) => wanted.includes(name));
  return Promise.all(chosen.map(([, reader]) => reader()));
}

const readers: Readonly<Record<string, () => Promise<ReaderSpec>>> = {
  flink: async () => ({
    ...(await flinkProgram('market.sql', 'watch-market.sql')),
    views: { ...sameViews('minutes', 'tops', 'depths'), volumes: 'volumes of exactly_once' },
    fold: (lines) => plainNumbers(rowsThatCameAndStayed(lines)),
  }),
  clickhouse: async () => ({
    ...(await clickhouseProgram('watch-market.mjs')),
    views: sameViews('minutes', 'volumes', 'tops', 'depths'),
    fold: (lines) => plainNumbers(newestLines(lines)),
  }),
  python: async () => ({
    ...(await pythonProgram('market.py', 'ommer.hyperliquid')),
    views: { volumes: 'volumes of low_latency', books: 'books' },
    fold: (lines) => plainNumbers(newestLines(lines)),
  }),
};

function sameViews(...names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name, name]));
}
