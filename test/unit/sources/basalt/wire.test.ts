/** What a node sends, in each of the forms that its page and its source tell. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseBlock } from '../../../../src/sources/basalt/wire.ts';

const block = {
  number: 12345,
  hash: `0x${'1'.repeat(64)}`,
  parentHash: `0x${'2'.repeat(64)}`,
  stateRoot: `0x${'3'.repeat(64)}`,
  transactionCount: 42,
};

describe('the time of a block', () => {
  it('is milliseconds, also where a node tells it in seconds as its page does', () => {
    const times = [1_774_789_200_123, 1_710_000_000, 0];
    const read = times.map((timestamp) => parseBlock({ ...block, timestamp }, 'height').timeMs);
    assert.deepEqual(read, [1_774_789_200_123, 1_710_000_000_000, 0]);
  });
});
