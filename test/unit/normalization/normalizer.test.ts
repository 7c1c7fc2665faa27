import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Event, Origin } from '../../../src/model/event.ts';
import { createNormalizer } from '../../../src/normalization/normalizer.ts';
import type { Channel } from '../../../src/sources/source.ts';

const origin: Origin = {
  chain: 'eip155:1',
  source: 'mainnet',
  height: 5,
  blockHash: '0xaa',
  blockTimeMs: 1_000,
  isBackfill: false,
  receivedAtUs: 1_000_000,
};

function event(dataset: string, index: string): Event {
  return { dataset, index, row: {}, timeMs: 1_000 };
}

/** Two rows of a message; the second fails for a message below zero. */
function channel(dataset: string): Channel<number> {
  return {
    subjects: [`sample/${dataset}`, 'sample/extras'],
    accepts: (message) => message !== 0,
    *normalize(message) {
      yield event(dataset, `${message}/first`);
      if (message < 0) throw new RangeError(`${dataset} ${message}`);
      yield event('extras', `${message}`);
      yield event(dataset, `${message}/second`);
    },
  };
}

const channels = { a: channel('a'), b: channel('b'), c: channel('c') };
const none = () => assert.fail('a channel threw');
const shown = (events: readonly Event[]) =>
  events.map(({ dataset, index }) => `${dataset} ${index}`);

describe('the normalizer', () => {
  it('runs one channel after the other over all accepted messages', () => {
    const normalize = createNormalizer(channels, new Set(['a', 'b']));
    assert.deepEqual(shown(normalize([1, 0, 2], origin, none)), [
      ...['a 1/first', 'a 1/second', 'a 2/first', 'a 2/second'],
      ...['b 1/first', 'b 1/second', 'b 2/first', 'b 2/second'],
    ]);
  });

  it('leaves out all that a channel made of a message for which it throws', () => {
    const normalize = createNormalizer(channels, new Set(['b', 'c']));
    const failed: string[] = [];
    const events = normalize([-1, 2], origin, (error, message) => {
      failed.push(`${String(error)} of ${message}`);
    });
    assert.deepEqual(shown(events), ['b 2/first', 'b 2/second', 'c 2/first', 'c 2/second']);
    assert.deepEqual(failed, ['RangeError: b -1 of -1', 'RangeError: c -1 of -1']);
  });

  it('leaves out a part that a channel refuses, and keeps the rest of its message', () => {
    const refusing: Channel<number> = {
      ...channel('a'),
      *normalize(message, _, refuse) {
        yield event('a', `${message}/first`);
        refuse?.(new RangeError('odd'), 'second');
        yield event('a', `${message}/third`);
      },
    };
    const failed: string[] = [];
    const normalize = createNormalizer({ a: refusing }, new Set(['a']));
    const events = normalize([1], origin, (error, part) => {
      failed.push(`${String(error)} of ${part}`);
    });
    assert.deepEqual(shown(events), ['a 1/first', 'a 1/third']);
    assert.deepEqual(failed, ['RangeError: odd of second']);
  });
});
