/** Runs the named benches, all by default, on one devnet; prints the table and writes the results. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startDevnet } from '../src/devnet/devnet.ts';
import { basalt } from './basalt.ts';
import { blockdb } from './blockdb.ts';
import { catchUp } from './catch-up.ts';
import { consumer } from './consumer.ts';
import { encode } from './encode.ts';
import { idle } from './idle.ts';
import { latency } from './latency.ts';
import { offsets } from './offsets.ts';
import { oxarchive } from './oxarchive.ts';
import { publish } from './publish.ts';
import { reorg } from './reorg.ts';
import { restore } from './restore.ts';
import type { Bench, BenchResult } from './support/bench.ts';
import { machineFacts } from './support/machine.ts';
import { Scene } from './support/scene.ts';
import { table } from './support/table.ts';
import { tables } from './tables.ts';
import { tzkt } from './tzkt.ts';

/** In the order they run: those that need the chain quiet come before those that make it busy. */
const benches: readonly Bench[] = [
  catchUp,
  publish,
  tables,
  latency,
  reorg,
  restore,
  consumer,
  offsets,
  encode,
  blockdb,
  tzkt,
  basalt,
  oxarchive,
  idle,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '1' },
    profile: { type: 'string' },
    'data-dir': { type: 'string', default: '.devnet/bench' },
    out: { type: 'string', default: 'bench-results.json' },
    help: { type: 'boolean', default: false },
  },
});
const unknown = positionals.filter((name) => !benches.some((bench) => bench.name === name));
if (values.help || unknown.length > 0) {
  if (unknown.length > 0) console.error(`There is no bench ${unknown.join(', ')}.`);
  console.error(
    'npm run bench [-- NAME…] [--quick] [--minutes N] [--profile DIR] [--out FILE] [--data-dir DIR]',
  );
  for (const { name, about } of benches) console.error(`  ${name.padEnd(10)} ${about}`);
  process.exit(values.help ? 0 : 64);
}

const profileDir = values.profile === undefined ? null : resolve(values.profile);
if (profileDir !== null) mkdirSync(profileDir, { recursive: true });
const facts = machineFacts();
const devnet = await startDevnet({
  dataDir: resolve(values['data-dir']),
  brokers: 1,
  // The devnet's own way has pauses of 20 to 50 ms and costs the broker a core at full speed.
  kafka: { jvm: 'shipped' },
  // The long chain's blocks are 12 s apart: it must not end in the future, which Kafka refuses.
  evm: { timestamp: Math.floor(Date.now() / 1_000) - 86_400 },
});
const stop = () => void devnet.stop().then(() => process.exit(130));
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
const results: Record<string, BenchResult> = {};
try {
  const minutes = Number(values.minutes);
  const scene = new Scene(devnet, { isQuick: values.quick, minutes, profileDir });
  for (const bench of benches) {
    if (positionals.length > 0 && !positionals.includes(bench.name)) continue;
    scene.note(`${bench.name}: ${bench.about}`);
    const result = await bench.run(scene);
    results[bench.name] = result;
    console.log(table(bench.name, result));
    writeFileSync(
      values.out,
      `${JSON.stringify({ machine: facts, command: process.argv.slice(2), results }, null, 1)}\n`,
    );
  }
} finally {
  await devnet.stop();
}
process.exit(0);
