import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Bell } from '../../../src/sources/bell.ts';
import { HandClock } from '../../support/oxarchive/hand-clock.ts';

function setUp() {
  const clock = new HandClock();
  const ending = new AbortController();
  return { clock, ending, bell: new Bell(), options: { clock, signal: ending.signal } };
}

describe('a bell', () => {
  it('wakes who waits, and counts once for the next wait when nobody does', async () => {
    const { bell, clock, options } = setUp();
    const first = bell.wait(1_000, options);
    bell.ring();
    await first;
    bell.ring();
    bell.ring();
    await bell.wait(1_000, options);
    let isOver = false;
    const third = bell.wait(1_000, options).then(() => {
      isOver = true;
    });
    await clock.untilAsleep();
    assert.equal(isOver, false);
    clock.move(1_000);
    await third;
  });

  it('throws the reason of an abort, before and during a wait', async () => {
    const { bell, ending, options } = setUp();
    const waiting = bell.wait(1_000, options);
    ending.abort(new Error('stopped'));
    await assert.rejects(waiting, /stopped/);
    await assert.rejects(bell.wait(1_000, options), /stopped/);
  });

  it('leaves no timer when it is closed', async () => {
    const { bell, clock, options } = setUp();
    const waiting = bell.wait(1_000, options);
    await clock.untilAsleep();
    bell.ring();
    await waiting;
    bell.close();
    assert.equal(clock.sleepers, 0);
  });
});
