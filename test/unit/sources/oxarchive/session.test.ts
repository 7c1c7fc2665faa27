/** Sessions on the simulator: what comes live, what is missed and fetched, and what is said of it. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type {
  OxarchiveSimulator,
  SimulatorOptions,
} from '../../../../src/devnet/oxarchive/simulator.ts';
import { FatalError, PipelineError } from '../../../../src/model/errors.ts';
import { until } from '../../../support/evm-node/until.ts';
import type { MarketFold } from '../../../support/oxarchive/market-fold.ts';
import { OxarchiveScene } from '../../../support/oxarchive/oxarchive-scene.ts';
import { assertSameTrades } from '../../../support/oxarchive/oxarchive-truth.ts';

let scene: OxarchiveScene | undefined;
afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

async function open(options: SimulatorOptions = {}) {
  const opened = await OxarchiveScene.open(options);
  scene = opened;
  const reader = (...given: Parameters<OxarchiveScene['connect']>) => opened.connect(...given);
  return { simulator: opened.simulator, reader };
}

const btcAndEth = { venue: 'hyperliquid', symbols: ['BTC', 'ETH'] } as const;
const stateNames = (fold: MarketFold) => fold.states.map(({ state }) => state);
const isClosed =
  (fold: MarketFold, times = 1) =>
  () =>
    fold.told.filter(({ state }) => state === 'closed').length >= times;

/** Waits until the markets have gone on for so long. */
async function passing(simulator: OxarchiveSimulator, ms: number): Promise<void> {
  const untilMs = simulator.nowMs + ms;
  await until('the time has passed', () => simulator.nowMs >= untilMs, 60_000);
}

/** What came since everything was live, as far as the reader has been told that it is whole. */
class SinceLive {
  readonly #fold: MarketFold;
  readonly #simulator: OxarchiveSimulator;
  fromMs = Number.POSITIVE_INFINITY;

  constructor(fold: MarketFold, simulator: OxarchiveSimulator) {
    this.#fold = fold;
    this.#simulator = simulator;
  }

  trades(): number {
    const isLive = this.#fold.states.at(-1)?.['state'] === 'live';
    if (isLive && this.fromMs === Number.POSITIVE_INFINITY) this.fromMs = this.#simulator.nowMs + 1;
    const { fromMs } = this;
    const { wholeToMs } = this.#fold;
    const isCounted = ({ timeMs }: { readonly timeMs: number }) =>
      timeMs >= fromMs && timeMs < wholeToMs;
    return this.#fold.rows('trades').filter(isCounted).length;
  }
}

describe('a session', () => {
  it('gives the trades of every market as they come, each leg once', async () => {
    const { simulator, reader } = await open();
    const { fold, source } = reader();
    const live = new SinceLive(fold, simulator);
    await fold.run(source, () => live.trades() >= 40);
    assertSameTrades(fold, simulator, { ...btcAndEth, fromMs: live.fromMs });
    assert.deepEqual(stateNames(fold), ['connecting', 'subscribed', 'live']);
    assert.deepEqual(fold.letters, []);
  });

  it('fetches what was missed between two sessions, and says so', async () => {
    const { simulator, reader } = await open();
    const { fold, source } = reader({ overlapMs: 1_000, auditIntervalMs: 0 }, [
      'trades',
      'book_deltas',
    ]);
    const live = new SinceLive(fold, simulator);
    await fold.run(source, () => live.trades() >= 10);
    await passing(simulator, 15_000);
    // What is whole up to here has what was missed.
    const missedToMs = simulator.nowMs;
    await fold.run(source, () => isClosed(fold, 2)() && fold.wholeToMs > missedToMs);
    assertSameTrades(fold, simulator, { ...btcAndEth, fromMs: live.fromMs });
    assert(fold.rows('trades').some(({ index }) => fold.held.get(`trades/${index}`)?.isBackfill));
  });

  it('gives live rows while REST is down from the start, and what was missed once it is back', async () => {
    const { simulator, reader } = await open();
    const down = simulator.faults.arm({ name: 'rest-status', status: 503, times: 0 });
    const fromMs = simulator.nowMs;
    const limits = { start: fromMs, overlapMs: 1_000, auditIntervalMs: 0 };
    const { fold, source } = reader(limits);
    assert.equal(await source.identity(new AbortController().signal), '0xarchive/hyperliquid');
    let toMs = Number.POSITIVE_INFINITY;
    await fold.run(source, () => {
      const isDegraded = stateNames(fold).at(-1) === 'degraded';
      if (isDegraded && fold.rows('trades').length >= 10 && toMs === Number.POSITIVE_INFINITY) {
        assert.equal(fold.wholeToMs, fromMs, 'the holes wait');
        toMs = simulator.nowMs;
        down.clear();
      }
      return fold.wholeToMs > toMs;
    });
    assertSameTrades(fold, simulator, { ...btcAndEth, fromMs });
    assert(fold.warnings.includes('history not read'));
  });

  it('ends by a fatal error when the key is refused again and again', async () => {
    const { reader } = await open();
    const { fold, source } = reader({ apiKey: 'wrong', keyRefusalsMax: 2 });
    const refused = () => fold.run(source, () => false);
    await assert.rejects(refused(), isError('source.key_refused', PipelineError));
    await assert.rejects(refused(), isError('source.key_refused', FatalError));
    assert.equal(fold.states.at(-1)?.['state'], 'failed');
    assert(!JSON.stringify(fold.states).includes('wrong'));
  });
});

function isError(code: string, type: abstract new (...args: never[]) => Error) {
  return (error: unknown) => {
    assert(error instanceof type && error instanceof PipelineError, String(error));
    assert.equal(error.code, code);
    return true;
  };
}
