/**
 * Waiting for what the brokers have decided: each of them hears of it a moment later, and one that
 * was away later still.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { FatalError, TransientError } from '../model/errors.ts';
import { kafkaError } from './kafka-error.ts';

const waitMsMax = 15_000;
const pauseMs = 50;

/**
 * The first outcome of `step` that is not null. What passes by itself (an unknown topic, one without a
 * leader) is tried again, other errors are thrown; after 15 s `kafka.unreachable`.
 */
export async function whenKnown<T>(what: string, step: () => Promise<T | null>): Promise<T> {
  const giveUpAtMs = performance.now() + waitMsMax;
  let failure: unknown;
  for (;;) {
    const found = await step().catch((error: unknown) => {
      if (!passesByItself(error)) throw error;
      failure = error;
      return null;
    });
    if (found !== null) return found;
    if (performance.now() > giveUpAtMs) throw notKnown(what, failure);
    await delay(pauseMs);
  }
}

function passesByItself(error: unknown): boolean {
  const failure = kafkaError(error, { action: 'read topics' });
  return !(failure instanceof FatalError) && failure.code !== 'kafka.unreachable';
}

function notKnown(what: string, cause: unknown): TransientError {
  return new TransientError('kafka.unreachable', {
    stage: 'publishing',
    message: `The broker that was asked does not know ${what} after ${waitMsMax} ms. Check that all brokers run and reach one another.`,
    cause,
  });
}
