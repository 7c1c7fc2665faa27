/** The queue keeps its bounds and loses nothing unseen. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TransientError } from '../../../src/model/errors.ts';
import { BoundedQueue } from '../../../src/transport/bounded-queue.ts';

const limits = { itemsMax: 3, bytesMax: 100 };
const ending = new TransientError('source.session_lost', { stage: 'transport', message: 'over' });

describe('a bounded queue', () => {
  it('gives items in order and undefined when it is empty', () => {
    const queue = new BoundedQueue<string>('test', limits);
    queue.push('a', 1);
    queue.push('b', 1);
    assert.deepEqual([queue.take(), queue.take(), queue.take()], ['a', 'b', undefined]);
  });

  it('gives thousands in order while more come, and counts those that wait', () => {
    const queue = new BoundedQueue<number>('test', { itemsMax: 2_000, bytesMax: 2_000 });
    const taken: (number | undefined)[] = [];
    let put = 0;
    for (let round = 0; round < 5_000; round += 1) {
      const more = round % 7 === 0 && queue.length < 1_990 ? 9 : 1;
      for (let each = 0; each < more; each += 1) {
        assert(queue.push(put, 1));
        put += 1;
      }
      taken.push(queue.take());
      assert.equal(queue.length, put - taken.length);
    }
    while (queue.length > 0) taken.push(queue.take());
    assert.deepEqual(taken, [...Array(put).keys()]);
    assert.equal(queue.take(), undefined);
  });

  it('ends with an overflow when it holds too many, after giving out what it holds', () => {
    const queue = new BoundedQueue<number>('test', limits);
    assert.deepEqual(
      [1, 2, 3, 4].map((item) => queue.push(item, 1)),
      [true, true, true, false],
    );
    assert.deepEqual([queue.take(), queue.take(), queue.take()], [1, 2, 3]);
    assert.throws(() => queue.take(), { code: 'transport.queue_overflow' });
  });

  it('ends with an overflow when its items are too large together, not when they were', () => {
    const queue = new BoundedQueue<number>('test', limits);
    queue.push(1, 60);
    queue.take();
    assert(queue.push(2, 60), 'what was taken does not count');
    assert(!queue.push(3, 60));
  });

  it('wakes its reader for an item and for the end', async () => {
    const queue = new BoundedQueue<number>('test', limits);
    const woken = queue.ready();
    queue.push(1, 1);
    await woken;
    queue.take();
    const ended = queue.ready();
    queue.end(ending);
    await ended;
    assert.throws(() => queue.take(), ending);
  });

  it('wakes a reader that has given up waiting very often', async () => {
    const queue = new BoundedQueue<number>('test', limits);
    for (let wait = 0; wait < 100_000; wait += 1) void queue.ready();
    const woken = queue.ready();
    assert(queue.push(1, 1));
    await woken;
  });

  it('keeps its first ending', () => {
    const queue = new BoundedQueue<number>('test', limits);
    queue.end(ending);
    queue.end(new TransientError('source.unreachable', { stage: 'transport', message: 'later' }));
    assert.throws(() => queue.take(), ending);
  });
});
