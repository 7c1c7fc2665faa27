/** What a frame of the stream says, in each of the forms that BlockDB's documents leave open. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseFrame, type StreamMessage } from '../../../../src/sources/blockdb/stream/frames.ts';

const answer = { action: 'subscribe', chain_id: 1, dataset_id: '0103' };

function errorIn(frame: unknown): Extract<StreamMessage, { kind: 'error' }>['error'] | null {
  const [message] = parseFrame(JSON.stringify(frame));
  assert(message?.kind === 'answer' || message?.kind === 'error');
  return message.error;
}

describe('an error of the stream', () => {
  it('may pass when it says so, and where it does not say, by its code', () => {
    const codes = ['RATE_LIMITED', 'RATE_LIMIT_EXCEEDED', 'UNAVAILABLE', 'INTERNAL', 'BAD_REQUEST'];
    const passing = (retryable?: boolean) =>
      codes.filter(
        (code) =>
          errorIn({ ...answer, status: 'error', error: { code, message: '', retryable } })
            ?.isRetryable,
      );
    assert.deepEqual(passing(), codes.slice(0, 4));
    assert.deepEqual(passing(true), codes);
    assert.deepEqual(passing(false), []);
  });

  it('that is text alone is its own message', () => {
    const error = { code: 'unknown', message: 'no such plan', isRetryable: false };
    assert.deepEqual(errorIn({ ...answer, status: 'error', error: 'no such plan' }), error);
    assert.deepEqual(errorIn({ error: 'no such plan' }), error);
  });
});
