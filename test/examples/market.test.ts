/**
 * The examples of market data read what simulated venues send through ommer: trades that are corrected,
 * books that stop being safe, faults and kills. What they say must be what the venues' own history says.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { defaultKey } from '../../src/devnet/oxarchive/access.ts';
import type { FaultRequest } from '../../src/devnet/oxarchive/faults.ts';
import { type OxarchiveServer, openOxarchiveServer } from '../../src/devnet/oxarchive/server.ts';
import { OxarchiveSimulator } from '../../src/devnet/oxarchive/simulator.ts';
import { until } from '../../src/devnet/until.ts';
import { abortForeignTransaction } from '../support/engines/foreign-transaction.ts';
import { marketReadersOf } from '../support/engines/market-readers.ts';
import { type ReadMarket, viewsOfVenues } from '../support/engines/market-views.ts';
import { Reader } from '../support/engines/reader.ts';
import { Stand } from '../support/operator/stand.ts';
import type { UserProcess } from '../support/operator/user-process.ts';

const hyperliquid = { venue: 'hyperliquid', delivery: 'low_latency' } as const;
const bitcoin: ReadMarket = { ...hyperliquid, symbol: 'BTC' };
const markets: readonly ReadMarket[] = [
  bitcoin,
  { ...hyperliquid, symbol: 'ETH' },
  { venue: 'lighter', symbol: 'BTC', delivery: 'exactly_once' },
];
const startTimeMs = Math.floor(Date.now() / 1000) * 1000;
/** Trades of Lighter are final soon, so that what was preliminary is corrected. */
const simulator = new OxarchiveSimulator({
  seed: process.env['OMMER_SEED'] ?? '1',
  startTimeMs,
  markets: [
    { venue: 'hyperliquid', symbol: 'BTC', price: '64210.5', size: '2.00000', activity: 4 },
    { venue: 'hyperliquid', symbol: 'ETH', price: '2501.1', size: '40.0000', activity: 4 },
    { venue: 'lighter', symbol: 'BTC', price: '64210.4', size: '0.90000', activity: 4 },
  ],
  profile: { archiveLagMs: 300, finalityLagMs: 600 },
});
/** The world begins now: sources read a little of what was before their start. */
for (const { venue } of markets) {
  simulator.addHole({ venue, kind: 'trades', fromMs: 0, toMs: startTimeMs });
}
const readers: Reader[] = [];
let stand: Stand;
let server: OxarchiveServer;
let directory: string;
let ticker: NodeJS.Timeout;

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ommer-examples-'));
  stand = await Stand.open();
  server = stand.keep(await openOxarchiveServer(simulator));
});

after(async () => {
  clearInterval(ticker);
  await Promise.all(readers.map((reader) => reader.stop()));
  await stand?.close();
  if (process.env['OMMER_KEEP'] === '1') console.error(`kept ${directory}`);
  else await rm(directory, { recursive: true, force: true });
});

test('every example agrees with the venues, through corrections, unsafe books and kills', async (t) => {
  const specs = await marketReadersOf(process.env['OMMER_EXAMPLES']);
  const file = configFile();
  goOn();
  let ommer = await started(file);
  await passed(8_000);
  stop();
  await abortForeignTransaction(
    stand.devnet.brokers,
    ['trades', 'book_tops', 'book_tops.state'].flatMap((topic) => [
      `ommer.hyperliquid.${topic}`,
      `ommer.lighter.${topic}`,
    ]),
  );
  const environment = {
    KAFKA_BROKERS: stand.devnet.brokers.join(','),
    REGISTRY_URL: stand.devnet.registry,
  };
  for (const spec of specs) readers.push(await Reader.start(spec, { directory, environment }));
  await compare('venues without faults, and records of an aborted transaction');

  for (const fault of faults) simulator.faults.arm(fault);
  goOn();
  await until(() => simulator.faults.armed.length === 0 || undefined, { timeoutMs: 60_000 });
  ommer.signal('SIGKILL');
  await Promise.all([ommer.ended(10_000), ...readers.map((reader) => reader.kill())]);
  ommer = await started(file);
  for (const reader of readers) await reader.startAgain();
  await passed(8_000);
  await compare('lost, repeated and corrected trades, kill -9 of ommer and of the readers');

  stop();
  simulator.faults.arm({ name: 'crossed-book', channel: 'orderbook', symbol: bitcoin.symbol });
  while (simulator.faults.armed.length > 0) simulator.produce();
  await compare('a book that is not to be trusted', [bitcoin]);

  goOn();
  await passed(1_000);
  await compare('a book that is safe again');
  ommer.signal('SIGTERM');
  assert.equal(await ommer.ended(20_000), 0);

  /** Time stands still for it. If rows are still on their way through the archive, it goes on a little. */
  async function compare(when: string, unsafe: readonly ReadMarket[] = []): Promise<void> {
    for (let rest = unsafe.length > 0 ? 0 : 3; ; rest -= 1) {
      stop();
      const truth = viewsOfVenues(simulator, markets, { fromMs: startTimeMs, unsafe });
      assert.ok(Number(truth.views['volumes']?.size) === markets.length, when);
      const answers = await Promise.allSettled(
        readers.map((reader) => reader.agrees(truth, rest === 0 ? 120_000 : 40_000)),
      );
      const failures = answers.flatMap((answer) =>
        answer.status === 'rejected' ? [String(answer.reason)] : [],
      );
      if (rest === 0 || failures.length === 0) {
        assert.equal(failures.join('\n\n'), '', when);
        t.diagnostic(JSON.stringify({ when, volumes: [...(truth.views['volumes'] ?? [])] }));
        return;
      }
      goOn();
      await passed(3_000);
    }
  }
});

/** What the archive, a correction or the next frame puts right. */
const faults: readonly FaultRequest[] = [
  { name: 'drop', channel: 'trades' },
  { name: 'drop', channel: 'lighter_trades' },
  { name: 'duplicate-row', channel: 'lighter_trades', times: 2 },
  { name: 'duplicate-frame', channel: 'trades', times: 3 },
  { name: 'dropped', channel: 'trades' },
  { name: 'dropped', channel: 'orderbook' },
  { name: 'crossed-book', channel: 'lighter_orderbook' },
];

function configFile(): string {
  const common = {
    kind: 'oxarchive',
    ...{ ws: server.ws, rest: server.http, apiKey: { env: 'OXARCHIVE_API_KEY' } },
    start: startTimeMs,
    ...{ archiveLagMs: 1_000, auditIntervalMs: 1_000, firstRowWaitMs: 500, overlapMs: 5_000 },
    ...{ retryDelayMs: 20, retryDelayMaxMs: 200, requestsPerSecondMax: 1_000, stalledAfterMs: 0 },
  };
  const state = { state: { enabled: true } };
  return stand.config('ommer', {
    hyperliquid: {
      ...common,
      delivery: 'low_latency',
      markets: ['hyperliquid:BTC', 'hyperliquid:ETH'],
      datasets: ['trades', 'book_deltas', 'book_tops'],
      routes: { book_tops: state },
    },
    lighter: {
      ...common,
      markets: ['lighter:BTC'],
      datasets: ['trades', 'book_snapshots', 'book_tops'],
      routes: { book_snapshots: state, book_tops: state },
    },
  });
}

/** Resolves when both sources have all their books and no gap. */
async function started(file: string): Promise<UserProcess> {
  const ommer = stand.run(file, { OXARCHIVE_API_KEY: defaultKey });
  for (const venue of ['hyperliquid', 'lighter']) {
    await ommer.printed(new RegExp(`"source":"${venue}"[^\\n]*"state":"live"`));
  }
  return ommer;
}

function goOn(): void {
  stop();
  ticker = setInterval(() => simulator.produce(), 100);
}

function stop(): void {
  clearInterval(ticker);
}

/** Resolves when so much time has passed on the venues. */
async function passed(ms: number): Promise<void> {
  const end = simulator.nowMs + ms;
  const isOver = await until(() => simulator.nowMs >= end || undefined, { timeoutMs: 60_000 });
  assert.ok(isOver, 'time passes on the venues');
}
