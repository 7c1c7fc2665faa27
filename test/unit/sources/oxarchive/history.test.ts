import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { blockAt } from '../../../../src/devnet/oxarchive/history/block-time.ts';
import {
  type OxarchiveServer,
  openOxarchiveServer,
} from '../../../../src/devnet/oxarchive/server.ts';
import { OxarchiveSimulator } from '../../../../src/devnet/oxarchive/simulator.ts';
import type { SourceUpdate } from '../../../../src/model/update.ts';
import { canonicalDecimal } from '../../../../src/sources/decimal.ts';
import { LevelBook } from '../../../../src/sources/oxarchive/books/level-book.ts';
import type { OxarchiveConfig } from '../../../../src/sources/oxarchive/config.ts';
import type { OxarchiveMessage } from '../../../../src/sources/oxarchive/messages.ts';
import { OxarchiveSource } from '../../../../src/sources/oxarchive/oxarchive-source.ts';
import type { HistoryCommand, TimeRange } from '../../../../src/sources/source.ts';
import { MarketFold } from '../../../support/oxarchive/market-fold.ts';
import { testConfig } from '../../../support/oxarchive/oxarchive-scene.ts';
import { QuickClock } from '../../../support/tzkt/quick-clock.ts';

type Update = SourceUpdate<OxarchiveMessage>;
const clock = new QuickClock();
const spanMs = 120_000;
let simulator: OxarchiveSimulator;
let server: OxarchiveServer;
let range: TimeRange;

before(async () => {
  simulator = new OxarchiveSimulator({
    startTimeMs: clock.nowMs() - 10 * spanMs,
    clock,
    profile: { archiveLagMs: 0, isPaced: false, tradeGapMs: 30_000 },
  });
  const fromMs = simulator.nowMs;
  simulator.advanceTo(fromMs + 2 * spanMs);
  range = { fromMs, toMs: fromMs + spanMs };
  server = await openOxarchiveServer(simulator);
});
after(() => server?.close());

/** One reading of the history, with what was told beside it. */
class Reading {
  readonly updates: Update[] = [];
  speed: number | null | undefined;
  #listener: (command: HistoryCommand) => void = () => undefined;
  readonly #source: OxarchiveSource;

  constructor(datasets: readonly string[], overrides: Partial<OxarchiveConfig> = {}) {
    const wanted = new Set(datasets);
    const { ws, http: rest } = server;
    // Ten seconds of this clock are one of a loaded machine.
    const own = { markets: ['hyperliquid:BTC'], requestTimeoutMs: 300_000 };
    const config = testConfig({ ws, rest, ...own, ...overrides });
    this.#source = new OxarchiveSource(config, wanted, new MarketFold(clock, wanted).runtime);
  }

  command(command: HistoryCommand): void {
    this.#listener(command);
  }

  async read(
    {
      speed = null,
      onUpdate = () => undefined,
    }: {
      readonly speed?: number | null;
      readonly onUpdate?: (update: Update) => void;
    } = {},
    stretch: TimeRange = range,
  ): Promise<this> {
    const options = {
      speed,
      onCommand: (listener: (command: HistoryCommand) => void) => {
        this.#listener = listener;
        return () => undefined;
      },
      onSpeed: (effective: number | null) => {
        this.speed = effective;
      },
    };
    const signal = AbortSignal.timeout(60_000);
    for await (const update of this.#source.history(stretch, options, signal)) {
      this.updates.push(update);
      onUpdate(update);
    }
    return this;
  }

  messages(dataset: string): OxarchiveMessage[] {
    return this.updates
      .flatMap((update) => (update.kind === 'batch' ? update.messages : []))
      .filter((message) => message.dataset === dataset);
  }

  get reachedMs(): number {
    const last = this.updates.at(-1);
    assert.ok(last?.kind === 'idle');
    return Number(last.cursor.replace('1:token:', ''));
  }
}

function legs(messages: readonly OxarchiveMessage[]): string[] {
  return messages
    .flatMap((each) => (each.dataset === 'trades' ? each : []))
    .map(({ symbol, tradeId, side, price }) => `${symbol} ${tradeId} ${side} ${price}`);
}

function trueLegs(symbol: string, { fromMs, toMs } = range): string[] {
  return simulator
    .trades('hyperliquid', symbol, fromMs, toMs)
    .map(
      ({ tid, side, px }) =>
        `${symbol} ${tid} ${side === 'A' ? 'sell' : 'buy'} ${canonicalDecimal(px)}`,
    );
}

const sorted = (list: readonly string[]) => [...new Set(list)].sort();

/** One epoch whose every state is the book of the venue. */
function assertTicks(messages: readonly OxarchiveMessage[]): void {
  const rows = messages.flatMap((each) => (each.dataset === 'book_deltas' ? each : []));
  const book = new LevelBook();
  let compared = 0;
  assert.deepEqual([...new Set(rows.map(({ change }) => change))], ['snapshot', 'delta', 'unsafe']);
  assert.equal(rows.filter(({ change }) => change === 'snapshot').length, 1);
  for (const { change, bids, asks, eventTimeMs } of rows) {
    if (change === 'unsafe') continue;
    if (change === 'snapshot') book.replace({ bids, asks });
    for (const level of bids) book.set({ side: 'buy', ...level });
    for (const level of asks) book.set({ side: 'sell', ...level });
    const truth = simulator.fullBookAfter('lighter', 'BTC', blockAt(eventTimeMs));
    const { bids: held } = book.view.all();
    assert.deepEqual(
      held.map(({ price, quantity }) => `${price} ${quantity}`),
      truth.bids.map(({ px, sz }) => `${canonicalDecimal(px)} ${canonicalDecimal(sz)}`),
    );
    compared += 1;
  }
  assert.ok(compared > 50, `${compared}`);
}

describe('the history of a market', () => {
  it('has every trade of the stretch and no other, in the order of time, as backfill', async () => {
    const reading = await new Reading(['trades']).read();
    assert.ok(trueLegs('BTC').length > 10);
    assert.deepEqual(sorted(legs(reading.messages('trades'))), sorted(trueLegs('BTC')));
    const times = reading.messages('trades').map(({ eventTimeMs }) => eventTimeMs);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    assert.ok(reading.updates.every((each) => each.kind !== 'batch' || each.isBackfill));
    assert.equal(reading.reachedMs, range.toMs);
  });

  it('has books with an epoch of their own, which ends with the replay', async () => {
    const reading = await new Reading(['book_snapshots']).read();
    const books = reading
      .messages('book_snapshots')
      .flatMap((each) => ('change' in each ? each : []));
    assert.ok(books.length > 20);
    assert.equal(new Set(books.map(({ epoch }) => epoch)).size, 1);
    assert.equal(books.at(-1)?.change, 'unsafe');
    const states = reading.updates.flatMap((each) => (each.kind === 'market' ? each.state : []));
    assert.deepEqual(states, ['safe', 'unsafe']);
  });

  it('comes market by market, and the time reached is that of all of them', async () => {
    const markets = ['hyperliquid:BTC', 'hyperliquid:ETH'];
    const reading = await new Reading(['trades', 'funding'], { markets }).read();
    const truth = [...trueLegs('BTC'), ...trueLegs('ETH')];
    assert.deepEqual(sorted(legs(reading.messages('trades'))), sorted(truth));
    assert.ok(reading.messages('funding').length > 0);
    const cursors = new Set(
      reading.updates.flatMap((each) => (each.kind === 'batch' ? each.cursor : [])),
    );
    assert.deepEqual([...cursors], [`1:token:${range.fromMs}`]);
    assert.equal(reading.reachedMs, range.toMs);
  });

  it('leaves no millisecond alone at the end of an hour of several markets', async () => {
    const markets = ['hyperliquid:BTC', 'hyperliquid:ETH'];
    const hour = { fromMs: range.toMs - 3_600_000, toMs: range.toMs };
    const reading = await new Reading(['funding'], { markets }).read({}, hour);
    assert.ok(reading.messages('funding').length > 100);
    assert.equal(reading.reachedMs, hour.toMs);
  });

  for (const isRepaired of [true, false]) {
    const what = isRepaired ? 'is filled with what REST has of it' : 'stays a gap';
    it(`a hole of the archive that ${isRepaired ? 'was' : 'was not'} repaired ${what}`, async () => {
      const hole = { fromMs: range.fromMs + 30_000, toMs: range.fromMs + 90_000 };
      simulator.addHole({
        venue: 'hyperliquid',
        symbol: 'kPEPE',
        kind: 'trades',
        isRepaired,
        ...hole,
      });
      const reading = await new Reading(['trades'], { markets: ['hyperliquid:kPEPE'] }).read();
      const gaps = reading.updates.flatMap((each) =>
        each.kind === 'market' && each.state === 'gap' ? each : [],
      );
      assert.equal(gaps.length, isRepaired ? 0 : 1);
      const truth = sorted(trueLegs('kPEPE'));
      const found = sorted(legs(reading.messages('trades')));
      if (isRepaired) assert.deepEqual(found, truth);
      else assert.ok(found.length < truth.length);
    });
  }

  it('has single orders by bulk replay, only those of the stretch', async () => {
    const short = { fromMs: range.fromMs + 20_000, toMs: range.fromMs + 30_000 };
    const reading = await new Reading(['order_diffs']).read({}, short);
    const times = reading.messages('order_diffs').map(({ eventTimeMs }) => eventTimeMs);
    assert.ok(times.length > 0);
    assert.ok(times.every((timeMs) => timeMs >= short.fromMs && timeMs <= short.toMs));
    assert.equal(reading.speed, null);
  });

  it('has the single orders of Lighter, as often as the archive keeps them', async () => {
    const reading = await new Reading(['order_snapshots'], { markets: ['lighter:BTC'] }).read();
    const snapshots = reading
      .messages('order_snapshots')
      .flatMap((each) => (each.dataset === 'order_snapshots' ? each : []));
    assert.ok(snapshots.length >= spanMs / 60_000);
    for (const { bids, asks, channel, eventTimeMs } of snapshots) {
      assert.equal(channel, 'lighter_l3_orderbook');
      const truth = simulator.ordersAfter('lighter', 'BTC', blockAt(eventTimeMs));
      assert.deepEqual(
        [...bids, ...asks].map(({ orderId }) => orderId).sort(),
        truth.map(({ oid }) => oid).sort(),
      );
    }
  });

  it('has the books of Lighter as finely as is asked for, up to each change', async () => {
    const markets = ['lighter:BTC'];
    const wanted = ['book_snapshots', 'book_deltas', 'funding'];
    const counts: number[] = [];
    for (const replayGranularity of ['checkpoint', '10s', 'tick'] as const) {
      const reading = await new Reading(wanted, { markets, replayGranularity }).read();
      const dataset = replayGranularity === 'tick' ? 'book_deltas' : 'book_snapshots';
      counts.push(reading.messages(dataset).length);
      assert.ok(reading.messages('funding').length > 0);
      if (replayGranularity === 'tick') assertTicks(reading.messages('book_deltas'));
    }
    const [checkpoints = 0, fine = 0, ticks = 0] = counts;
    assert.ok(checkpoints < fine && 5 * fine < ticks, counts.join(' '));
  });

  it('tells what the venue does not replay as a gap', async () => {
    const reading = await new Reading(['trades'], { markets: ['spot:HYPE-USDC'] }).read();
    const [gap] = reading.updates;
    assert.ok(gap?.kind === 'market');
    assert.deepEqual([gap.state, gap.dataset, gap.reason], ['gap', 'trades', 'not_replayed']);
  });
});

describe('a replay that somebody watches', () => {
  it('tells books that are deeper than their replay as a gap', async () => {
    const reading = await new Reading(['book_deltas'], { bookDepth: 'full' }).read();
    const gaps = reading.updates.filter(({ kind }) => kind === 'market');
    assert.deepEqual(
      gaps.map((each) => each.kind === 'market' && [each.dataset, each.state, each.reason]),
      [['book_deltas', 'gap', 'not_replayed']],
    );
  });

  it('is told the pace that the plan allows', async () => {
    const reading = await new Reading(['trades']).read({ speed: 7 });
    assert.equal(reading.speed, 7);
  });

  it('goes back to a time, and brings what follows it again', async () => {
    const reading = new Reading(['trades']);
    let sought = false;
    await reading.read({
      onUpdate: (update) => {
        if (update.kind !== 'batch' || sought) return;
        sought = true;
        reading.command({ kind: 'seek', timeMs: range.fromMs });
      },
    });
    assert.deepEqual(sorted(legs(reading.messages('trades'))), sorted(trueLegs('BTC')));
    assert.equal(reading.reachedMs, range.toMs);
  });

  it('skips what lies before the time it goes forward to', async () => {
    const timeMs = range.fromMs + spanMs - 10_000;
    const reading = new Reading(['trades', 'funding'], {
      markets: ['hyperliquid:BTC', 'hyperliquid:ETH'],
    });
    let sought = false;
    await reading.read({
      onUpdate: () => {
        if (sought) return;
        sought = true;
        reading.command({ kind: 'seek', timeMs });
      },
    });
    const late = { fromMs: timeMs, toMs: range.toMs };
    const truth = [...trueLegs('BTC', late), ...trueLegs('ETH', late)];
    const found = new Set(legs(reading.messages('trades')));
    assert.ok(truth.every((leg) => found.has(leg)));
    assert.ok(found.size < trueLegs('BTC').length + trueLegs('ETH').length);
  });

  it('ends where it is stopped, with the time reached', async () => {
    const reading = new Reading(['trades']);
    await reading.read({
      onUpdate: (update) => {
        if (update.kind === 'batch') reading.command({ kind: 'stop' });
      },
    });
    assert.ok(reading.reachedMs < range.toMs);
    assert.ok(legs(reading.messages('trades')).length < trueLegs('BTC').length);
  });

  it('waits while it is paused, and goes on', async () => {
    const reading = new Reading(['trades']);
    let idle = 0;
    let isPaused = false;
    await reading.read({
      onUpdate: (update) => {
        if (update.kind === 'batch' && !isPaused) {
          isPaused = true;
          reading.command({ kind: 'pause' });
        } else if (isPaused && update.kind === 'idle') {
          idle += 1;
          if (idle === 2) reading.command({ kind: 'resume' });
        }
      },
    });
    assert.deepEqual(sorted(legs(reading.messages('trades'))), sorted(trueLegs('BTC')));
  });

  it('ends by throwing when its socket is lost', async () => {
    simulator.faults.arm({ name: 'replay-killed', channel: 'trades' });
    const reading = new Reading(['trades']);
    await assert.rejects(reading.read(), { code: 'source.session_lost' });
    assert.ok(legs(reading.messages('trades')).length < trueLegs('BTC').length);
  });

  it('is refused with the word of the venue', async () => {
    const future = { fromMs: clock.nowMs() + 1e9, toMs: clock.nowMs() + 2e9 };
    await assert.rejects(new Reading(['trades']).read({}, future), /invalid_time_range/);
  });
});
