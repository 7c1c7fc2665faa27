/** What a server may say that the simulator does not: other forms, and losses in other words. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { FatalError, PipelineError } from '../../../../src/model/errors.ts';
import type { MarketFold } from '../../../support/oxarchive/market-fold.ts';
import { type Command, PlainVenue } from '../../../support/oxarchive/plain-venue.ts';

let venue: PlainVenue;
beforeEach(async () => {
  venue = await PlainVenue.open();
});
afterEach(() => venue.close());

const about = ({ channel, symbol: coin }: Command) => ({ channel, coin });
let tradeId = 0;

function trade(command: Command, more: object = {}) {
  tradeId += 1;
  const time = venue.clock.nowMs();
  const { symbol: coin } = command;
  const row = { coin, side: 'B', px: '2.5', sz: '1', time, tid: tradeId, users: ['0xa', '0xb'] };
  return { type: 'data', ...about(command), data: [{ ...row, ...more }] };
}

/** At full depth: one level a side. */
function snapshot(command: Command, block: number) {
  const [bids, asks] = [[{ px: 100, sz: 1, n: 1 }], [{ px: 101, sz: 1, n: 1 }]];
  const at = { last_block_number: block, timestamp: venue.clock.nowMs() };
  return { type: 'l4_snapshot', ...about(command), ...at, data: { bids, asks } };
}

function book({ channel, symbol: coin }: Command) {
  const levels = [[{ px: '1', sz: '1', n: 1 }], [{ px: '2', sz: '1', n: 1 }]];
  return { type: 'data', channel, coin, data: { coin, time: venue.clock.nowMs(), levels } };
}

const last = (fold: MarketFold) => fold.states.at(-1)?.['state'];
const toldOf = (fold: MarketFold, symbol: string) =>
  fold.told
    .filter((each) => each.symbol === symbol)
    .map(({ state, reason }) => `${state} ${reason}`);

/** Does it once, when `isDue` holds for the first time; true from then on. */
function once(isDue: () => boolean, act: () => void): () => boolean {
  let isDone = false;
  return () => {
    if (isDone || !isDue()) return isDone;
    isDone = true;
    act();
    return true;
  };
}

describe('a loss that is told or seen', () => {
  const btcAndEth = { markets: ['hyperliquid:BTC', 'hyperliquid:ETH'] };

  it('by a gap frame makes the book unsafe, and opens a hole in its trades', async () => {
    venue.first = (command) =>
      venue.say(command.channel === 'trades' ? trade(command) : book(command));
    const { fold, source } = venue.connect(btcAndEth, ['trades', 'book_deltas']);
    const [gap_end, duration_minutes] = [venue.clock.nowMs(), 0.1];
    const times = { gap_start: gap_end - 6_000, gap_end, duration_minutes };
    const isSaid = once(
      () => last(fold) === 'live',
      () => {
        for (const channel of ['orderbook', 'trades']) {
          venue.say({ type: 'gap_detected', channel, symbol: 'ETH', ...times });
        }
      },
    );
    const reasons = () => fold.told.filter(({ reason }) => reason === 'gap');
    await fold.run(source, () => isSaid() && reasons().length === 3);
    const gaps = reasons().map(({ dataset, state, fromMs, toMs }) => [
      dataset,
      state,
      fromMs,
      toMs,
    ]);
    assert.deepEqual(gaps, [
      ['book_deltas', 'unsafe', null, null],
      ['trades', 'gap', times.gap_start, null],
      // A later process begins at the position, and does not ask for it.
      ['trades', 'gap', times.gap_start, fold.wholeToMs - 2_000],
    ]);
    assert(reasons().every(({ symbol }) => symbol === 'ETH'));
    assert.deepEqual(fold.letters, []);
  });

  it('stops the position before it is told, wherever that came to in silence', async () => {
    venue.first = (command) => venue.say(trade(command));
    const { fold, source } = venue.connect({ markets: ['hyperliquid:BTC'] });
    const btc = { op: '', channel: 'trades', symbol: 'BTC' };
    const lose = () => venue.say({ type: 'error', error_code: 'slow_consumer', ...about(btc) });
    const isLost = once(() => last(fold) === 'live', lose);
    const told = (isOpen: boolean) =>
      fold.told.filter(
        ({ state, toMs }) => state === (isOpen ? 'gap' : 'closed') && isOpen === !toMs,
      );
    const isOver = once(() => told(false).length === 1, lose);
    let wholeMs = 0;
    await fold.run(source, ({ kind }) => {
      if (!isLost()) return false;
      if (kind === 'idle') venue.say(trade(btc));
      if (!isOver()) wholeMs = fold.wholeToMs;
      return told(true).length === 2 && kind === 'batch';
    });
    assert(fold.wholeToMs > wholeMs, 'the first hole was over');
  });

  it('of a quiet market begins where it was compared with the archive, and no earlier', async () => {
    venue.first = (command) => venue.say(trade(command));
    const { fold, source } = venue.connect(btcAndEth);
    const lastOf = { channel: 'trades', coin: 'BTC', message: 'too slow' };
    const openedMs = venue.clock.nowMs();
    const isSaid = once(
      () => fold.wholeToMs > openedMs + 20_000,
      () => venue.say({ type: 'error', error_code: 'slow_consumer', ...lastOf }),
    );
    await fold.run(source, ({ kind }) => {
      if (kind === 'idle') venue.say(trade({ op: '', channel: 'trades', symbol: 'ETH' }));
      return isSaid() && fold.told.length > 0;
    });
    const gaps = fold.told.map(({ symbol, fromMs }) => [symbol, (fromMs ?? 0) > openedMs + 15_000]);
    assert.deepEqual(gaps, [['BTC', true]]);
  });

  it('by a frame that was cut off makes the book of its market unsafe, and no other', async () => {
    venue.first = (command) => venue.say(snapshot(command, 10));
    const { fold, source } = venue.connect({ ...btcAndEth, bookDepth: 'full' }, ['book_deltas']);
    const isSaid = once(
      () => last(fold) === 'live',
      () => venue.say('{"type":"l4_batch","channel":"orderbook_full","coin":"ETH","data":[{"si'),
    );
    const ends = () => toldOf(fold, 'ETH').slice(2);
    await fold.run(source, () => isSaid() && ends().length === 2);
    assert.deepEqual(ends(), ['unsafe unreadable', 'safe snapshot']);
    assert.deepEqual(toldOf(fold, 'BTC').length, 2);
    assert.deepEqual(fold.letters, ['source.malformed_frame']);
    assert.deepEqual(venue.asked('ETH'), ['subscribe', 'unsubscribe', 'subscribe']);
  });

  it('by a frame of which nothing can be read makes every book unsafe', async () => {
    venue.first = (command) => venue.say(snapshot(command, 10));
    const { fold, source } = venue.connect({ ...btcAndEth, bookDepth: 'full' }, ['book_deltas']);
    const isSaid = once(
      () => last(fold) === 'live',
      () => venue.say('nothing'),
    );
    await fold.run(source, () => isSaid() && last(fold) === 'live' && fold.told.length >= 8);
    for (const symbol of ['BTC', 'ETH']) {
      assert.deepEqual(toldOf(fold, symbol).slice(2), ['unsafe unreadable', 'safe snapshot']);
    }
  });

  for (const [notice, symbols] of [
    [{ channel: 'trades', coin: 'BTC', message: 'too slow' }, ['BTC']],
    [{ message: 'rows were not delivered' }, ['BTC', 'ETH']],
  ] as const) {
    it(`by slow_consumer in words of its own opens a hole in ${symbols.join(' and ')}`, async () => {
      venue.first = (command) => venue.say(trade(command));
      const { fold, source } = venue.connect(btcAndEth);
      const isSaid = once(
        () => last(fold) === 'live',
        () => venue.say({ type: 'error', error_code: 'slow_consumer', ...notice }),
      );
      await fold.run(source, () => isSaid() && fold.told.length >= symbols.length);
      const gaps = fold.told.map(({ symbol, state, reason }) => [symbol, state, reason]);
      assert.deepEqual(
        gaps,
        symbols.map((symbol) => [symbol, 'gap', 'slow_consumer']),
      );
    });
  }

  it('is not made good by what was on its way when the book was asked for anew', async () => {
    const batch = (bn: number, px = 99) => ({
      ...{ type: 'l4_batch', channel: 'orderbook_full', coin: 'BTC' },
      data: [{ side: 'B', px, sz: bn, n: 1, bn }],
    });
    venue.first = (command) => venue.say(snapshot(command, 20));
    venue.answersItself = ({ op, channel, symbol }) => {
      if (op === 'unsubscribe') {
        venue.say(batch(12));
        venue.say({ type: 'unsubscribed', channel, symbol });
        venue.say(batch(13));
      }
      return op === 'unsubscribe';
    };
    const options = { markets: ['hyperliquid:BTC'], bookDepth: 'full' } as const;
    const { fold, source } = venue.connect(options, ['book_deltas']);
    const isSaid = once(
      () => last(fold) === 'live',
      () => venue.say(batch(21, 200)),
    );
    await fold.run(
      source,
      () => isSaid() && fold.told.at(-1)?.state === 'safe' && fold.told.length > 2,
    );
    assert.deepEqual(toldOf(fold, 'BTC').slice(2), ['unsafe crossed', 'safe snapshot']);
  });

  it('by the silence of a book of the best levels has it asked for anew, until it is there', async () => {
    let times = 0;
    venue.first = (command) => {
      times += 1;
      if (times !== 2) venue.say(book(command));
    };
    const options = { markets: ['hyperliquid:BTC'], stalledAfterMs: 2_000 };
    const { fold, source } = venue.connect(options, ['book_tops']);
    await fold.run(source, () => fold.told.filter(({ state }) => state === 'safe').length === 2);
    const told = ['unsafe session_opened', 'safe snapshot', 'unsafe stalled', 'safe snapshot'];
    assert.deepEqual(toldOf(fold, 'BTC'), told);
    assert.equal(times, 3);
  });
});

describe('a book that the server refuses', () => {
  for (const bookDepth of ['top', 'full'] as const) {
    it(`is asked for once in a session, and no other waits for it (${bookDepth})`, async () => {
      venue.first = (command) =>
        venue.say(bookDepth === 'top' ? book(command) : snapshot(command, 1));
      venue.answersItself = ({ symbol }) => {
        const error = { type: 'error', error_code: 'invalid_symbol', message: 'no such market' };
        if (symbol === 'NOPE') venue.say(error);
        return symbol === 'NOPE';
      };
      const markets = ['hyperliquid:NOPE', 'hyperliquid:BTC'];
      const options = { markets, bookDepth, stalledAfterMs: 1_000, retryDelayMs: 10 };
      const { fold, source } = venue.connect(options, ['book_deltas']);
      await fold.run(
        source,
        () => toldOf(fold, 'BTC').filter((each) => each.startsWith('safe')).length > 3,
      );
      assert.deepEqual(venue.asked('NOPE'), ['subscribe']);
      assert(
        fold.states.some(({ state }) => state === 'degraded'),
        fold.picture,
      );
    });
  }
});

describe('a session that cannot be opened', () => {
  it('is told as lost each time, and as failed once the budget is spent', async () => {
    const { fold, source } = venue.connect({ retryBudget: 2, ws: 'ws://127.0.0.1:1' });
    for (let times = 1; times <= 3; times += 1) {
      await assert.rejects(
        fold.run(source, () => false),
        PipelineError,
      );
    }
    const told = fold.states.map(({ state, retryCount }) => [state, retryCount]);
    assert.deepEqual(told, [
      ['connecting', 0],
      ['reconnecting', 1],
      ['connecting', 1],
      ['reconnecting', 2],
      ['connecting', 2],
      ['failed', 3],
    ]);
  });
});

describe('a market that is over', () => {
  it('holds the position back in no later session', async () => {
    venue.first = (command) => venue.say(trade(command));
    const markets = ['hyperliquid:BTC', 'hyperliquid:ETH'];
    const { fold, source } = venue.connect({ markets });
    const ended = once(
      () => last(fold) === 'live',
      () => venue.say({ type: 'unsubscribed', channel: 'trades', coin: 'ETH' }),
    );
    const lost = fold.run(source, () => {
      if (ended() && fold.letters.length > 0) venue.cut();
      return false;
    });
    await assert.rejects(lost, PipelineError);
    const fromMs = fold.wholeToMs;
    await fold.run(source, () => {
      if (fold.updates.at(-1)?.kind === 'idle') {
        venue.say(trade({ op: '', channel: 'trades', symbol: 'BTC' }));
      }
      return last(fold) === 'live' && fold.wholeToMs > fromMs;
    });
    assert.deepEqual(fold.letters, ['market.delisted']);
    assert.deepEqual(venue.asked('ETH'), ['subscribe']);
    assert(toldOf(fold, 'ETH').some((each) => each.startsWith('closed')));
  });

  it('is both of an outcome where the frame tells its winner and no market', async () => {
    venue.first = (command) => venue.say(trade(command));
    const markets = ['hip4:#520', 'hip4:#521', 'hip4:#530'];
    const { fold, source } = venue.connect({ markets }, ['trades', 'settlements']);
    const settled = { outcome_id: 52, winning_side: 1, settled_at: '2026-10-03T12:00:00Z' };
    const isSaid = once(
      () => last(fold) === 'live',
      () => venue.say({ type: 'outcome_settled', ...settled }),
    );
    await fold.run(source, () => isSaid() && fold.told.length >= 2);
    assert.deepEqual(fold.told.map(({ symbol, reason }) => `${symbol} ${reason}`).sort(), [
      '#520 settled',
      '#521 settled',
    ]);
    const [row] = fold.rows('settlements').map((event) => event.row);
    assert.deepEqual([row?.['symbol'], row?.['outcome_side']], ['#521', 1]);
  });
});

describe('a context', () => {
  it('that is only repeated gives no rows, until something may have been lost', async () => {
    const say = (openInterest: string) => {
      const data = { coin: 'BTC', ctx: { openInterest, funding: '0.1' } };
      venue.say({ type: 'data', channel: 'open_interest', coin: 'BTC', data });
    };
    venue.first = () => {
      for (const openInterest of ['5', '5', '6', '6', '5']) say(openInterest);
    };
    const options = { markets: ['hyperliquid:BTC'] };
    const { fold, source } = venue.connect(options, ['open_interest', 'funding']);
    const told = () =>
      fold.updates
        .flatMap((each) => (each.kind === 'batch' ? each.messages : []))
        .flatMap((each) => (each.dataset === 'open_interest' ? [each.openInterest] : []));
    const isCut = once(
      () => told().length >= 3,
      () => {
        venue.say('{"type":"data","channel":"open_interest","coin":"BTC"');
        say('5');
      },
    );
    await fold.run(source, () => isCut() && told().length >= 4);
    assert.deepEqual(told(), ['5', '6', '5', '5']);
    assert.equal(fold.counted.get('dropped unchanged'), 2);
    assert(fold.told.every(({ state, reason }) => `${state} ${reason}` === 'gap not_backfilled'));
    assert.deepEqual(
      new Set(fold.told.map(({ dataset }) => dataset)),
      new Set(['open_interest', 'funding']),
    );
  });
});

describe('other forms', () => {
  it('of an error that names the channel alone are of the subscription under way', async () => {
    venue.first = (command) => venue.say(trade(command));
    venue.answersItself = ({ symbol, channel }) => {
      const error = { error_code: 'invalid_symbol', message: 'no such market', request_id: 'r-7' };
      if (symbol === 'NOPE') venue.say({ type: 'error', channel, ...error });
      return symbol === 'NOPE';
    };
    const { fold, source } = venue.connect({ markets: ['hyperliquid:NOPE', 'hyperliquid:BTC'] });
    await fold.run(source, () => fold.rows('trades').length > 0);
    const reasons = fold.updates.flatMap((each) =>
      each.kind === 'malformed' ? [each.reason] : [],
    );
    assert.equal(reasons.length, 1);
    assert.match(reasons[0] ?? '', /trades of NOPE was refused \(.*request r-7\)/);
  });

  it('of the answer how far the archive is are understood, or leave the rows to tell', async () => {
    const atMs = 1_790_000_000_000;
    const [last_updated, latest_timestamp] = [new Date(atMs).toISOString(), atMs];
    const cases: readonly (readonly [unknown, number])[] = [
      [{ trades: { last_updated } }, atMs],
      [{ datasets: { trades: last_updated } }, atMs],
      [[{ dataset: 'funding' }, { dataset: 'trades', last_updated }], atMs],
      [{ freshness: [{ data_type: 'trades', latest_timestamp }] }, atMs],
      [{ trades: { checked_at: last_updated } }, 0],
      [[], 0],
      ['fresh', 0],
      [null, 0],
    ];
    for (const [data, expectedMs] of cases) {
      venue.answers['/v1/hyperliquid/freshness/'] = { success: true, data };
      const { source } = venue.connect();
      const head = await source.head(new AbortController().signal);
      assert.equal(head, `1:token:${expectedMs}`, JSON.stringify(data));
    }
  });

  it('of an answer that was cut short fill no hole beyond, and one without its cursor fills none', async () => {
    const fromMs = venue.clock.nowMs() - 60_000;
    const data = { trades: venue.clock.nowMs() + 3_600_000 };
    const cases: readonly (readonly [object, readonly string[]])[] = [
      [{}, ['filled']],
      [{ clamped_to: fromMs + 1_000 }, ['partial', 'archive_silent']],
      [{ has_more: true, next_cursor: null }, []],
    ];
    for (const [meta, expected] of cases) {
      venue.answers['/v1/hyperliquid/freshness/'] = { success: true, data };
      venue.answers['/v1/hyperliquid/trades/'] = { success: true, data: [], meta };
      const { fold, source } = venue.connect({ markets: ['hyperliquid:BTC'], start: fromMs });
      const refused = () => fold.warnings.filter((each) => each === 'history not read').length;
      await fold.run(
        source,
        () => fold.told.length > Math.max(1, expected.length) || refused() > 2,
      );
      const reasons = fold.told.slice(1).map(({ reason }) => reason);
      assert.deepEqual(reasons, expected, fold.picture);
    }
  });

  it('of a contract that is not told are taken for the old one, with a warning', async () => {
    venue.first = (command) => venue.say(trade(command));
    const { fold, source } = venue.connect();
    await fold.run(source, () => fold.rows('trades').length >= 4);
    const warnings = fold.warnings.filter((each) => each.includes('contract'));
    assert.equal(warnings.length, 1);
  });

  it('of a refusal without a code, that too much was asked for, are asked for again', async () => {
    let refusals = 1;
    venue.first = (command) => venue.say(trade(command));
    venue.answersItself = () => {
      refusals -= 1;
      if (refusals >= 0) venue.say({ type: 'error', message: 'Subscription rate limit exceeded' });
      return refusals >= 0;
    };
    const { fold, source } = venue.connect({ markets: ['hyperliquid:BTC'] });
    await fold.run(source, () => fold.rows('trades').length > 0);
    assert.deepEqual(venue.asked('BTC'), ['subscribe', 'subscribe']);
    assert.deepEqual(fold.letters, []);
  });
});

describe('a key', () => {
  it('that sessions are closed for again and again stops the source, although each one opened', async () => {
    const { fold, source } = venue.connect({ keyRefusalsMax: 2, retryBudget: 100 });
    const closedBy = (code: number) => {
      const seen = fold.updates.length;
      const lost = fold.run(source, () => {
        if (fold.updates.length > seen + 1) venue.cut(code, 'policy');
        return false;
      });
      return lost.catch((error: unknown) => error);
    };
    const codes: unknown[] = [];
    for (const code of [1008, 1011, 1008, 1008]) {
      const error = await closedBy(code);
      assert(error instanceof PipelineError);
      codes.push([error.code, error instanceof FatalError]);
    }
    assert.deepEqual(codes, [
      ['source.key_refused', false],
      ['source.session_lost', false],
      ['source.key_refused', false],
      ['source.key_refused', true],
    ]);
    assert.equal(last(fold), 'failed');
  });

  it('is nowhere in what is said, although the server repeats it', async () => {
    const apiKey = '0xa_very-secret';
    venue.answersItself = () => {
      venue.say({ type: 'error', error_code: 'invalid_symbol', message: `not for ${apiKey}` });
      venue.say({ type: 'error', error_code: 'odd', message: `hello ${apiKey}` });
      venue.say(`{ broken ${apiKey}`);
      return true;
    };
    const { fold, source } = venue.connect({ apiKey, markets: ['hyperliquid:BTC'] });
    const lost = fold.run(source, () => {
      if (fold.letters.length >= 3) venue.cut(4001, `bye ${apiKey}`);
      return false;
    });
    await assert.rejects(lost, (error) => {
      assert(error instanceof PipelineError);
      assert.match(error.message, /4001 \(bye \[hidden\]\)/);
      return true;
    });
    const letters = fold.updates.flatMap((each) =>
      each.kind === 'malformed' ? [Buffer.from(each.raw).toString(), each.reason] : [],
    );
    assert(!`${letters.join()}${JSON.stringify(fold.states)}`.includes(apiKey));
  });
});
