/** What makes a reader's book doubtful, and what makes it trustworthy again. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type BookRow, FollowedBook } from '../../../src/consumer/followed-book.ts';
import { bookChecksum } from '../../../src/model/book.ts';

const bids = [{ price: '100', quantity: '1', orders: 1 }];
const asks = [{ price: '101', quantity: '1', orders: 1 }];
const snapshot: BookRow = {
  epoch: 5,
  sequence: 0,
  change: 'snapshot',
  bids,
  asks,
  checksum: bookChecksum({ bids, asks }),
  reason: null,
};
const more = [{ price: '100', quantity: '7', orders: 2 }];
const delta: BookRow = {
  ...snapshot,
  sequence: 1,
  change: 'delta',
  bids: more,
  asks: [],
  checksum: bookChecksum({ bids: more, asks }),
};
const unsafe: BookRow = {
  epoch: 5,
  sequence: 1,
  change: 'unsafe',
  bids: [],
  asks: [],
  checksum: 0,
  reason: 'disconnected',
};

function follow(...rows: readonly BookRow[]): FollowedBook {
  const book = new FollowedBook();
  for (const row of rows) book.apply(row);
  return book;
}

describe('a followed book', () => {
  it('is doubtful until it has seen a snapshot', () => {
    assert.equal(follow().doubt, 'no snapshot yet');
    assert.equal(follow().epoch, null);
    assert.equal(follow(delta).doubt, 'rows are missing before this one');
    assert.equal(follow(delta, snapshot).doubt, 'rows are missing before this one');
    const later = { ...snapshot, sequence: 9 };
    assert.equal(follow(later).doubt, null, 'a whole book is a whole book');
  });

  it('has what its rows say', () => {
    const book = follow(snapshot, delta, delta, snapshot);
    assert.equal(book.doubt, null);
    assert.equal(book.epoch, 5);
    assert.deepEqual(book.levels(), { bids: more, asks });
    const gone = [{ price: '101', quantity: '0', orders: 0 }];
    const last = { ...delta, sequence: 2, bids: [], asks: gone };
    assert.equal(book.apply({ ...last, checksum: bookChecksum({ bids: more, asks: [] }) }), true);
    assert.deepEqual(book.levels(1), { bids: more, asks: [] });
  });

  it('is doubtful from the row on that says so, until a later epoch', () => {
    const book = follow(snapshot, unsafe);
    assert.equal(book.doubt, 'disconnected');
    assert.deepEqual(book.levels(), { bids: [], asks: [] });
    assert.equal(book.apply({ ...delta, sequence: 2 }), false);
    assert.equal(book.apply({ ...snapshot, epoch: 4 }), false, 'an older epoch says nothing');
    assert.equal(book.apply({ ...snapshot, epoch: 6 }), true);
  });

  it('is doubtful when its checksum is another, when it is crossed, and when it cannot be read', () => {
    assert.equal(follow(snapshot, { ...delta, checksum: 1 }).doubt, 'the checksum is another');
    const wrong = { bids: [{ price: '101', quantity: '1', orders: 1 }], asks };
    const crossed = { ...snapshot, ...wrong, checksum: bookChecksum(wrong) };
    assert.equal(follow(crossed).doubt, 'the book is crossed');
    assert.equal(follow({ ...snapshot, change: 'x' }).doubt, 'an unknown change "x"');
  });
});
