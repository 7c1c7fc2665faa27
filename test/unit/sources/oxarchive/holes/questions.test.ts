/** When the archive is asked again, when no more, and which answers count. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Questions } from '../../../../../src/sources/oxarchive/holes/questions.ts';

const never = Number.POSITIVE_INFINITY;
const create = () => new Questions({ archiveLagMs: 10, archiveWaitMaxMs: 1_000 });

/** Asked and answered in vain at each of the times; when it is due then. */
function due(questions: Questions, timesMs: readonly number[]): number[] {
  return timesMs.map((nowMs) => {
    questions.ask(nowMs);
    assert.equal(questions.atMs, never, 'nothing is due while it waits');
    assert(questions.close());
    questions.later(nowMs);
    return questions.atMs - nowMs;
  });
}

describe('questions', () => {
  it('have longer pauses each time, to a limit, and begin anew for another hole', () => {
    const questions = create();
    assert.deepEqual(due(questions, [0, 0, 0, 0, 0, 0]), [10, 30, 90, 270, 810, 1_000]);
    questions.overtake();
    assert.equal(questions.atMs, never);
    assert.deepEqual(due(questions, [0, 0]), [10, 30]);
  });

  it('count the time from the first one, not from one without an answer, or of another hole', () => {
    const questions = create();
    questions.ask(0);
    assert.deepEqual([questions.isTooLong(999), questions.isTooLong(1_000)], [false, true]);
    questions.ask(500);
    assert(questions.isTooLong(1_000));
    questions.forgive();
    questions.ask(900);
    assert.deepEqual([questions.isTooLong(1_899), questions.isTooLong(1_900)], [false, true]);
    questions.overtake();
    questions.ask(1_900);
    assert(!questions.isTooLong(2_000));
  });

  it('that were overtaken have no answer that counts; the next have', () => {
    const questions = create();
    questions.ask(0);
    questions.overtake();
    assert(!questions.close());
    questions.ask(0);
    assert(questions.close());
    questions.overtake();
    questions.ask(0);
    assert(questions.close(), 'none was under way');
  });

  it('come sooner for news, unless one is under way', () => {
    const questions = create();
    due(questions, [0, 0, 0]);
    questions.soon(20);
    questions.soon(25);
    assert.equal(questions.atMs, 30);
    questions.ask(30);
    questions.soon(31);
    assert.equal(questions.atMs, never);
  });
});
