/**
 * Recorded blocks through ledger, encoder and transactional publisher until Kafka has acknowledged
 * them, against bare kafkajs that publishes the same bytes, encoded beforehand, to the same topics.
 */
import { BarePublisher } from './support/bare-publisher.ts';
import type { Bench, Figure } from './support/bench.ts';
import { CommitWatch } from './support/commit-watch.ts';
import { profiled } from './support/profiler.ts';
import { record } from './support/recording.ts';
import { scripted } from './support/script.ts';
import { openStage, type Stage } from './support/stage.ts';
import { median } from './support/statistics.ts';
import { changelogRecords } from './support/stored-records.ts';

type Updates = Awaited<ReturnType<typeof record>>;

/** How long one publication of everything took. */
interface Timed {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** What was committed, and how long it took. */
interface Committed extends Timed {
  readonly records: number;
  readonly bytes: number;
}

const datasets = ['blocks', 'transactions', 'logs', 'token_transfers'];

export const publish: Bench = {
  name: 'publish',
  about: 'recorded blocks until acknowledged, against bare kafkajs',
  async run(scene) {
    const { firstHeight, lastHeight } = await scene.filled();
    const last = Math.min(lastHeight, firstHeight + (scene.options.isQuick ? 199 : 799));
    const options = { datasets, start: firstHeight };
    const first = await openStage(scene, options);
    const updates = await record(first, last);
    // The first round warms both sides up and is not counted.
    await publishOnce(first, updates);
    const records = await changelogRecords(first);
    first.close();
    const bare = await BarePublisher.open(first.config.kafka.brokers);
    await bare.publish(records, (topic) => topic);
    const ours: Timed[] = [];
    const theirs: Timed[] = [];
    const rounds = scene.options.isQuick ? 3 : 7;
    for (let round = 0; round < rounds; round += 1) {
      const stage = await openStage(scene, options);
      const profileDir = round === 1 ? scene.options.profileDir : null;
      ours.push(await profiled(profileDir, 'publish', () => publishOnce(stage, updates)));
      const from = first.config.topics.prefix;
      const to = stage.config.topics.prefix;
      const rename = (topic: string) => `${to}${topic.slice(from.length)}`;
      const watch = stopWatch();
      await bare.publish(records, rename);
      theirs.push(watch());
      stage.close();
    }
    await bare.close();
    const bytes = records.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
    const rows = records.length;
    return { figures: figuresOf(rows, ours, theirs), raw: { rows, bytes, ours, theirs } };
  },
};

/** From the first update handed over to the acknowledged commit of the last. */
export async function publishOnce(stage: Stage, updates: Updates): Promise<Committed> {
  const watch = new CommitWatch();
  const end = new AbortController();
  let stop = stopWatch();
  let timed = stop();
  watch.onCommit = () => {
    timed = stop();
  };
  const source = scripted(async function* play() {
    stop = stopWatch();
    yield* updates;
    // What is not published yet is published before the task ends.
    end.abort();
  });
  await stage.task(source, watch).run(end.signal);
  return { ...timed, records: watch.records, bytes: watch.bytes };
}

function stopWatch(): () => Timed {
  const before = process.cpuUsage();
  const startedAtMs = performance.now();
  return () => {
    const { user, system } = process.cpuUsage(before);
    const seconds = (performance.now() - startedAtMs) / 1_000;
    return { seconds, cpuSeconds: (user + system) / 1e6 };
  };
}

function figuresOf(rows: number, ours: readonly Timed[], theirs: readonly Timed[]): Figure[] {
  const ratios = ours.map(({ seconds }, index) => (theirs[index]?.seconds ?? 0) / seconds);
  const speed = (runs: readonly Timed[]) => median(runs.map(({ seconds }) => rows / seconds));
  const cpu = (runs: readonly Timed[]) =>
    (median(runs.map(({ cpuSeconds }) => cpuSeconds)) / rows) * 100_000;
  const budget = null;
  return [
    { what: 'ommer: blocks to acknowledged', value: speed(ours), unit: 'rows/s', budget },
    { what: 'bare kafkajs: the same bytes', value: speed(theirs), unit: 'rows/s', budget },
    { what: 'ratio', value: median(ratios), unit: '', budget: { atLeast: 0.7 } },
    { what: 'ommer: CPU per 100,000 rows', value: cpu(ours), unit: 's', budget },
    { what: 'bare kafkajs: CPU per 100,000 rows', value: cpu(theirs), unit: 's', budget },
  ];
}
