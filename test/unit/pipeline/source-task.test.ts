import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { blockCursor } from '../../../src/model/cursor.ts';
import { DataError, FatalError, TransientError } from '../../../src/model/errors.ts';
import type { BlockUpdate, SourceUpdate } from '../../../src/model/update.ts';
import { createNormalizer } from '../../../src/normalization/normalizer.ts';
import { SourceTask, type TaskOptions } from '../../../src/pipeline/source-task.ts';
import type { Source } from '../../../src/sources/source.ts';
import { type SimulatedBlock, simulatedChannels } from '../../support/simulation/chain-world.ts';
import { simulatedEncoders } from '../../support/simulation/encoders.ts';
import { SimulatedKafka } from '../../support/simulation/kafka.ts';
import { SimulatedPublisher } from '../../support/simulation/publisher.ts';
import {
  changelogs,
  quietMonitor,
  simulatedReader,
  taskOptions,
  virtualClock,
} from '../../support/simulation/run.ts';

type Session = (
  after: string | null,
  signal: AbortSignal,
) => AsyncGenerator<SourceUpdate<SimulatedBlock>>;

/** Sessions by script: each call of `updates` plays the next one, the last again and again. */
function scripted(sessions: readonly Session[], identity = 'test:1/genesis') {
  const asked: (string | null)[] = [];
  const source: Source<SimulatedBlock> = {
    identity: async () => identity,
    head: () => Promise.reject(transient),
    updates(after, signal) {
      const session = sessions[Math.min(asked.length, sessions.length - 1)];
      asked.push(after);
      if (session === undefined) throw new RangeError('no session');
      return session(after, signal);
    },
  };
  return { source, asked };
}

function run(
  source: Source<SimulatedBlock>,
  {
    kafka = new SimulatedKafka(),
    options = {} as Partial<TaskOptions>,
    stop = new AbortController(),
    startMs = 1_700_000_000_000,
    clock = virtualClock(startMs),
  },
) {
  const stopped: unknown[] = [];
  const delays: number[] = [];
  const task = new SourceTask(
    { ...taskOptions({ seed: 1, steps: 1, delivery: 'exactly_once', faultRate: 0 }), ...options },
    {
      source,
      normalize: createNormalizer(simulatedChannels, new Set(changelogs)),
      encoders: simulatedEncoders(),
      reader: simulatedReader(kafka),
      createPublisher: () =>
        new SimulatedPublisher({ kafka, random: () => 0, isTransactional: true, faultRate: 0 }),
      adopt: () => undefined,
      clock,
      monitor: {
        ...quietMonitor(() => undefined),
        stopped: (error) => stopped.push(error),
        retrying: (_error, _failures, delayMs) => delays.push(delayMs),
      },
      random: () => 0,
    },
  );
  return { done: task.run(stop.signal), kafka, stop, stopped, delays };
}

function block(height: number): BlockUpdate<SimulatedBlock> {
  const header = { height, hash: `${height}a`, parentHash: `${height - 1}a`, timeMs: 1 };
  return { kind: 'block', header, messages: [], isBackfill: false, receivedAtUs: 1 };
}

function failing(error: Error): Session {
  // biome-ignore lint/correctness/useYield: a session that fails before its first update
  return async function* () {
    throw error;
  };
}

const transient = new TransientError('source.session_lost', { stage: 'sources', message: 'lost' });
const fatal = new FatalError('source.wrong_chain', { stage: 'sources', message: 'other chain' });

describe('SourceTask', () => {
  it('opens the next session after the block it took over last', async () => {
    const { source, asked } = scripted([
      async function* () {
        yield block(1);
        yield block(2);
        throw transient;
      },
      failing(fatal),
    ]);
    await assert.rejects(run(source, {}).done, fatal);
    assert.deepEqual(asked, [null, '1:block:2:2a']);
  });

  it('publishes what it has before a fatal error stops it', async () => {
    const { source } = scripted([
      async function* () {
        yield block(1);
        throw fatal;
      },
    ]);
    const { done, kafka, stopped } = run(source, {});
    await assert.rejects(done, fatal);
    assert.deepEqual(stopped, [fatal]);
    const cursors = kafka.read('checkpoints').map(({ value }) => JSON.parse(String(value)).cursor);
    assert.equal(cursors.at(-1), '1:block:1:1a');
  });

  it('stops when as many sessions in a row were lost as is allowed', async () => {
    const { source, asked } = scripted([failing(transient)]);
    const options = { backoff: { minMs: 1, maxMs: 2, retriesMax: 3 } };
    await assert.rejects(run(source, { options }).done, transient);
    assert.equal(asked.length, 4);
  });

  it('counts lost sessions anew after one that gave something, and word of no news is nothing', async () => {
    const giving: Session = async function* () {
      yield block(1);
      throw transient;
    };
    const idle: Session = async function* () {
      yield { kind: 'idle', cursor: blockCursor({ height: 1, hash: '1a' }) };
      throw transient;
    };
    const lost = failing(transient);
    const { source, asked } = scripted([lost, lost, giving, idle, lost, lost]);
    const options = { backoff: { minMs: 1, maxMs: 2, retriesMax: 3 } };
    await assert.rejects(run(source, { options }).done, transient);
    assert.equal(asked.length, 6);
  });

  it('stops a source whose sessions do not last, however much they gave', async () => {
    const clock = virtualClock();
    const lasting = (ms: number): Session =>
      async function* () {
        yield block(1);
        await clock.sleep(ms);
        throw transient;
      };
    const brief = lasting(999);
    const { source, asked } = scripted([
      ...[brief, brief, lasting(1_000), brief, brief, brief],
      failing(fatal),
    ]);
    const options = { sessions: { retriesMax: 2, stableMs: 1_000 } };
    const { done, stopped } = run(source, { options, clock });
    await assert.rejects(done, (error: unknown) => {
      assert.ok(error instanceof FatalError);
      assert.equal(error.code, 'source.retry_budget_exhausted');
      assert.equal(error.cause, transient);
      return true;
    });
    assert.equal(asked.length, 6);
    assert.equal(stopped.length, 1);
  });

  it('stops a source whose sessions stay open and give nothing', async () => {
    const clock = virtualClock();
    const silent: Session = async function* () {
      await clock.sleep(5_000);
      yield* [];
      throw transient;
    };
    const { source, asked } = scripted([silent, silent, silent, failing(fatal)]);
    const options = { sessions: { retriesMax: 2, stableMs: 1_000 } };
    await assert.rejects(run(source, { options, clock }).done, /3 sessions in a row gave nothing/);
    assert.equal(asked.length, 3);
  });

  it('waits as long as a venue asks before the next session', async () => {
    const asking = new TransientError('source.rate_limited', {
      stage: 'sources',
      message: 'not yet',
      context: { retryAfterMs: 150 },
    });
    const { source } = scripted([failing(asking)]);
    const options = { backoff: { minMs: 1, maxMs: 2, retriesMax: 2 } };
    const { done, delays } = run(source, { options });
    await assert.rejects(done, asking);
    assert.deepEqual(delays, [150, 150]);
  });

  it('asks a few times for input it cannot read, keeps it once, and then stops', async () => {
    const raw = Buffer.from('{');
    const unreadable = new DataError('source.malformed_frame', {
      stage: 'sources',
      message: 'not JSON',
      raw,
    });
    const { source, asked } = scripted([failing(unreadable)]);
    const { done, kafka } = run(source, { options: { dataErrors: 'quarantine' } });
    await assert.rejects(done, unreadable);
    assert.equal(asked.length, 6);
    assert.equal(kafka.read('dead-letters').length, 1);
  });

  it('refuses to go on with another chain than its checkpoint is of', async () => {
    const kafka = new SimulatedKafka();
    const first = run(scripted([failing(fatal)]).source, { kafka });
    await assert.rejects(first.done, fatal);
    const other = scripted([failing(transient)], 'test:1/other-genesis');
    await assert.rejects(
      run(other.source, { kafka }).done,
      (error: FatalError) => error.code === 'source.other_genesis',
    );
    assert.equal(other.asked.length, 0);
  });

  it('commits a generation above the last before it asks the source for anything', async () => {
    const kafka = new SimulatedKafka();
    const seen: number[] = [];
    // The second clock is behind the first.
    for (const startMs of [1_700_000_000_000, 1_600_000_000_000]) {
      const { source } = scripted([
        // biome-ignore lint/correctness/useYield: a session that fails before its first update
        async function* () {
          const last = kafka.read('checkpoints').at(-1);
          seen.push(JSON.parse(String(last?.value)).generation);
          throw fatal;
        },
      ]);
      await assert.rejects(run(source, { kafka, startMs }).done, fatal);
    }
    assert.deepEqual(seen, [1_700_000_000_000_000, 1_700_000_000_000_001]);
  });

  it('has a generation of its own when another instance began from the same checkpoint', async () => {
    const generations = [];
    for (const startMs of [1_700_000_000_000, 1_700_000_000_001]) {
      const kafka = new SimulatedKafka();
      const { done } = run(scripted([failing(fatal)]).source, { kafka, startMs });
      await assert.rejects(done, fatal);
      const [first] = kafka.read('checkpoints');
      generations.push(JSON.parse(String(first?.value)).generation);
    }
    assert.notEqual(generations[0], generations[1]);
  });

  it('finishes what is ready when it is told to stop', async () => {
    const stop = new AbortController();
    const { source } = scripted([
      async function* (_after, signal) {
        yield block(1);
        stop.abort();
        await new Promise<void>((resolve) => {
          if (signal.aborted) resolve();
          else signal.addEventListener('abort', () => resolve());
        });
      },
    ]);
    const { done, kafka } = run(source, { stop });
    await done;
    const last = kafka.read('checkpoints').at(-1);
    assert.equal(JSON.parse(String(last?.value)).cursor, '1:block:1:1a');
  });
});
