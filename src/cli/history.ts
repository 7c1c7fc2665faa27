/** The part of `ommer replay` that is about times: its arguments, what is typed meanwhile, its report. */
import { createInterface } from 'node:readline';
import type { Config, SourceConfig } from '../config/config.ts';
import type { HistoryTally } from '../replay/history-task.ts';
import type { HistoryCommand, HistoryOptions, TimeRange } from '../sources/source.ts';
import { type Arguments, type OptionSpec, timeFrom, UsageError } from './command.ts';
import { replayHistory } from './compose/replay-history.ts';
import { configFrom, loggerFrom, namedSources } from './configuration.ts';
import { type Io, writeJson } from './io.ts';
import { leaveInTime } from './leave-in-time.ts';

/** Options that go with `--from-time`. */
export const historyOptions: Readonly<Record<string, OptionSpec>> = {
  'from-time': {
    doc: 'For a source without blocks: ISO 8601, or milliseconds since 1970.',
    value: 'TIME',
  },
  'to-time': { doc: 'With --from-time; needed.', value: 'TIME' },
  speed: {
    doc: 'With --from-time: times faster than it happened; as fast as the venue allows by default.',
    value: 'N',
  },
  dataset: {
    doc: 'With --from-time: only this one; may be repeated.',
    value: 'NAME',
    isList: true,
  },
  into: {
    doc: 'With --from-time: into topics of their own, with this prefix instead of topics.prefix.',
    value: 'PREFIX',
  },
};

const progressEveryMs = 1_000;

/** Replays the stretch of time that the arguments name. Resolves to the exit code. */
export async function replayTimes(args: Arguments, io: Io): Promise<number> {
  const range = rangeFrom(args);
  const into = args.text('into');
  const { config, source } = chosen(args, io, into);
  if (args.flag('dry-run')) {
    tellPlan(source, range, { isJson: args.flag('json'), io });
    return 0;
  }
  const logger = loggerFrom(config, io);
  const typed = new TypedCommands(io);
  const progress = progressOf(range, io);
  try {
    const replay = replayHistory({
      ...{ config, source, range, logger, isApart: into !== undefined },
      options: optionsOf(args.number('speed', 1) ?? null, { typed, io }),
      signal: io.signal,
      onProgress: progress,
    });
    const result = await Promise.race([replay, leaveInTime(io.signal, logger)]);
    if (typeof result === 'number') return result;
    report(result, { source, range, isJson: args.flag('json'), io });
    return 0;
  } finally {
    typed.close();
  }
}

/** What would be read and where it would go. Nothing is asked of the venue or of Kafka. */
function tellPlan(
  { name, kind, chain, routes }: SourceConfig,
  range: TimeRange,
  { isJson, io }: { readonly isJson: boolean; readonly io: Io },
): void {
  const topics = routes.map(({ dataset, topic }) => ({ dataset, topic }));
  if (isJson) {
    writeJson(io.stdout, { source: name, dryRun: true, ...range, topics });
    return;
  }
  const [from, to] = [new Date(range.fromMs).toISOString(), new Date(range.toMs).toISOString()];
  io.stdout.write(
    `${name}: ${from} to ${to} would be read from the archive of ${chain} (${kind})\n`,
  );
  for (const { dataset, topic } of topics) io.stdout.write(`  ${dataset.padEnd(16)}  ${topic}\n`);
  io.stdout.write(
    'of what may be corrected, rows that these topics lack or have otherwise; of the rest, all rows\n',
  );
}

function rangeFrom(args: Arguments): TimeRange {
  const [from, to] = [args.text('from-time'), args.text('to-time')];
  for (const other of ['from', 'to']) {
    if (args.text(other) === undefined) continue;
    throw new UsageError(`--${other} is about blocks and --from-time about times: choose one.`);
  }
  if (from === undefined || to === undefined) {
    throw new UsageError('A replay by time needs --from-time TIME and --to-time TIME.');
  }
  const range = { fromMs: timeFrom('from-time', from), toMs: timeFrom('to-time', to) };
  if (range.fromMs <= range.toMs) return range;
  throw new UsageError(`--from-time ${from} is after --to-time ${to}.`);
}

function chosen(
  args: Arguments,
  io: Io,
  into: string | undefined,
): { config: Config; source: SourceConfig } {
  const environment =
    into === undefined ? io.environment : { ...io.environment, OMMER_TOPICS_PREFIX: into };
  const config = configFrom(args, { ...io, environment });
  const name = args.text('source');
  const source = name === undefined ? undefined : namedSources(config, [name])[0];
  if (source === undefined) throw new UsageError('replay needs --source NAME.');
  if (into !== undefined) assertApart(configFrom(args, io), source);
  const datasets = args.list('dataset');
  for (const dataset of datasets) {
    if (source.datasets.includes(dataset)) continue;
    throw new UsageError(
      `Source ${source.name} has no dataset "${dataset}"; it has ${source.datasets.join(', ')}.`,
    );
  }
  if (datasets.length === 0) return { config, source };
  const routes = source.routes.filter((route) => datasets.includes(route.dataset));
  return { config, source: { ...source, datasets, routes } };
}

/** A route whose topic is named in the file keeps its name under any prefix. */
function assertApart(config: Config, source: SourceConfig): void {
  const own = new Set(config.sources.flatMap(({ routes }) => routes.map(({ topic }) => topic)));
  const shared = source.routes.find(({ topic }) => own.has(topic));
  if (shared === undefined) return;
  throw new UsageError(
    `--into does not change the topic ${shared.topic} of route "${shared.name}": its name is not made of topics.prefix, or the prefix is the same. Choose another prefix, or leave the route's topic to the template.`,
  );
}

function optionsOf(
  speed: number | null,
  { typed, io }: { readonly typed: TypedCommands; readonly io: Io },
): HistoryOptions {
  return {
    speed,
    onCommand: (listener) => typed.listen(listener),
    onSpeed: (effective) => {
      const asked = speed === null || effective === speed ? '' : ` (asked for ${speed}×)`;
      const pace = effective === null ? 'as fast as it comes' : `at ${effective}×`;
      io.stderr.write(`the venue replays ${pace}${asked}\n`);
    },
  };
}

/** `pause`, `resume`, `stop` and `seek TIME`, a line each. */
class TypedCommands {
  readonly #listeners = new Set<(command: HistoryCommand) => void>();
  readonly #lines: ReturnType<typeof createInterface> | null;

  constructor({ input, stderr }: Io) {
    this.#lines = input === undefined ? null : createInterface({ input });
    this.#lines?.on('line', (line) => {
      const command = commandFrom(line.trim());
      if (typeof command === 'string') stderr.write(`${command}\n`);
      else for (const listener of this.#listeners) listener(command);
    });
  }

  listen(listener: (command: HistoryCommand) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  close(): void {
    this.#lines?.close();
  }
}

function commandFrom(line: string): HistoryCommand | string {
  const [verb = '', time = ''] = line.split(/\s+/);
  if (verb === 'pause' || verb === 'resume' || verb === 'stop') return { kind: verb };
  const expected = 'expected pause, resume, stop or seek TIME';
  if (verb !== 'seek') return `"${line}" is not understood: ${expected}.`;
  try {
    return { kind: 'seek', timeMs: timeFrom('seek', time) };
  } catch {
    return `"${time}" is no time: ${expected}.`;
  }
}

/** At most a line a second, for somebody who watches. */
function progressOf(range: TimeRange, io: Io): (tally: HistoryTally) => void {
  let atMs = performance.now();
  return (tally) => {
    const nowMs = performance.now();
    if (nowMs - atMs < progressEveryMs || tally.reachedMs === null) return;
    atMs = nowMs;
    const done = (tally.reachedMs - range.fromMs) / Math.max(1, range.toMs - range.fromMs);
    const share = (100 * Math.min(1, Math.max(0, done))).toFixed(1);
    io.stderr.write(
      `${new Date(tally.reachedMs).toISOString()} (${share} %): ${changesOf(tally)}\n`,
    );
  };
}

function changesOf({ rows, corrections, duplicates }: HistoryTally): string {
  return `${rows} rows published, ${corrections} of them corrections, ${duplicates} were there`;
}

function report(
  tally: HistoryTally,
  as: {
    readonly source: SourceConfig;
    readonly range: TimeRange;
    readonly isJson: boolean;
    readonly io: Io;
  },
): void {
  const { source, range, isJson, io } = as;
  const isWhole = tally.reachedMs !== null && tally.reachedMs >= range.toMs;
  if (isJson) {
    writeJson(io.stdout, { source: source.name, complete: isWhole, ...range, ...tally });
    return;
  }
  const [from, to] = [new Date(range.fromMs).toISOString(), new Date(range.toMs).toISOString()];
  io.stdout.write(`${source.name}: ${from} to ${to}: ${changesOf(tally)}\n`);
  if (tally.gaps > 0) io.stdout.write(`${tally.gaps} stretches are missing from the archive\n`);
  if (tally.unreadable > 0) {
    io.stdout.write(`${tally.unreadable} frames could not be read: see the dead letters\n`);
  }
  if (isWhole) return;
  const next = tally.reachedMs ?? range.fromMs;
  io.stdout.write(`stopped at ${new Date(next).toISOString()}: go on with --from-time ${next}\n`);
}
