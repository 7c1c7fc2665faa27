/** ommer and bare kafkajs in turn, with the same bytes to topics of the same shape. */
import type { SourceUpdate } from '../../src/model/update.ts';
import { BarePublisher } from './bare-publisher.ts';
import type { Figure } from './bench.ts';
import { profiled } from './profiler.ts';
import { publishOnce, stopWatch, type Timed } from './publish-once.ts';
import type { Stage } from './stage.ts';
import { median } from './statistics.ts';
import { changelogRecords } from './stored-records.ts';

const warmingRounds = 5;

/** Both sides, round by round. */
export interface Comparison {
  readonly rows: number;
  readonly bytes: number;
  readonly ours: readonly Timed[];
  readonly theirs: readonly Timed[];
}

/** What is compared. */
export interface Compared {
  /** Names the CPU profile. */
  readonly name: string;
  readonly rounds: number;
  readonly profileDir: string | null;
  /** Already open: the bytes of bare kafkajs are what is published to it. */
  readonly first: Stage;
  /** A stage of its own for each round. */
  open(): Promise<Stage>;
  /** Everything again, from the beginning. */
  updates(): Iterable<SourceUpdate<unknown>>;
}

/**
 * Closes every stage. What warms both sides up is not counted. The topics of a round
 * have all records once before it is timed: the first record of a partition costs the broker files,
 * and a file's wait for the disk, which the side that came first would pay alone.
 */
export async function comparedToBare(options: Compared): Promise<Comparison> {
  const { name, rounds, profileDir, first, open, updates } = options;
  await publishOnce(first, updates());
  const records = await changelogRecords(first);
  first.close();
  const bare = await BarePublisher.open(first.config.kafka.brokers);
  // The compilers of the broker and of this process have to have seen both, transactions too.
  for (let round = 0; round < warmingRounds; round += 1) {
    await bare.publish(records, (topic) => topic);
    const stage = await open();
    await publishOnce(stage, updates());
    stage.close();
  }
  const ours: Timed[] = [];
  const theirs: Timed[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const stage = await open();
    const from = first.config.topics.prefix;
    const to = stage.config.topics.prefix;
    const rename = (topic: string) => `${to}${topic.slice(from.length)}`;
    await bare.publish(records, rename);
    const directory = round === 1 ? profileDir : null;
    ours.push(await profiled(directory, name, () => publishOnce(stage, updates())));
    const watch = stopWatch();
    await bare.publish(records, rename);
    theirs.push(watch());
    stage.close();
  }
  await bare.close();
  const bytes = records.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
  return { rows: records.length, bytes, ours, theirs };
}

/** The ratio is the median of the pairs. */
export function comparisonFigures(
  { rows, ours, theirs }: Comparison,
  what: string,
  atLeast: { readonly ratio: number; readonly rowsPerSecond: number | null },
): Figure[] {
  const ratios = ours.map(({ seconds }, index) => (theirs[index]?.seconds ?? 0) / seconds);
  const speed = (runs: readonly Timed[]) => median(runs.map(({ seconds }) => rows / seconds));
  const sides = [
    { side: 'ommer', runs: ours },
    { side: 'bare kafkajs', runs: theirs },
  ];
  const { rowsPerSecond } = atLeast;
  const budget = null;
  return [
    {
      what: `ommer: ${what} to acknowledged`,
      value: speed(ours),
      unit: 'rows/s',
      budget: rowsPerSecond === null ? null : { atLeast: rowsPerSecond },
    },
    { what: 'bare kafkajs: the same bytes', value: speed(theirs), unit: 'rows/s', budget },
    { what: 'ratio', value: median(ratios), unit: '', budget: { atLeast: atLeast.ratio } },
    ...sides.flatMap(({ side, runs }) => sideFigures(side, runs, rows)),
  ];
}

function sideFigures(side: string, runs: readonly Timed[], rows: number): Figure[] {
  const of = (value: (run: Timed) => number) => median(runs.map(value));
  const per100k = (seconds: number) => (seconds / rows) * 100_000;
  const figure = (what: string, value: number, unit: string): Figure => {
    return { what: `${side}: ${what}`, value, unit, budget: null };
  };
  return [
    figure('CPU per 100,000 rows', per100k(of((run) => run.cpuSeconds)), 's'),
    figure('  its main thread alone', per100k(of((run) => run.mainThreadSeconds)), 's'),
    figure(
      '  event loop utilization',
      of((run) => run.utilization),
      '',
    ),
  ];
}
