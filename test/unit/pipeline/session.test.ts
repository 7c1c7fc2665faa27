import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blockCursor, type Cursor } from '../../../src/model/cursor.ts';
import { runHeadWatch } from '../../../src/pipeline/session.ts';
import { virtualClock } from '../../support/simulation/run.ts';

test('the venue is asked for its head until the source stops, and says nothing when it cannot', async () => {
  const stop = new AbortController();
  const newest = blockCursor({ height: 7, hash: '7a' });
  const heads: Cursor[] = [];
  let asked = 0;
  const source = {
    identity: () => Promise.reject(new Error('not asked')),
    updates: () => assert.fail('not asked'),
    head: async () => {
      asked += 1;
      if (asked === 4) stop.abort();
      if (asked === 2) throw new Error('away');
      return newest;
    },
  };
  const watch = runHeadWatch({
    ...{ source, clock: virtualClock(), everyMs: 10, signal: stop.signal },
    onHead: (head) => heads.push(head),
  });
  await assert.rejects(watch, { name: 'AbortError' });
  assert.deepEqual(heads, [newest, newest, newest]);
});
