/** What the venue may do wrong: each is told apart and said, nothing is lost, and the rest goes on. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { FaultRequest } from '../../../../src/devnet/oxarchive/faults.ts';
import type { SimulatorOptions } from '../../../../src/devnet/oxarchive/simulator.ts';
import { FatalError, PipelineError } from '../../../../src/model/errors.ts';
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

const last = (fold: MarketFold) => fold.states.at(-1)?.['state'];
const tradesOf = (fold: MarketFold, symbol: string) =>
  fold.rows('trades').filter(({ row }) => row['symbol'] === symbol).length;
const said = (fold: MarketFold, state: string, reason: string) =>
  fold.told.some((each) => each.state === state && each.reason === reason);

describe('bad input', () => {
  it('a market that the venue does not know is given up, the others go on', async () => {
    const { reader } = await open();
    const { fold, source } = reader({ markets: ['hyperliquid:NOPE', 'hyperliquid:BTC'] });
    await fold.run(source, () => tradesOf(fold, 'BTC') > 4 && last(fold) === 'degraded');
    assert.deepEqual(fold.letters, ['market.unknown']);
  });

  it('a channel that is never acknowledged is given up, and its rows come by the audit', async () => {
    const { simulator, reader } = await open();
    const { fold, source } = reader({ markets: ['hyperliquid:BTC'], ackTimeoutMs: 2_000 });
    simulator.faults.arm({ name: 'ack-never', channel: 'trades', times: 0 });
    await fold.run(source, () => tradesOf(fold, 'BTC') > 4);
    assert.deepEqual(fold.letters, ['source.subscription_unanswered']);
    assert(said(fold, 'gap', 'dropped_silently'));
  });

  it('a plan with fewer subscriptions is met before anything is sent', async () => {
    const { reader } = await open();
    const { fold, source } = reader({ subscriptionsMax: 1 });
    await assert.rejects(
      fold.run(source, () => false),
      (error) => {
        assert(error instanceof FatalError && error.code === 'source.plan_limit', String(error));
        return true;
      },
    );
  });

  it('spent credits stop the source', async () => {
    const { simulator, reader } = await open();
    const { fold, source } = reader();
    simulator.faults.arm({ name: 'credits-exhausted' });
    await assert.rejects(
      fold.run(source, () => false),
      (error) => {
        assert(error instanceof FatalError && error.code === 'source.credits_spent', String(error));
        return true;
      },
    );
    assert.equal(last(fold), 'failed');
  });

  const letters: readonly (readonly [FaultRequest, string])[] = [
    [{ name: 'unknown-type', channel: 'trades' }, 'source.unknown_kind'],
    [{ name: 'malformed-frame', channel: 'trades' }, 'source.malformed_frame'],
    [{ name: 'truncated-frame', channel: 'trades' }, 'source.malformed_frame'],
    [{ name: 'bad-number', channel: 'trades' }, 'market.number_invalid'],
    [{ name: 'missing-field', channel: 'trades' }, 'market.number_invalid'],
    [{ name: 'future-time', channel: 'trades' }, 'market.time_in_future'],
  ];
  it('frames and rows that cannot be read are dead letters, and the trades are there in the end', async () => {
    const { simulator, reader } = await open();
    const { fold, source } = reader({ markets: ['hyperliquid:BTC'] });
    const waiting = [...letters];
    let fromMs = Number.POSITIVE_INFINITY;
    let untilMs = Number.POSITIVE_INFINITY;
    await fold.run(source, () => {
      if (fromMs === Number.POSITIVE_INFINITY && last(fold) === 'live')
        fromMs = simulator.nowMs + 1;
      const isNext = fold.letters.length >= letters.length - waiting.length;
      const [next] = isNext && fromMs < simulator.nowMs ? waiting.splice(0, 1) : [];
      if (next !== undefined) simulator.faults.arm(next[0]);
      if (untilMs === Number.POSITIVE_INFINITY && fold.letters.length >= letters.length) {
        untilMs = simulator.nowMs;
      }
      return fold.wholeToMs > untilMs + 45_000;
    });
    assert.deepEqual(new Set(fold.letters), new Set(letters.map(([, code]) => code)));
    const range = { venue: 'hyperliquid', symbols: ['BTC'], fromMs, toMs: untilMs } as const;
    assertSameTrades(fold, simulator, range);
  });

  for (const name of ['dropped', 'stopped', 'gap-frame'] as const) {
    it(`the server's word that trades were lost (${name}) opens a hole, which is filled`, async () => {
      const { simulator, reader } = await open();
      const { fold, source } = reader({ markets: ['hyperliquid:BTC'] });
      let fromMs = Number.POSITIVE_INFINITY;
      await fold.run(source, () => {
        if (fromMs === Number.POSITIVE_INFINITY && last(fold) === 'live') {
          fromMs = simulator.nowMs + 1;
          simulator.faults.arm({ name, channel: 'trades' });
        }
        return said(fold, 'closed', 'filled') && last(fold) === 'live';
      });
      assert(said(fold, 'gap', name === 'gap-frame' ? 'gap' : 'slow_consumer'));
      assertSameTrades(fold, simulator, { venue: 'hyperliquid', symbols: ['BTC'], fromMs });
    });
  }

  it('a market that is settled gives its row, and nothing of it is asked for again', async () => {
    const { simulator, reader } = await open();
    const options = { markets: ['hip4:#520'], start: simulator.nowMs };
    const { fold, source } = reader(options, ['trades', 'settlements']);
    let isSettled = false;
    await fold.run(source, () => {
      if (!isSettled && last(fold) === 'live') {
        isSettled = true;
        simulator.settle('#520');
      }
      return fold.rows('settlements').length > 0;
    });
    await assert.doesNotReject(fold.run(source, ({ kind }) => kind === 'idle'));
    assert.equal(simulator.connections.flatMap(({ subscriptions }) => subscriptions).length, 0);
  });

  it('a market that falls silent because it was delisted is unsafe, then given up, and the others go on', async () => {
    const { simulator, reader } = await open();
    const { fold, source } = reader({ stalledAfterMs: 10_000 }, ['trades', 'book_deltas']);
    let isDelisted = false;
    const isUnsafe = () =>
      fold.told.some(({ symbol, reason }) => symbol === 'ETH' && reason === 'stalled');
    const cut = fold.run(source, () => {
      if (!isDelisted && last(fold) === 'live') {
        isDelisted = true;
        simulator.delist('hyperliquid', 'ETH');
      }
      if (isUnsafe()) for (const { outlet } of simulator.connections) outlet.kill();
      return false;
    });
    await assert.rejects(cut, PipelineError);
    const before = tradesOf(fold, 'BTC');
    await fold.run(source, () => fold.letters.length >= 2 && tradesOf(fold, 'BTC') > before);
    assert.deepEqual(new Set(fold.letters), new Set(['market.unknown']));
  });

  it('a book that is called unsafe before the first frame moves the position past no trade', async () => {
    const { simulator, reader } = await open();
    const fromMs = simulator.nowMs - 60_000;
    const options = { markets: ['hyperliquid:BTC'], start: fromMs, overlapMs: 1_000 };
    const { fold, source } = reader(options, ['trades', 'book_deltas']);
    await fold.run(source, () => last(fold) === 'live');
    const range = { venue: 'hyperliquid', symbols: ['BTC'], fromMs } as const;
    assertSameTrades(fold, simulator, range);
  });

  it('a socket that is lost makes every book unsafe before the session ends', async () => {
    const { simulator, reader } = await open();
    const { fold, source } = reader({}, ['book_deltas', 'book_tops']);
    const lost = fold.run(source, () => {
      const isSafe = fold.told.filter(({ state }) => state === 'safe').length >= 4;
      if (isSafe) for (const { outlet } of simulator.connections) outlet.kill();
      return false;
    });
    await assert.rejects(lost, (error) => error instanceof PipelineError);
    const ending = fold.told.slice(-4).map(({ state, reason }) => `${state} ${reason}`);
    assert.deepEqual(new Set(ending), new Set(['unsafe disconnect']));
    const rows = fold.rows('book_deltas').filter(({ row }) => row['reason'] === 'disconnect');
    assert.equal(rows.length, 2);
    const line = fold.states.at(-1);
    assert.deepEqual([line?.['state'], line?.['retryCount']], ['reconnecting', 1]);
    assert.equal(line?.['closeCode'], 1006);
  });

  it('a crossed book is unsafe until the next frame, which begins another epoch', async () => {
    const { simulator, reader } = await open();
    const { fold, source } = reader({ markets: ['hyperliquid:BTC'] }, ['book_snapshots']);
    let isArmed = false;
    await fold.run(source, () => {
      if (!isArmed && fold.told.some(({ state }) => state === 'safe')) {
        isArmed = true;
        simulator.faults.arm({ name: 'crossed-book' });
      }
      return isArmed && fold.told.at(-1)?.state === 'safe' && said(fold, 'unsafe', 'crossed');
    });
    assert.deepEqual(new Set(fold.letters), new Set(['market.book_impossible']));
    const epochs = fold.told.map(({ epoch }) => epoch ?? 0);
    assert.deepEqual(
      epochs,
      [...epochs].sort((a, b) => a - b),
    );
  });
});
