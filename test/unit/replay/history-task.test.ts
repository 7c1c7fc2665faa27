import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { tokenCursor } from '../../../src/model/cursor.ts';
import { FatalError, TransientError } from '../../../src/model/errors.ts';
import { systemClock } from '../../../src/model/system-clock.ts';
import type { SourceUpdate } from '../../../src/model/update.ts';
import { type HistoryTask, runHistory } from '../../../src/replay/history-task.ts';
import type { TimeRange } from '../../../src/sources/source.ts';

type Update = SourceUpdate<unknown>;
const range = { fromMs: 1_000, toMs: 5_000 };

function batch(timeMs: number): Update {
  const cursor = tokenCursor(String(timeMs));
  return { kind: 'batch', cursor, messages: [timeMs], isBackfill: true, receivedAtUs: 0 };
}

const gap: Update = {
  ...{ kind: 'market', dataset: 'trades', symbol: 'BTC', state: 'gap', epoch: null },
  ...{ fromMs: 2_000, toMs: 3_000, rows: null, reason: 'archive_hole' },
};

/** A task whose archive tells these scripts, one a connection; errors are thrown where they stand. */
function taskOf(
  scripts: readonly (readonly (Update | Error)[])[],
  other: Partial<HistoryTask> = {},
) {
  const asked: TimeRange[] = [];
  const published: unknown[] = [];
  let drained = 0;
  const task: HistoryTask = {
    async *history(stretch) {
      const script = scripts[asked.length] ?? [];
      asked.push(stretch);
      for (const each of script) {
        if (each instanceof Error) throw each;
        yield each;
      }
    },
    options: { speed: null, onCommand: () => () => undefined, onSpeed: () => undefined },
    publish: async (update) => void published.push(update),
    hasRoom: () => true,
    drain: async () => {
      drained += 1;
    },
    onLost: () => undefined,
    clock: { ...systemClock, sleep: () => Promise.resolve() },
    backoff: { minMs: 1, maxMs: 2, retriesMax: 3 },
    random: () => 0,
    signal: new AbortController().signal,
    ...other,
  };
  return { task, asked, published, drained: () => drained };
}

const lost = () => new TransientError('source.session_lost', { stage: 'sources', message: 'gone' });

describe('a replay of history', () => {
  it('goes on from the time reached when the archive is lost, and drains at the end', async () => {
    const { task, asked, published, drained } = taskOf([
      [batch(1_500), batch(2_500), lost()],
      [lost()],
      [gap, batch(5_000)],
    ]);
    const progress = await runHistory(range, task);
    assert.deepEqual(
      asked.map(({ fromMs }) => fromMs),
      [1_000, 2_500, 2_500],
    );
    assert.deepEqual(progress, { gaps: 1, unreadable: 0, reachedMs: 5_000 });
    assert.equal(published.length, 4);
    assert.equal(drained(), 1);
  });

  it('gives up after as many failures in a row as the configuration allows', async () => {
    const { task, asked } = taskOf([[batch(2_000), lost()], [lost()], [lost()], [lost()], []]);
    await assert.rejects(runHistory(range, task), { code: 'source.session_lost' });
    assert.equal(asked.length, 4);
  });

  it('ends at once by an error that no further try can mend', async () => {
    const error = new FatalError('source.key_refused', { stage: 'sources', message: 'no' });
    const { task, asked } = taskOf([[error]]);
    await assert.rejects(runHistory(range, task), error);
    assert.equal(asked.length, 1);
  });

  it('stops where it has no room for more, with what it published told', async () => {
    let room = 2;
    const scripts = [[batch(1_500), batch(2_500), batch(3_500)]];
    const { task, published, drained } = taskOf(scripts, { hasRoom: () => room-- > 1 });
    const { reachedMs } = await runHistory(range, task);
    assert.deepEqual([reachedMs, published.length, drained()], [2_500, 2, 1]);
  });

  it('refuses a position that is no time', async () => {
    const odd: Update = { kind: 'idle', cursor: tokenCursor('abc') };
    await assert.rejects(runHistory(range, taskOf([[odd]]).task), { code: 'cursor.unreadable' });
  });
});
