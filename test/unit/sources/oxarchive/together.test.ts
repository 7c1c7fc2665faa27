/** Batches that came together: fewer of them, the same messages in the same order. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tokenCursor } from '../../../../src/model/cursor.ts';
import type { SourceUpdate } from '../../../../src/model/update.ts';
import { together } from '../../../../src/sources/oxarchive/live/together.ts';

type Update = SourceUpdate<number>;

function batch(message: number, receivedAtUs: number, isBackfill = false): Update {
  const cursor = tokenCursor(String(message));
  return { kind: 'batch', cursor, messages: [message], isBackfill, receivedAtUs };
}

const idle: Update = { kind: 'idle', cursor: tokenCursor('9') };

function shown(updates: readonly Update[]): readonly string[] {
  return updates.map((update) =>
    update.kind === 'batch'
      ? `${update.messages.join(' ')} @${update.receivedAtUs} to ${update.cursor}`
      : update.kind,
  );
}

describe('batches that came together', () => {
  it('are one, received with its first, up to its last', () => {
    const updates = [batch(1, 10), batch(2, 20), batch(3, 30), batch(4, 40)];
    const cursor = (message: number) => tokenCursor(String(message));
    assert.deepEqual(shown([...together(updates)]), [`1 2 3 4 @10 to ${cursor(4)}`]);
  });

  it('are apart where others stand between them, time does, or their origin', () => {
    const updates = [
      batch(1, 0),
      batch(2, 0),
      idle,
      batch(3, 0),
      batch(4, 501),
      batch(5, 501, true),
    ];
    const kinds = [...together(updates)].map((update) =>
      update.kind === 'batch' ? update.messages : update.kind,
    );
    assert.deepEqual(kinds, [[1, 2], 'idle', [3], [4], [5]]);
  });

  it('grow to a bound, without losing a message', () => {
    const updates = Array.from({ length: 1_000 }, (_, index) => batch(index, 0));
    const batches = [...together(updates)].flatMap((update) =>
      update.kind === 'batch' ? [update.messages] : [],
    );
    assert.deepEqual(batches.flat(), [...updates.keys()]);
    assert(batches.every(({ length }) => length <= 64));
    assert(batches.length < 20);
  });

  it('are given before what was thrown behind them', () => {
    const given: Update[] = [];
    const failing = function* () {
      yield* [batch(1, 0), batch(2, 0), batch(3, 0)];
      throw new Error('lost');
    };
    assert.throws(() => {
      for (const update of together(failing())) given.push(update);
    }, /lost/);
    assert.deepEqual(
      given.flatMap((update) => (update.kind === 'batch' ? update.messages : [])),
      [1, 2, 3],
    );
  });
});
