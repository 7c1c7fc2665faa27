import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FatalError, TransientError } from '../../../src/model/errors.ts';
import { type CommittedState, decide } from '../../../src/publishing/recovery.ts';

function verdict(found: CommittedState | null, before: CommittedState | null) {
  return decide({ found, before, generation: 3, sequence: 10, source: 's' });
}

test('the batch is committed when the checkpoint is the one it carried', () => {
  const found = { generation: 3, sequence: 10 };
  assert.equal(verdict(found, { generation: 3, sequence: 9 }), 'committed');
});

test('the batch is lost when the checkpoint is what was there before', () => {
  const own = { generation: 3, sequence: 9 };
  assert.equal(verdict(own, own), 'lost');
  assert.equal(verdict(own, null), 'lost');
  assert.equal(verdict(null, null), 'lost');
  const predecessor = { generation: 2, sequence: 9 };
  assert.equal(verdict(predecessor, predecessor), 'lost');
});

test('the same sequence of an older instance is not our batch', () => {
  const found = { generation: 2, sequence: 10 };
  assert.throws(() => verdict(found, { generation: 2, sequence: 9 }), TransientError);
});

test('a successor ends this instance for good', () => {
  assert.throws(
    () => verdict({ generation: 4, sequence: 10 }, { generation: 3, sequence: 9 }),
    (error) => error instanceof FatalError && error.code === 'kafka.fenced',
  );
});

test('a checkpoint that is neither starts the session again instead of guessing', () => {
  for (const found of [null, { generation: 3, sequence: 7 }, { generation: 3, sequence: 11 }]) {
    assert.throws(
      () => verdict(found, { generation: 3, sequence: 9 }),
      (error) => error instanceof TransientError && error.code === 'kafka.fenced',
    );
  }
});
