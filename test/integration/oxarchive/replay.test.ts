/** `ommer replay` by time: the archive of a simulated venue into a real Kafka, again and again. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { defaultKey } from '../../../src/devnet/oxarchive/access.ts';
import { type OxarchiveServer, openOxarchiveServer } from '../../../src/devnet/oxarchive/server.ts';
import { OxarchiveSimulator } from '../../../src/devnet/oxarchive/simulator.ts';
import { canonicalDecimal } from '../../../src/sources/decimal.ts';
import { CommandRun } from '../../support/operator/command-run.ts';
import { Site } from '../../support/operator/site.ts';
import { joinDevnet, type SharedDevnet } from '../../support/shared-devnet.ts';

/** Far beyond what a loaded machine needs: a wait that never ends is a failure, not a hang. */
const [startMs, testMs] = [120_000, 180_000];
const prefix = 'past';
const apart = 'past-apart';
const venue = 'hyperliquid';
const spanMs = 60_000;
const simulator = new OxarchiveSimulator({
  startTimeMs: Date.now() - 10 * spanMs,
  profile: { archiveLagMs: 0, isPaced: false },
});
const fromMs = simulator.nowMs;
const toMs = fromMs + spanMs;
let devnet: SharedDevnet;
let server: OxarchiveServer;
let site: Site;
let file: string;

before(
  async () => {
    simulator.advanceTo(toMs + spanMs);
    server = await openOxarchiveServer(simulator);
    devnet = await joinDevnet();
    site = new Site(devnet);
    const { ws, http: rest } = server;
    file = site.file(
      JSON.stringify({
        kafka: { brokers: site.brokers },
        registry: { url: site.registryUrl },
        topics: { prefix, partitions: 1 },
        publishing: { transactionalIdPrefix: prefix },
        supervisor: { backoffMinMs: 50, backoffMaxMs: 300 },
        http: { port: 0 },
        log: { format: 'json' },
        sources: {
          perps: {
            ...{ kind: 'oxarchive', ws, rest, markets: [`${venue}:BTC`] },
            apiKey: { env: 'OXARCHIVE_API_KEY' },
            datasets: ['trades', 'book_tops'],
          },
        },
      }),
    );
  },
  { timeout: startMs },
);

after(async () => {
  await CommandRun.stopAll();
  await devnet?.leave();
  await server?.close();
  site?.remove();
});

async function replay(...more: readonly string[]): Promise<Readonly<Record<string, unknown>>> {
  const times = ['--from-time', String(fromMs), '--to-time', new Date(toMs).toISOString()];
  const argv = ['replay', '--source', 'perps', ...times, '--json', '--config', file, ...more];
  const run = new CommandRun(argv, { environment: { OXARCHIVE_API_KEY: defaultKey } });
  assert.equal(await run.exitCode, 0, run.stderr);
  assert.ok(!`${run.stdout}${run.stderr}`.includes(defaultKey), run.stderr);
  const [told] = run.objects;
  assert.ok(told !== undefined, run.stdout);
  return told;
}

/** What lives on the trades topic. */
async function published(of: string): Promise<readonly string[]> {
  const changes = await site.changes(`${of}.${venue}`);
  return changes
    .filter(({ topic, kind }) => topic.endsWith('.trades') && kind === 'insert')
    .map(({ row, value }) => {
      assert.equal(value?.['op'], 'r');
      return `${row['trade_id']} ${row['side']} ${row['price']} ${row['quantity']}`;
    });
}

const truth = simulator
  .trades(venue, 'BTC', fromMs, toMs)
  .map(
    ({ tid, side, px, sz }) =>
      `${tid} ${side === 'A' ? 'sell' : 'buy'} ${canonicalDecimal(px)} ${canonicalDecimal(sz)}`,
  );

test('a stretch of time is published once, however often it is replayed', {
  timeout: testMs,
}, async () => {
  const first = await replay('--dataset', 'trades');
  assert.deepEqual([first['rows'], first['complete']], [truth.length, true]);
  const second = await replay('--dataset', 'trades');
  assert.deepEqual([second['rows'], second['duplicates']], [0, truth.length]);
  assert.deepEqual([...(await published(prefix))].sort(), [...truth].sort());
});

test('topics of their own get the same rows', { timeout: testMs }, async () => {
  const told = await replay('--into', apart, '--speed', '7');
  assert.ok(Number(told['rows']) > truth.length, 'books come with the trades');
  assert.deepEqual([...(await published(apart))].sort(), [...truth].sort());
});
