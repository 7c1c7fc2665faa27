/** Armed faults: which strikes, when one is over, and how long one that delays is waited for. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ArmedFaults, waitOut } from '../../../../src/devnet/simulator/faults.ts';

interface Request {
  readonly name: string;
  readonly times?: number;
  readonly delayMs?: number;
}

const hourMs = 3_600_000;

function faults(...lasting: readonly string[]) {
  return new ArmedFaults<Request, object>({ lasting: new Set(lasting), isHere: () => true });
}

/** Whether it is waited for after everything that is due was done. */
async function isWaiting(waited: Promise<void>): Promise<boolean> {
  let isOver = false;
  void waited.then(() => {
    isOver = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return !isOver;
}

describe('a fault that delays', () => {
  for (const times of [0, 1]) {
    it(`is waited for until it is taken back by name (times ${times})`, async () => {
      const armed = faults();
      armed.arm({ name: 'slow', times, delayMs: hourMs });
      const fault = armed.take('slow');
      assert.ok(fault);
      const waited = waitOut(fault);
      assert.equal(await isWaiting(waited), true);
      armed.clear('other');
      assert.equal(await isWaiting(waited), true);
      armed.clear('slow');
      await waited;
    });
  }

  it('is waited for as long as it says, after it struck for the last time too', async () => {
    const armed = faults();
    armed.arm({ name: 'slow', delayMs: 1 });
    const fault = armed.take('slow');
    assert.ok(fault);
    // The wait itself keeps no process from its end.
    const awake = setTimeout(() => undefined, hourMs);
    await Promise.all([fault.over, waitOut(fault)]).finally(() => clearTimeout(awake));
    assert.equal(armed.take('slow'), undefined);
  });
});

describe('armed faults', () => {
  it('strike so many times, and those that last until they are cleared', async () => {
    const armed = faults('lasting');
    const [twice, lasting] = [
      armed.arm({ name: 'once', times: 2 }),
      armed.arm({ name: 'lasting' }),
    ];
    assert.deepEqual(
      [1, 2, 3].map(() => armed.take('once') === twice),
      [true, true, false],
    );
    assert.deepEqual(
      [1, 2, 3].map(() => armed.take('lasting') === lasting),
      [true, true, true],
    );
    await twice.over;
    armed.clear();
    await lasting.over;
    assert.deepEqual(armed.armed, []);
  });
});
