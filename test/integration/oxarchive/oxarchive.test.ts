/**
 * 0xArchive from a simulated service into a real Kafka, through its faults and a kill, judged by a reader
 * that has nothing but the records.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { defaultKey } from '../../../src/devnet/oxarchive/access.ts';
import type { FaultRequest } from '../../../src/devnet/oxarchive/faults.ts';
import { type OxarchiveServer, openOxarchiveServer } from '../../../src/devnet/oxarchive/server.ts';
import { OxarchiveSimulator } from '../../../src/devnet/oxarchive/simulator.ts';
import { until } from '../../../src/devnet/until.ts';
import { CommandRun } from '../../support/operator/command-run.ts';
import { Stand } from '../../support/operator/stand.ts';
import type { UserProcess } from '../../support/operator/user-process.ts';
import { JudgedMarkets, type MarketJudgement } from '../../support/oxarchive/judged-market.ts';
import { assertSameBook, assertSameTrades } from '../../support/oxarchive/oxarchive-truth.ts';

/** Far beyond what a loaded machine needs: a wait that never ends is a failure, not a hang. */
const [startMs, testMs, waitMs] = [120_000, 240_000, 60_000];
const prefix = 'oxarchive';
const environment = { OXARCHIVE_API_KEY: defaultKey };
const books = ['book_snapshots', 'book_deltas', 'book_tops'];
const startTimeMs = Math.floor(Date.now() / 1000) * 1000;

/** Each source with its delivery, and which book the service has for it. */
const venues = {
  hyperliquid: { delivery: 'exactly_once', symbols: ['BTC', 'ETH'], depth: 'top' },
  hip3: { delivery: 'low_latency', symbols: ['xyz:SP500'], depth: 'full' },
  lighter: { delivery: 'exactly_once', symbols: ['BTC'], depth: 'top' },
  rh_lighter: { delivery: 'low_latency', symbols: ['BTC'], depth: 'top' },
} as const;
type Judged = keyof typeof venues;
const names = Object.keys(venues) as readonly Judged[];

/** Trades of Lighter are final soon, so that what was preliminary is corrected. */
const simulator = new OxarchiveSimulator({
  startTimeMs,
  profile: { archiveLagMs: 300, finalityLagMs: 600 },
});
let ticker: NodeJS.Timeout;
let stand: Stand;
let server: OxarchiveServer;
let markets: JudgedMarkets;

before(start, { timeout: startMs });

async function start(): Promise<void> {
  stand = await Stand.open();
  server = stand.keep(await openOxarchiveServer(simulator));
  markets = stand.keep(await JudgedMarkets.open(stand.devnet, prefix));
}

after(async () => {
  clearInterval(ticker);
  await stand?.close();
});

function configFile(): string {
  const sources = names.map((venue) => {
    const { delivery, symbols, depth } = venues[venue];
    const source = {
      kind: 'oxarchive',
      delivery,
      markets: symbols.map((symbol) => `${venue}:${symbol}`),
      ...{ ws: server.ws, rest: server.http, apiKey: { env: 'OXARCHIVE_API_KEY' } },
      bookDepth: depth,
      datasets: ['trades', ...liquidations(venue), ...books, 'funding', 'open_interest'],
      start: startTimeMs,
      bookSnapshotEveryMs: 1_000,
      ...{ archiveLagMs: 1_000, auditIntervalMs: 1_000, firstRowWaitMs: 500, overlapMs: 5_000 },
      ...{ retryDelayMs: 20, retryDelayMaxMs: 200, requestsPerSecondMax: 1_000 },
      ...{ keyRefusalsMax: 2, stalledAfterMs: 0 },
    };
    return [venue, source] as const;
  });
  return stand.config(prefix, Object.fromEntries(sources));
}

/** Lighter has no live liquidations. */
function liquidations(venue: Judged): readonly string[] {
  return venue === 'hyperliquid' || venue === 'hip3' ? ['liquidations'] : [];
}

/** Resolves when every source has all its books and no gap, after that was lost where told so. */
async function live(run: UserProcess, after = ''): Promise<void> {
  for (const venue of names) {
    const line = (state: string) => `"source":"${venue}"[^\\n]*"state":"${state}"`;
    const lines = after === '' ? line('live') : `${line(after)}[^]*${line('live')}`;
    await run.printed(new RegExp(lines));
  }
}

/** Resolves when each of these has struck. */
async function struck(...faults: readonly FaultRequest[]): Promise<void> {
  for (const fault of faults) simulator.faults.arm(fault);
  const isOver = () => simulator.faults.armed.length === 0 || undefined;
  const timeoutMs = waitMs;
  assert(await until(isOver, { timeoutMs }), JSON.stringify(simulator.faults.armed));
}

/** Resolves when the topics hold all trades up to `toMs`; rejects with what is missing. */
async function whole(venue: Judged, toMs: number): Promise<void> {
  const { delivery, symbols } = venues[venue];
  let missing: unknown;
  const look = async () => {
    const found = await markets.judge({ venue, delivery });
    try {
      assert.equal(found.verdict.openGaps, 0, `open gaps: ${found.picture}`);
      assertSameTrades(found, simulator, { venue, symbols, fromMs: startTimeMs, toMs });
      return true;
    } catch (error) {
      missing = error;
      return undefined;
    }
  };
  const isWhole = await until(look, { timeoutMs: waitMs, pollMs: 500 });
  if (isWhole === undefined) throw missing;
}

test('a wrong key ends the run with its code, and stands nowhere in what is logged', {
  timeout: testMs,
}, async () => {
  const key = 'not-the-key-of-anyone';
  const wrong = { environment: { OXARCHIVE_API_KEY: key } };
  const run = new CommandRun(['run', '--config', configFile()], wrong);
  assert.equal(await run.exitCode, 77, run.stderr);
  assert.equal(run.lines.findLast(({ level }) => level === 'error')?.code, 'source.key_refused');
  assert.ok(!`${run.stdout}${run.stderr}`.includes(key), run.stderr);
});

test('the topics hold every trade and no wrong book after faults, a cut and a kill', {
  timeout: testMs,
}, async () => {
  const file = configFile();
  ticker = setInterval(() => simulator.advanceTo(Date.now()), 50);
  const first = stand.run(file, environment);
  await live(first);
  await struck(
    // Without a word, and without a loss of the connection.
    ...['trades', 'hip3_trades', 'rh_lighter_trades'].map((channel) => drop(channel)),
    { name: 'duplicate-row', channel: 'lighter_trades', times: 2 },
    { name: 'duplicate-frame', channel: 'trades', times: 3 },
    { name: 'bad-number', channel: 'hip3_trades' },
    { name: 'crossed-book', channel: 'orderbook' },
    { name: 'crossed-book', channel: 'hip3_orderbook_full' },
  );
  await struck({ name: 'dropped', channel: 'trades' }, { name: 'dropped', channel: 'orderbook' });
  for (const { outlet } of simulator.connections) outlet.kill();
  await live(first, 'reconnecting');
  await struck(...['trades', 'lighter_trades', 'rh_lighter_trades'].map((each) => drop(each)));
  first.signal('SIGKILL');
  await first.ended(10_000);
  const second = stand.run(file, environment);
  await live(second);
  await struck({ name: 'dropped', channel: 'trades' });
  const endMs = simulator.nowMs;
  for (const venue of names) await whole(venue, endMs);
  second.signal('SIGTERM');
  assert.equal(await second.ended(20_000), 0);
  for (const venue of names) {
    const { delivery } = venues[venue];
    const found = await markets.judge({ venue, delivery });
    assertJudged(venue, found);
    assertSameTrades(found, simulator, {
      ...{ venue, symbols: venues[venue].symbols },
      ...{ fromMs: startTimeMs, toMs: endMs },
    });
  }
  const told = await markets.judge({ venue: 'hip3', delivery: 'low_latency' });
  assert.deepEqual(told.verdict.letters.toSorted(), [
    'market.book_impossible',
    'market.number_invalid',
  ]);
  for (const tampering of ways) {
    const charge = { venue: 'lighter', delivery: 'exactly_once', tampering } as const;
    const { verdict } = await markets.judge(charge);
    assert.notDeepEqual(verdict.failures, [], `${tampering} is not found out`);
  }
});

/** Each way of spoiling the records must be found out. */
const ways = ['lose-delta', 'lose-unsafe', 'lose-retraction', 'other-checksum', 'lose-safe'];

function drop(channel: string): FaultRequest {
  return { name: 'drop', channel };
}

/** What must be true of every venue. */
function assertJudged(venue: Judged, { verdict, books: trusted, picture }: MarketJudgement): void {
  assert.deepEqual(verdict.failures, []);
  for (const { row } of trusted) {
    assertSameBook(row, simulator, { venue, symbol: row.symbol, depth: venues[venue].depth });
  }
  const { compared, tops, rowsByDataset, incarnationMax } = verdict;
  assert(trusted.length > 20 && compared > 5 && tops > 10, picture);
  for (const lives of Object.values(verdict.epochs)) assert(lives >= 3, picture);
  for (const dataset of ['funding', 'open_interest']) assert(Number(rowsByDataset[dataset]) > 5);
  // Of Lighter a trade is preliminary, in the words of the socket and of REST, and then final for good.
  if (venue.endsWith('lighter')) assert(incarnationMax >= 2, picture);
  if (venues[venue].delivery === 'exactly_once') assert.equal(verdict.repeats, 0, picture);
}
