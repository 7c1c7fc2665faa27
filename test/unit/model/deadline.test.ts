/** What comes in time, what does not, and that no timer stays behind. */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, it } from 'node:test';
import { settlesWithin, withDeadline } from '../../../src/model/deadline.ts';
import { HandClock } from '../../support/oxarchive/hand-clock.ts';

const never = new Promise<never>(() => undefined);

describe('a deadline', () => {
  it('gives the outcome that comes in time', async () => {
    const limit = { clock: new HandClock(), ms: 10, onTimeout: () => new Error('too late') };
    assert.equal(await withDeadline(Promise.resolve(1), limit), 1);
    await assert.rejects(withDeadline(Promise.reject(new Error('no')), limit), /no/);
  });

  it('rejects when its time has passed, not before', async () => {
    const clock = new HandClock();
    let isLate = false;
    const onTimeout = () => {
      isLate = true;
      return new Error('too late');
    };
    const waiting = assert.rejects(withDeadline(never, { clock, ms: 10, onTimeout }), /too late/);
    clock.move(9);
    await new Promise((resolve) => setImmediate(resolve));
    assert(!isLate);
    clock.move(1);
    await waiting;
  });

  it('tells whether a promise settled in time, either way', async () => {
    const clock = new HandClock();
    const limit = { clock, ms: 10 };
    assert(await settlesWithin(Promise.resolve(), limit));
    assert(await settlesWithin(Promise.reject(new Error('no')), limit));
    const waiting = settlesWithin(never, limit);
    clock.move(10);
    assert(!(await waiting));
  });

  it('ends with an abort, and listens no more however it ended', async () => {
    const clock = new HandClock();
    const stop = new AbortController();
    const limit = { clock, ms: 10, signal: stop.signal };
    const listeners = () => getEventListeners(stop.signal, 'abort').length;
    assert(await settlesWithin(Promise.resolve(), limit));
    assert.equal(listeners(), 0, 'settled');
    const late = settlesWithin(never, limit);
    clock.move(10);
    assert(!(await late));
    assert.equal(listeners(), 0, 'too late');
    const cut = settlesWithin(never, limit);
    stop.abort();
    assert(!(await cut));
    assert(!(await settlesWithin(never, limit)), 'aborted before');
    assert.equal(listeners(), 0, 'aborted');
  });

  it('ends its timer with the promise', async () => {
    const clock = new HandClock();
    const sleep = clock.sleep.bind(clock);
    const signals: (AbortSignal | undefined)[] = [];
    clock.sleep = (ms, signal) => {
      signals.push(signal);
      return sleep(ms, signal);
    };
    await settlesWithin(Promise.resolve(), { clock, ms: 10 });
    assert.deepEqual(
      signals.map((signal) => signal?.aborted),
      [true],
    );
  });
});
