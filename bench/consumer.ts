/**
 * The consumer library against a bare kafkajs consumer that decodes the same 100,000 records with
 * avsc: from the first record to the last, by turns, in one process.
 */
import avro from 'avsc';
import { Kafka, logLevel } from 'kafkajs';
import { openReader } from '../src/consumer.ts';
import { systemClock } from '../src/model/system-clock.ts';
import type { Bench } from './support/bench.ts';
import { CommitWatch } from './support/commit-watch.ts';
import { heldBlocks, heldRows, rowsPerHeldBlock } from './support/held-window.ts';
import type { Scene } from './support/scene.ts';
import { blockUpdate, logsMessage, scripted } from './support/script.ts';
import { openStage, type Stage } from './support/stage.ts';
import { median } from './support/statistics.ts';

/** Records per second of one pass over the topic. */
type Pass = (stage: Stage, scene: Scene) => Promise<number>;

export const consumer: Bench = {
  name: 'consumer',
  about: 'the library for readers against a bare kafkajs consumer with avsc',
  async run(scene) {
    const stage = await openStage(scene, { datasets: ['logs'] });
    await publish(stage);
    const passes: Readonly<Record<string, Pass>> = { bare, records, steps };
    const rates: Record<string, number[]> = { bare: [], records: [], steps: [] };
    for (let round = 0; round < (scene.options.isQuick ? 2 : 6); round += 1) {
      for (const [name, pass] of Object.entries(passes)) {
        const rate = await pass(stage, scene);
        // The first round warms the generated decoders up.
        if (round > 0) rates[name]?.push(rate);
      }
    }
    stage.close();
    const of = (name: string) => median(rates[name] ?? []);
    const budget = { atLeast: 0.8 };
    return {
      figures: [
        { what: 'bare kafkajs and avsc', value: of('bare'), unit: 'rows/s', budget: null },
        { what: 'records, of bare', value: of('records') / of('bare'), unit: '×', budget },
        { what: 'steps, of bare', value: of('steps') / of('bare'), unit: '×', budget },
      ],
      raw: { rows: heldRows, rates },
    };
  },
};

async function publish(stage: Stage): Promise<void> {
  const end = new AbortController();
  const source = scripted(async function* play() {
    const message = logsMessage(rowsPerHeldBlock);
    for (let height = 1; height <= heldBlocks; height += 1) {
      yield blockUpdate({ height, branch: 'a' }, message, systemClock.nowUs());
    }
    end.abort();
  });
  await stage.task(source, new CommitWatch()).run(end.signal);
}

/** From the first record to the last. */
class Watch {
  #startedAtMs = 0;
  #rows = 0;

  /** True with the last row. */
  count(): boolean {
    if (this.#rows === 0) this.#startedAtMs = performance.now();
    this.#rows += 1;
    return this.#rows === heldRows;
  }

  get rowsPerSecond(): number {
    return (this.#rows * 1_000) / (performance.now() - this.#startedAtMs);
  }
}

async function bare(stage: Stage, scene: Scene): Promise<number> {
  const { kafka: settings } = stage.config;
  const kafka = new Kafka({ brokers: [...settings.brokers], logLevel: logLevel.NOTHING });
  const reader = kafka.consumer({ groupId: `bare-${scene.nextPrefix()}`, maxWaitTimeInMs: 100 });
  const watch = new Watch();
  const types = new Map<number, avro.Type>();
  await reader.connect();
  await reader.subscribe({ topic: stage.topicOf('logs'), fromBeginning: true });
  const rate = await new Promise<number>((resolve, reject) => {
    const eachBatch = async ({ batch }: { batch: { messages: { value: Buffer | null }[] } }) => {
      for (const { value } of batch.messages) {
        if (value === null) continue;
        const id = value.readInt32BE(1);
        const type = types.get(id) ?? (await loadType(stage, id));
        types.set(id, type);
        type.decode(value, 5);
        if (watch.count()) resolve(watch.rowsPerSecond);
      }
    };
    reader.run({ autoCommit: false, eachBatch }).catch(reject);
  });
  await reader.disconnect();
  return rate;
}

async function loadType(stage: Stage, id: number): Promise<avro.Type> {
  const text = await stage.prepared.registration.textOf(id, stage.topicOf('logs'));
  return avro.Type.forSchema(JSON.parse(text), { wrapUnions: 'never' });
}

function readerOf(stage: Stage) {
  const { kafka, registry } = stage.config;
  return openReader({
    kafka: { brokers: kafka.brokers },
    registry: { url: registry.url },
    topics: [{ dataset: 'evm/logs', topic: stage.topicOf('logs') }],
    controlTopic: stage.source.controlTopic,
  });
}

async function records(stage: Stage): Promise<number> {
  const reader = readerOf(stage);
  const watch = new Watch();
  let rate = 0;
  const count = () => {
    if (!watch.count()) return;
    rate = watch.rowsPerSecond;
    void reader.close();
  };
  await reader.run({ apply: count, retract: count });
  return rate;
}

async function steps(stage: Stage): Promise<number> {
  const reader = readerOf(stage);
  const watch = new Watch();
  let rate = 0;
  for await (const step of reader.steps()) {
    for (const _ of step.changes) if (watch.count()) rate = watch.rowsPerSecond;
    if (rate > 0) break;
  }
  await reader.close();
  return rate;
}
