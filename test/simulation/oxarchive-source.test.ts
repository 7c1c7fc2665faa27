/**
 * Whole lives of an oxarchive source on the simulator: faults, cut sockets and restarts at random
 * moments. Repeat one failure with the command it prints; more lives with OMMER_OXARCHIVE_RUNS.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { FaultRequest } from '../../src/devnet/oxarchive/faults.ts';
import { SeededRandom } from '../../src/devnet/traffic/seeded-random.ts';
import { TransientError } from '../../src/model/errors.ts';
import type { Event } from '../../src/model/event.ts';
import { BookReader } from '../support/oxarchive/book-reader.ts';
import type { MarketFold } from '../support/oxarchive/market-fold.ts';
import { OxarchiveScene } from '../support/oxarchive/oxarchive-scene.ts';
import { assertSameBook, assertSameTrades } from '../support/oxarchive/oxarchive-truth.ts';

const only = process.env['OMMER_OXARCHIVE_SEED'];
const lives = Number(process.env['OMMER_OXARCHIVE_RUNS'] ?? 2);
const seeds = only === undefined ? Array.from({ length: lives }, (_, n) => n + 1) : [Number(only)];
const steps = 12;
const symbols = ['BTC', 'ETH'];
const datasets = ['trades', 'book_snapshots', 'book_deltas', 'book_tops', 'open_interest'];

type Depth = 'top' | 'full' | 'orders';
const bookChannels = { top: 'orderbook', full: 'orderbook_full', orders: 'l4_diffs' } as const;

/** What a lost frame of a book at full depth changes nobody can see (reference section 4.10). */
function faultsOf(depth: Depth): readonly FaultRequest[] {
  const books = bookChannels[depth];
  return [
    { name: 'drop', channel: 'trades' },
    { name: 'drop', channel: 'trades', times: 5 },
    { name: 'dropped', channel: 'trades' },
    { name: 'stopped', channel: 'trades' },
    { name: 'duplicate-frame', channel: 'trades' },
    { name: 'duplicate-frame', channel: books },
    { name: 'duplicate-row', channel: 'trades' },
    { name: 'reorder', channel: 'trades' },
    { name: 'unknown-type' },
    { name: 'unknown-field', channel: 'trades' },
    { name: 'missing-field', channel: 'trades' },
    { name: 'bad-number', channel: 'trades' },
    { name: 'future-time', channel: 'trades' },
    { name: 'malformed-frame', channel: 'trades' },
    { name: 'truncated-frame', channel: 'trades' },
    { name: 'cut-message', channel: 'trades' },
    { name: 'cut-message', channel: books },
    { name: 'binary-frame', channel: books },
    { name: 'error-frame', channel: 'trades', text: 'internal_error' },
    { name: 'ack-error', channel: 'trades' },
    { name: 'ack-never', channel: 'trades' },
    { name: 'data-before-ack', channel: books },
    { name: 'no-version' },
    { name: 'upgrade-status', status: 503 },
    { name: 'upgrade-close', code: 1013 },
    { name: 'upgrade-reset' },
    { name: 'rest-status', status: 500 },
    { name: 'rest-status', status: 429, retryAfterSeconds: 0 },
    { name: 'rest-truncated' },
    { name: 'rest-reset' },
    ...(depth === 'top'
      ? ([
          { name: 'drop', channel: books, times: 3 },
          { name: 'crossed-book' },
          { name: 'bad-number', channel: books },
        ] as const)
      : []),
  ];
}

class Life {
  readonly scene: OxarchiveScene;
  readonly depth: Depth;
  readonly readers = { book_snapshots: new BookReader(), book_deltas: new BookReader() };
  readonly #random: SeededRandom;
  readonly #options: { readonly bookDepth: Depth; readonly backfill: 'rest' | 'replay' };
  #left = steps;
  /** How many books were compared. */
  compared = 0;
  /** When all was over; what is up to here must be there. */
  endMs = Number.POSITIVE_INFINITY;

  private constructor(scene: OxarchiveScene, depth: Depth, random: SeededRandom) {
    this.scene = scene;
    this.depth = depth;
    this.#random = random;
    this.#options = { bookDepth: depth, backfill: 'rest' };
  }

  static async begin(seed: number): Promise<Life> {
    const random = new SeededRandom(`oxarchive/${seed}`);
    const profile = {
      tradeRows: random.pick(['pair', 'legs'] as const),
      archivedCase: random.pick(['camel', 'snake'] as const),
      snapshotOrders: random.pick(['tuple', 'flat'] as const),
    };
    const scene = await OxarchiveScene.open({ seed: `life ${seed}`, profile });
    return new Life(scene, random.pick(['top', 'full', 'orders'] as const), random);
  }

  /** A source as after a restart of the process. */
  connect() {
    return this.scene.connect(this.#options, datasets);
  }

  /** Compares every book that a reader of one topic would trust with the one that there was. */
  readonly read = (event: Event): void => {
    const { dataset, row } = event;
    if (dataset !== 'book_snapshots' && dataset !== 'book_deltas') return;
    const book = this.readers[dataset].take(event);
    if (book === undefined) return;
    this.compared += 1;
    const depth = this.depth === 'top' ? 'top' : 'full';
    const market = { venue: 'hyperliquid', symbol: String(row['symbol']), depth } as const;
    assertSameBook(book, this.scene.simulator, market);
  };

  /** Something happens now and then. True when the session is to be given up. */
  happen(): boolean {
    if (this.#left <= 0 || !this.#random.chance(0.04)) return false;
    this.#left -= 1;
    const { simulator } = this.scene;
    if (this.#left <= 0) {
      simulator.faults.clear();
      this.endMs = simulator.nowMs;
      return false;
    }
    const dice = this.#random.integer(0, 9);
    if (dice < 7) simulator.faults.arm(this.#random.pick(faultsOf(this.depth)));
    else if (dice < 9) for (const { outlet } of simulator.connections) outlet.kill();
    return dice >= 9;
  }
}

async function live(life: Life): Promise<MarketFold> {
  let { fold, source } = life.connect();
  fold.onRow = life.read;
  const deadlineMs = Date.now() + 90_000;
  // Rows that were dropped without a word are there once they are compared with the archive.
  const isDone = () =>
    fold.wholeToMs > life.endMs + 45_000 &&
    life.readers.book_deltas.trusted.length === symbols.length;
  while (!isDone()) {
    assert(Date.now() < deadlineMs, `did not come to the end: ${fold.picture}`);
    let isRestarted = false;
    try {
      await fold.run(source, () => {
        isRestarted = life.happen();
        return isRestarted || isDone() || Date.now() > deadlineMs;
      });
    } catch (error) {
      // Faults may end a session; the next one goes on from the position.
      if (!(error instanceof TransientError)) throw error;
    }
    if (!isRestarted) continue;
    const next = life.connect();
    next.fold.takeOver(fold);
    ({ fold, source } = next);
    fold.onRow = life.read;
  }
  return fold;
}

describe('an oxarchive source', () => {
  for (const seed of seeds) {
    it(`publishes every trade and no wrong book, whatever happens (seed ${seed})`, async () => {
      const life = await Life.begin(seed);
      const { scene } = life;
      const fromMs = scene.simulator.nowMs + 5_000;
      try {
        const fold = await live(life);
        const range = { venue: 'hyperliquid', symbols, fromMs, toMs: life.endMs } as const;
        assertSameTrades(fold, scene.simulator, range);
        assert(life.compared > 20, `only ${life.compared} books could be trusted`);
      } catch (cause) {
        throw new Error(
          `seed ${seed} failed; repeat with: OMMER_OXARCHIVE_SEED=${seed} node --import tsx --test test/simulation/oxarchive-source.test.ts`,
          { cause },
        );
      } finally {
        await scene.close();
      }
    });
  }
});
