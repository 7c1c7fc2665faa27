/** Waiting that an abort ends. */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, it } from 'node:test';
import { unlessAborted } from '../../../src/transport/unless-aborted.ts';

const never = new Promise<never>(() => undefined);

describe('unlessAborted', () => {
  it('gives the outcome, and listens no more', async () => {
    const { signal } = new AbortController();
    assert.equal(await unlessAborted(Promise.resolve(1), signal), 1);
    await assert.rejects(unlessAborted(Promise.reject(new Error('no')), signal), /no/);
    assert.deepEqual(getEventListeners(signal, 'abort'), []);
  });

  it('rejects with the reason of an abort, before or meanwhile', async () => {
    const stop = new AbortController();
    const waiting = unlessAborted(never, stop.signal);
    stop.abort(new Error('stopped'));
    await assert.rejects(waiting, /stopped/);
    await assert.rejects(unlessAborted(never, stop.signal), /stopped/);
  });

  it('leaves no rejection of what goes on', async () => {
    const stop = new AbortController();
    let fail: (error: Error) => void = () => undefined;
    const late = new Promise<never>((_, reject) => {
      fail = reject;
    });
    const waiting = unlessAborted(late, stop.signal);
    stop.abort(new Error('stopped'));
    await assert.rejects(waiting, /stopped/);
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.once('unhandledRejection', note);
    fail(new Error('too late'));
    // Node tells it when all that is due at once is done.
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', note);
    assert.deepEqual(unhandled, []);
  });
});
