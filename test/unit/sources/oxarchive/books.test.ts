/** Books from what the wire says of them: rows, epochs, sequences, and when they are not to be trusted. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { crc32 } from 'node:zlib';
import type { BookLevel } from '../../../../src/model/book.ts';
import { bookChecksum, checksumText } from '../../../../src/model/book.ts';
import { bookDatasets } from '../../../../src/sources/oxarchive/books/book-rows.ts';
import { FullBook } from '../../../../src/sources/oxarchive/books/full-book.ts';
import { L2Book } from '../../../../src/sources/oxarchive/books/l2-book.ts';
import { OrderBook } from '../../../../src/sources/oxarchive/books/order-book.ts';
import { orderSnapshotChunks } from '../../../../src/sources/oxarchive/books/order-snapshots.ts';
import type { BookOutcome } from '../../../../src/sources/oxarchive/books/outcome.ts';
import type { OrderDiffMessage } from '../../../../src/sources/oxarchive/messages.ts';

const options = { symbol: 'ETH', datasets: new Set<string>(bookDatasets), snapshotEveryMs: 0 };
const startUs = 1_790_000_000_000_000;

/** `100x1.5` is a level of one order. */
function levels(text: string): readonly BookLevel[] {
  if (text === '') return [];
  return text.split(' ').map((each) => {
    const [price = '', quantity = ''] = each.split('x');
    return { price, quantity, orders: quantity === '0' ? 0 : 1 };
  });
}

function bookOf(text: string, timeMs = 1000, blockNumber: number | null = null) {
  const [bids = '', asks = ''] = text.split('|').map((side) => side.trim());
  return { timeMs, bids: levels(bids), asks: levels(asks), blockNumber };
}

/** Rows as `dataset epoch/sequence change bids | asks`. */
function shown({ rows }: BookOutcome): readonly string[] {
  return rows.map((row) => {
    const sides =
      row.dataset === 'book_tops'
        ? [row.bid === null ? [] : [row.bid], row.ask === null ? [] : [row.ask]]
        : [row.bids, row.asks];
    const [bids, asks] = sides.map((side) =>
      side.map(({ price, quantity }) => `${price}x${quantity}`).join(' '),
    );
    const name = row.dataset.slice('book_'.length);
    const at = `${row.epoch - startUs}/${row.sequence}`;
    return `${name} ${at} ${row.change} ${bids} | ${asks}${row.reason === null ? '' : ` (${row.reason})`}`;
  });
}

function moment(eventTimeMs: number, blockNumber: number | null = null) {
  return { eventTimeMs, receivedAtUs: startUs + 50, blockNumber };
}

describe('the checksum of a book', () => {
  it('is the CRC-32 of a text that anybody can write', () => {
    const book = bookOf('2501.1x12.5 2501x7 | 2501.2x3.75');
    assert.equal(checksumText(book), '2501.1:12.5,2501:7|2501.2:3.75');
    // By Python: zlib.crc32(b"2501.1:12.5,2501:7|2501.2:3.75")
    assert.equal(bookChecksum(book), 1697424701);
    assert.equal(checksumText(bookOf('|')), '|');
    const many = Array.from({ length: 25 }, (_, at) => `${100 - at}x1`).join(' ');
    assert.equal(checksumText(bookOf(`${many} |`)).split(',').length, 20);
  });

  it('is that of the text for every book, however many and long its levels are', () => {
    const long = `${'9'.repeat(100)}.${'1'.repeat(100)}`;
    const sides = [0, 1, 2, 19, 20, 25].map((count) =>
      Array.from({ length: count }, (_, at) => `${100 + at}.5x${at + 1}`).join(' '),
    );
    sides.push(Array.from({ length: 20 }, () => `${long}x${long}`).join(' '));
    for (const bids of sides) {
      for (const asks of sides) {
        const book = bookOf(`${bids} | ${asks}`);
        assert.equal(bookChecksum(book), crc32(checksumText(book)));
      }
    }
  });
});

describe('a book that comes whole every time', () => {
  it('gives a snapshot, what changed of it, and its top when that changed', () => {
    const book = new L2Book(options);
    const first = book.accept(bookOf('100x1 99x2 | 101x1'), startUs);
    assert.deepEqual(shown(first), [
      'snapshots 0/0 snapshot 100x1 99x2 | 101x1',
      'deltas 0/0 snapshot 100x1 99x2 | 101x1',
      'tops 0/0 snapshot 100x1 | 101x1',
    ]);
    assert.equal(first.became, 'safe');
    const second = book.accept(bookOf('100x1 98x5 | 101x1 103x4', 2000), startUs + 9);
    assert.deepEqual(shown(second), [
      'snapshots 0/1 snapshot 100x1 98x5 | 101x1 103x4',
      'deltas 0/1 delta 99x0 98x5 | 103x4',
    ]);
    const third = book.accept(bookOf('| 101x1 103x4', 3000), startUs + 10);
    assert.deepEqual(shown(third), [
      'snapshots 0/2 snapshot  | 101x1 103x4',
      'deltas 0/2 delta 100x0 98x0 | ',
      'tops 0/1 snapshot  | 101x1',
    ]);
    assert.equal(new Set(third.rows.map(({ checksum }) => checksum)).size, 1);
  });

  it('makes rows of those datasets only that somebody wants', () => {
    const book = new L2Book({ ...options, datasets: new Set(['book_tops', 'trades']) });
    assert.deepEqual(shown(book.accept(bookOf('100x1 | 101x1'), startUs)), [
      'tops 0/0 snapshot 100x1 | 101x1',
    ]);
  });

  it('says nothing of what is repeated or older, and of two of one time the last', () => {
    const book = new L2Book(options);
    book.accept(bookOf('100x1 | 101x1', 2000), startUs);
    assert.equal(book.accept(bookOf('100x1 | 101x1', 2000), startUs).ignored, 1);
    assert.equal(book.accept(bookOf('90x1 | 101x1', 1999), startUs).ignored, 1);
    assert.deepEqual(shown(book.accept(bookOf('100x3 | 101x1', 2000), startUs)).slice(1), [
      'deltas 0/1 delta 100x3 | ',
      'tops 0/1 snapshot 100x3 | 101x1',
    ]);
  });

  it('is unsafe when it cannot be, and begins a new epoch after', () => {
    const cases: readonly (readonly [string, string, RegExp])[] = [
      ['101x1 | 101x1', 'crossed', /is crossed: a bid at 101 and an ask at 101/],
      ['102x1 | 101x1', 'crossed', /is crossed: a bid at 102 and an ask at 101/],
      ['99x1 100x1 | 101x1', 'impossible', /has 99 before 100 among its bids/],
      ['100x1 100x1 | 101x1', 'impossible', /has 100 before 100 among its bids/],
      ['100x1 | 102x1 101x1', 'impossible', /has 102 before 101 among its asks/],
      ['100x0 | 101x1', 'impossible', /has nothing at 100 among its bids/],
    ];
    for (const [text, reason, message] of cases) {
      const book = new L2Book(options);
      book.accept(bookOf('100x1 | 101x1'), startUs);
      const outcome = book.accept(bookOf(text, 2000), startUs);
      assert.equal(outcome.became, 'unsafe');
      assert.equal(outcome.problem?.code, 'market.book_impossible');
      assert.match(outcome.problem?.message ?? '', message);
      assert.deepEqual(
        shown(outcome),
        ['snapshots', 'deltas', 'tops'].map((name) => `${name} 0/1 unsafe  |  (${reason})`),
      );
      assert.equal(book.epoch, null);
      const again = book.accept(bookOf(text, 2500), startUs);
      assert.deepEqual([again.rows, again.became], [[], null]);
      assert.ok(again.problem);
      // The clock stands still: epochs grow all the same.
      const after = book.accept(bookOf('100x1 | 101x1', 3000), startUs);
      assert.equal(after.became, 'safe');
      assert.equal(shown(after)[0], 'snapshots 1/0 snapshot 100x1 | 101x1');
    }
  });

  it('is unsafe when its session says so, once in each, also before its first epoch', () => {
    const book = new L2Book(options);
    const [row] = shown(book.unsafe('starting', moment(1)));
    assert.equal(row, 'snapshots 50/0 unsafe  |  (starting)');
    assert.deepEqual(book.unsafe('disconnected', moment(2)).rows, []);
    assert.equal(
      shown(book.accept(bookOf('100x1 |'), startUs))[0],
      'snapshots 51/0 snapshot 100x1 | ',
    );
    assert.equal(
      shown(book.unsafe('disconnected', moment(3)))[0],
      'snapshots 51/1 unsafe  |  (disconnected)',
    );
    book.beginSession();
    const [again] = shown(book.unsafe('session_opened', moment(4)));
    assert.equal(again, 'snapshots 52/0 unsafe  |  (session_opened)');
  });

  it('tells prices apart that no number does', () => {
    const book = new L2Book(options);
    const [a, b] = ['0.12345678901234567892', '0.12345678901234567891'];
    assert.equal(book.accept(bookOf(`${a}x1 ${b}x1 |`), startUs).problem, null);
    assert.ok(new L2Book(options).accept(bookOf(`${b}x1 ${a}x1 |`), startUs).problem);
  });
});

describe('a book at full depth', () => {
  const change = (text: string) => {
    const [side, level = ''] = text.split(' ');
    return { side: side === 'B' ? ('buy' as const) : ('sell' as const), ...levels(level)[0] };
  };
  const block = (blockNumber: number, ...changes: readonly string[]) => ({
    blockNumber,
    changes: changes.map(change).map((each) => ({ price: '', quantity: '', orders: 0, ...each })),
  });

  function opened(): FullBook {
    const book = new FullBook(options);
    book.accept(bookOf('100x1 99x2 | 101x1', 1000, 10), startUs);
    return book;
  }

  it('changes by block, and says what is left of the changes', () => {
    const outcome = opened().apply(
      [block(12, 'B 100x0', 'A 102x4'), block(11, 'B 100x5', 'B 98x1', 'A 107x0')],
      moment(1100),
    );
    assert.deepEqual(shown(outcome), [
      'snapshots 0/1 snapshot 99x2 98x1 | 101x1 102x4',
      'deltas 0/1 delta 100x0 98x1 | 102x4',
      'tops 0/1 snapshot 99x2 | 101x1',
    ]);
    assert.deepEqual(
      outcome.rows.map(({ blockNumber }) => blockNumber),
      [12, 12, 12],
    );
    assert.equal(outcome.ignored, 1);
  });

  it('takes nothing of blocks that its snapshot has, and nothing twice', () => {
    const book = opened();
    assert.deepEqual(book.apply([block(10, 'B 100x0')], moment(1100)).rows, []);
    assert.equal(book.apply([block(11, 'B 100x3')], moment(1100)).rows.length, 3);
    assert.deepEqual(book.apply([block(11, 'B 100x3')], moment(1100)).rows, []);
  });

  it('is unsafe when crossed or out of order, and of no use until its next snapshot', () => {
    for (const [blocks, reason] of [
      [[block(11, 'A 100x1')], 'crossed'],
      [[block(13, 'B 98x1')], null],
      [[block(12, 'B 98x1')], 'out_of_order'],
    ] as const) {
      const book = opened();
      if (reason === 'out_of_order') book.apply([block(13, 'B 98x1')], moment(1100));
      const outcome = book.apply(blocks, moment(1200));
      assert.equal(outcome.reason, reason);
      if (reason === null) continue;
      assert.equal(outcome.rows[0]?.change, 'unsafe');
      assert.equal(outcome.problem?.code, 'market.book_impossible');
      assert.deepEqual(book.apply([block(14, 'B 98x2')], moment(1300)).rows, []);
      const after = book.accept(bookOf('100x1 | 101x1', 1400, 14), startUs);
      assert.equal(after.became, 'safe');
      assert.deepEqual(
        after.rows.map(({ epoch, sequence }) => [epoch - startUs, sequence]),
        [
          [1, 0],
          [1, 0],
          [1, 0],
        ],
      );
    }
  });

  it('is told whole as seldom as is asked', () => {
    const book = new FullBook({ ...options, snapshotEveryMs: 1000 });
    book.accept(bookOf('100x1 | 101x1', 1000, 10), startUs);
    const names = (timeMs: number, at: number) =>
      shown(book.apply([block(at, `B 99x${at}`)], moment(timeMs))).map((row) => row.split(' ')[0]);
    assert.deepEqual(names(1500, 11), ['deltas']);
    assert.deepEqual(names(2000, 12), ['snapshots', 'deltas']);
    assert.deepEqual(names(2500, 13), ['deltas']);
  });
});

describe('a book of orders', () => {
  const order = (orderId: number, price: string, quantity: string) => ({
    orderId,
    account: null,
    price,
    quantity,
  });
  const snapshot = {
    timeMs: 1000,
    blockNumber: 10,
    bids: [order(1, '100', '0.1'), order(2, '100', '0.2'), order(3, '99', '5')],
    asks: [order(4, '101', '1'), order(5, '102', '1')],
  };

  function diff(text: string): OrderDiffMessage {
    const [at = '', orderId, diffType, side, price = '', quantity] = text.split(' ');
    const [blockNumber, sequence] = at.split('.').map(Number);
    if (diffType !== 'new' && diffType !== 'update' && diffType !== 'remove') {
      throw new TypeError(text);
    }
    return {
      dataset: 'order_diffs',
      symbol: 'ETH',
      eventTimeMs: 1100,
      details: null,
      blockNumber: blockNumber ?? 0,
      sequence: sequence ?? 0,
      occurrence: 0,
      orderId: Number(orderId),
      account: null,
      side: side === 'B' ? 'buy' : 'sell',
      price,
      diffType,
      newQuantity: quantity ?? null,
      insertBefore: null,
    };
  }

  function opened(): OrderBook {
    const book = new OrderBook(options);
    const outcome = book.accept(snapshot, startUs);
    assert.equal(shown(outcome)[0], 'snapshots 0/0 snapshot 100x0.3 99x5 | 101x1 102x1');
    assert.equal(
      outcome.rows[0]?.dataset === 'book_snapshots' && outcome.rows[0].bids[0]?.orders,
      2,
    );
    return book;
  }

  it('adds its orders up exactly and applies diffs in the order of their block', () => {
    const outcome = opened().apply(
      [
        diff('11.9 6 update B 99 0.4'),
        diff('11.7 1 remove B 100'),
        diff('11.8 6 new B 99 1.5'),
        diff('11.10 3 update B 99 4.9'),
        diff('11.11 77 remove B 90'),
        diff('11.12 78 new B 90 0'),
        diff('10.99 4 remove A 101'),
      ],
      moment(1100),
    );
    assert.equal(shown(outcome)[1], 'deltas 0/1 delta 100x0.2 99x5.3 | ');
    assert.equal(outcome.ignored, 3);
  });

  it('takes out what a new order crosses, though nobody says it was filled', () => {
    const outcome = opened().apply([diff('11.1 9 new B 101.5 2')], moment(1100));
    assert.equal(shown(outcome)[1], 'deltas 0/1 delta 101.5x2 | 101x0');
    assert.equal(outcome.problem, null);
  });

  it('takes nothing twice, and what has no sequence as it comes', () => {
    const book = opened();
    book.apply([diff('11.1 9 new B 98 2')], moment(1100));
    assert.deepEqual(book.apply([diff('11.1 9 new B 98 2')], moment(1100)).rows, []);
    book.apply([diff('11.2 9 remove B 98')], moment(1100));
    const again = book.apply([diff('11.1 9 new B 98 2')], moment(1100));
    assert.deepEqual([again.rows, again.ignored], [[], 1]);
    const old = book.apply([diff('12.0 10 new B 97 1'), diff('12.0 10 remove B 97')], moment(1100));
    assert.deepEqual(old.rows, []);
  });

  it('is unsafe when a block comes late, or a quantity cannot be added', () => {
    const late = opened();
    late.apply([diff('13.1 9 new B 98 2')], moment(1100));
    assert.equal(late.apply([diff('12.1 8 new B 98 2')], moment(1100)).reason, 'out_of_order');
    const fine = opened().apply([diff('11.1 9 new B 98 0.0000000000000000001')], moment(1100));
    assert.equal(fine.reason, 'impossible');
  });

  it('is refused with an order twice, and with crossed orders', () => {
    const twice = { ...snapshot, asks: [order(1, '101', '1')] };
    assert.match(
      new OrderBook(options).accept(twice, startUs).problem?.message ?? '',
      /order twice/,
    );
    const crossed = { ...snapshot, asks: [order(4, '99.5', '1')] };
    assert.equal(new OrderBook(options).accept(crossed, startUs).reason, 'crossed');
  });
});

describe('a snapshot of orders', () => {
  it('is told in parts, all of it and each order once', () => {
    const orders = (count: number, first: number) =>
      Array.from({ length: count }, (_, at) => ({
        orderId: first + at,
        account: null,
        price: '1',
        quantity: '1',
      }));
    const market = { symbol: 'ETH', channel: 'l4_diffs' };
    for (const [bids, asks, parts] of [
      [0, 0, 1],
      [2500, 0, 1],
      [2000, 3001, 3],
      [5000, 5000, 4],
    ] as const) {
      const all = {
        timeMs: 1000,
        blockNumber: 10,
        bids: orders(bids, 0),
        asks: orders(asks, bids),
      };
      const chunks = orderSnapshotChunks(all, market);
      assert.deepEqual(
        chunks.map(({ chunkIndex, chunkCount }) => [chunkIndex, chunkCount]),
        Array.from({ length: parts }, (_, at) => [at, parts]),
      );
      assert.deepEqual(
        chunks.flatMap((chunk) => chunk.bids),
        all.bids,
      );
      assert.deepEqual(
        chunks.flatMap((chunk) => chunk.asks),
        all.asks,
      );
      assert.ok(chunks.every((chunk) => chunk.bids.length + chunk.asks.length <= 2500));
    }
  });
});
