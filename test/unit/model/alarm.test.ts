import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Alarm } from '../../../src/model/alarm.ts';
import { HandClock } from '../../support/oxarchive/hand-clock.ts';

/** An alarm whose rings are noted, and a clock that counts how often somebody slept. */
function setUp() {
  const clock = new HandClock();
  const sleep = clock.sleep.bind(clock);
  const slept: number[] = [];
  clock.sleep = (ms, signal) => {
    slept.push(ms);
    return sleep(ms, signal);
  };
  const rung: string[] = [];
  const alarm = new Alarm(clock);
  const set = (ms: number, name: string) => alarm.set(ms, () => rung.push(name));
  const move = async (ms: number) => {
    clock.move(ms);
    await new Promise<void>((resolve) => setImmediate(resolve));
  };
  return { alarm, clock, set, move, rung, slept };
}

describe('an alarm', () => {
  it('rings once when its time has come, not before', async () => {
    const { set, move, rung } = setUp();
    set(10, 'a');
    await move(9);
    assert.deepEqual(rung, []);
    await move(1);
    await move(100);
    assert.deepEqual(rung, ['a']);
  });

  it('does not ring for what was cleared or set anew', async () => {
    const { alarm, set, move, rung } = setUp();
    set(10, 'a');
    alarm.clear();
    await move(20);
    set(10, 'b');
    set(30, 'c');
    await move(29);
    assert.deepEqual(rung, []);
    await move(1);
    assert.deepEqual(rung, ['c']);
  });

  it('rings in time for an earlier time than the one before', async () => {
    const { set, move, rung } = setUp();
    set(100, 'a');
    set(10, 'b');
    await move(10);
    assert.deepEqual(rung, ['b']);
    await move(200);
    assert.deepEqual(rung, ['b']);
  });

  it('needs one timer for many waits that end before their time', async () => {
    const { alarm, set, move, rung, slept } = setUp();
    for (let wait = 0; wait < 100; wait += 1) {
      set(1_000, 'never');
      await move(5);
      alarm.clear();
    }
    assert.deepEqual(slept, [1_000]);
    set(1_000, 'a');
    await move(500);
    await move(499);
    assert.deepEqual(rung, []);
    await move(1);
    assert.deepEqual(rung, ['a']);
  });

  it('leaves no timer behind when it is stopped, and can be set again', async () => {
    const { alarm, clock, set, move, rung } = setUp();
    set(10, 'a');
    alarm.stop();
    assert.equal(clock.sleepers, 0);
    await move(20);
    assert.deepEqual(rung, []);
    set(10, 'b');
    await move(10);
    assert.deepEqual(rung, ['b']);
  });
});
