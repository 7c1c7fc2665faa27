/** Retry, failover and rest, on a clock that only counts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FatalError, TransientError } from '../../../src/model/errors.ts';
import type { Clock } from '../../../src/model/runtime.ts';
import { Endpoints } from '../../../src/transport/endpoints.ts';

class CountingClock implements Clock {
  ms = 0;
  readonly pauses: number[] = [];
  nowMs(): number {
    return this.ms;
  }
  nowUs(): number {
    return this.ms * 1000;
  }
  async sleep(ms: number): Promise<void> {
    this.pauses.push(ms);
    this.ms += ms;
  }
}

const policy = { attemptsMax: 3, retryDelayMs: 100, retryDelayMaxMs: 1_000, restMs: 60_000 };
const { signal } = new AbortController();

function create(random = 1) {
  const clock = new CountingClock();
  const retried: string[] = [];
  const endpoints = new Endpoints([{ origin: 'a' }, { origin: 'b' }], policy, {
    clock,
    random: () => random,
    onRetry: (error) => retried.push(error.code),
  });
  return { clock, retried, endpoints };
}

function failure(context: Record<string, number> = {}): TransientError {
  return new TransientError('source.unreachable', { stage: 'transport', message: 'down', context });
}

describe('several endpoints', () => {
  it('are tried in order, each as often as allowed, with growing pauses', async () => {
    const { endpoints, clock, retried } = create();
    const asked: string[] = [];
    const result = await endpoints.run(async ({ origin }) => {
      asked.push(origin);
      if (origin === 'a') throw failure();
      return origin;
    }, signal);
    assert.equal(result, 'b');
    assert.deepEqual(asked, ['a', 'a', 'a', 'b']);
    assert.deepEqual(clock.pauses, [100, 200]);
    assert.equal(retried.length, 2);
  });

  it('that failed are passed over until they have rested', async () => {
    const { endpoints, clock } = create();
    const origin = () => endpoints.run(async (endpoint) => endpoint.origin, signal);
    await endpoints.run(async (endpoint) => {
      if (endpoint.origin === 'a') throw failure();
    }, signal);
    assert.equal(await origin(), 'b');
    clock.ms += 60_001;
    assert.equal(await origin(), 'a');
  });

  it('that all rest are used all the same', async () => {
    const { endpoints } = create();
    await assert.rejects(
      endpoints.run(async () => {
        throw failure();
      }, signal),
      { code: 'source.unreachable' },
    );
    assert.equal(await endpoints.run(async ({ origin }) => origin, signal), 'a');
  });

  it('get as much patience as the server asks for, and are left alone for more than we have', async () => {
    const { endpoints, clock } = create(0);
    const asks = [failure({ retryAfterMs: 700 }), failure({ retryAfterMs: 90_000 })];
    const asked: string[] = [];
    const ask = () =>
      endpoints.run(async ({ origin }) => {
        asked.push(origin);
        const error = asks.shift();
        if (error) throw error;
      }, signal);
    await ask();
    assert.deepEqual([clock.pauses, asked], [[700], ['a', 'a', 'b']]);
    clock.ms += policy.restMs + 1;
    await ask();
    clock.ms += 30_000;
    await ask();
    assert.deepEqual(asked.slice(3), ['b', 'a']);
  });

  it('that all want more patience than we have end the operation with what was asked', async () => {
    const { endpoints, clock } = create(0);
    const asking = failure({ retryAfterMs: 5_000 });
    await assert.rejects(
      endpoints.run(async () => Promise.reject(asking), signal),
      asking,
    );
    assert.deepEqual(clock.pauses, []);
  });

  it('are not asked when no other endpoint could help', async () => {
    const { endpoints } = create();
    const asked: string[] = [];
    const fatal = new FatalError('source.wrong_chain', { stage: 'sources', message: 'no' });
    await assert.rejects(
      endpoints.run(async ({ origin }) => {
        asked.push(origin);
        throw fatal;
      }, signal),
      fatal,
    );
    assert.deepEqual(asked, ['a']);
  });

  it('are left alone after an abort', async () => {
    const { endpoints } = create();
    const stop = new AbortController();
    const asked: string[] = [];
    await assert.rejects(
      endpoints.run(async ({ origin }) => {
        asked.push(origin);
        stop.abort(new Error('stopped'));
        throw failure();
      }, stop.signal),
      /stopped/,
    );
    assert.deepEqual(asked, ['a']);
  });
});
