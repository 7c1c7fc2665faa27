/** `ommer replay`: reads final blocks again and publishes what is missing or differs. */
import type { Difference } from '../replay/correct-block.ts';
import { type Arguments, type Command, UsageError } from './command.ts';
import { type ReplayResult, replaySource } from './compose/replay-source.ts';
import { configFrom, configOption, loggerFrom, namedSources } from './configuration.ts';
import { historyOptions, replayTimes } from './history.ts';
import { type Io, writeJson } from './io.ts';
import { leaveInTime } from './leave-in-time.ts';

export const replayCommand: Command = {
  name: 'replay',
  summary: 'Read final blocks again and publish what is missing or differs.',
  usage:
    'replay --source NAME (--from N [--to N] [--dry-run] | --from-time TIME --to-time TIME [--speed N] [--into PREFIX] [--dry-run]) [--config FILE] [--json]',
  about:
    'Compares the rows of final blocks with what the changelogs hold and puts right what is not: missing rows are inserted (marked r), wrong ones taken back exactly and inserted anew; state topics follow. Use it after a dataset or a state topic was added to the configuration, after a gap, or when a node told something wrong. It may run beside the running source, whose blocks that are not final it leaves alone; of two replays of one source the later one wins. A second run publishes nothing. SIGTERM ends it at a block; the next run goes on. Of a source without blocks it replays a stretch of time from the archive of the venue: rows that the topics lack are inserted, others corrected; books have epochs of their own. Meanwhile the lines pause, resume, seek TIME and stop can be typed.',
  positionals: [],
  options: {
    ...configOption,
    source: { doc: 'Name of the source; needed.', value: 'NAME' },
    from: { doc: 'First block.', value: 'N' },
    to: { doc: 'Last block; the newest final one by default.', value: 'N' },
    ...historyOptions,
    'dry-run': {
      doc: 'Print every difference, publish nothing. With --from-time: print what would be read and into which topics, read nothing.',
    },
    json: { doc: 'One JSON object per difference of a dry run, and one for the result.' },
  },
  examples: [
    'ommer replay --source mainnet --from 19000000 --to 19100000',
    'ommer replay --source mainnet --from 19000000 --dry-run',
    'ommer replay --source perps --from-time 2026-10-01T00:00:00Z --to-time 2026-10-01T06:00:00Z --speed 50 --into history',
  ],
  async run(args, io) {
    if (args.text('from-time') !== undefined) return replayTimes(args, io);
    const { name, from, to } = rangeFrom(args);
    const config = configFrom(args, io);
    const source = namedSources(config, [name])[0];
    if (source === undefined) throw new UsageError('replay needs --source NAME.');
    const logger = loggerFrom(config, io);
    const isDryRun = args.flag('dry-run');
    const isJson = args.flag('json');
    const progress = progressOf(io);
    const replay = replaySource({
      ...{ config, source, from, to, isDryRun, logger },
      signal: io.signal,
      onSlice: (slice, tally, range) => {
        if (isDryRun)
          print(
            slice.corrections.flatMap(({ differences }) => differences),
            io,
            isJson,
          );
        for (const reason of slice.unreadable) io.stderr.write(`passed over: ${reason}\n`);
        progress(tally, range);
      },
    });
    const result = await Promise.race([replay, leaveInTime(io.signal, logger)]);
    if (typeof result === 'number') return result;
    report(result, { name, isDryRun, isJson, io });
    return 0;
  },
};

function rangeFrom(args: Arguments) {
  const name = args.text('source');
  const from = args.number('from', 0);
  const to = args.number('to', 0);
  if (name === undefined) throw new UsageError('replay needs --source NAME.');
  if (from === undefined) throw new UsageError('replay needs --from N, or --from-time TIME.');
  if (to !== undefined && to < from) throw new UsageError(`--from ${from} is above --to ${to}.`);
  return { name, from, to };
}

/** At most a line a second, for somebody who watches. */
function progressOf(io: Io) {
  let atMs = performance.now();
  return (
    tally: ReplayResult | Omit<ReplayResult, 'range'>,
    range: ReplayResult['range'],
  ): void => {
    const nowMs = performance.now();
    if (nowMs - atMs < 1_000) return;
    atMs = nowMs;
    const share = ((100 * tally.blocks) / (range.to - range.from + 1)).toFixed(1);
    io.stderr.write(`block ${tally.height} of ${range.to} (${share} %): ${changesOf(tally)}\n`);
  };
}

function print(differences: readonly Difference[], io: Io, isJson: boolean): void {
  for (const difference of differences) {
    const { height, what, topic, partition, eventId } = difference;
    if (isJson) writeJson(io.stdout, difference);
    else io.stdout.write(`${height}  ${what.padEnd(12)}  ${topic}/${partition}  ${eventId}\n`);
  }
}

function changesOf(tally: Omit<ReplayResult, 'range'>): string {
  const { missing, different, superfluous, notInState } = tally;
  const states = notInState === 0 ? '' : `, ${notInState} not on their state topic`;
  return `${missing} rows missing, ${different} different, ${superfluous} superfluous${states}`;
}

function report(
  result: ReplayResult,
  as: {
    readonly name: string;
    readonly isDryRun: boolean;
    readonly isJson: boolean;
    readonly io: Io;
  },
): void {
  const { name, isDryRun, isJson, io } = as;
  const { range, height, corrected, unreadable } = result;
  const isWhole = height === range.to;
  if (isJson) {
    writeJson(io.stdout, { source: name, dryRun: isDryRun, complete: isWhole, ...result });
    return;
  }
  const verb = isDryRun ? 'would be put right' : 'were put right';
  const found = corrected === 0 ? 'nothing to put right' : `${corrected} blocks ${verb}`;
  io.stdout.write(
    `${name}: blocks ${range.from} to ${height ?? range.from}: ${found} (${changesOf(result)})\n`,
  );
  if (unreadable > 0)
    io.stdout.write(`${unreadable} rows could not be made and were passed over\n`);
  if (!isWhole) {
    const next = height === null ? range.from : height + 1;
    io.stdout.write(`stopped before block ${range.to}: go on with --from ${next}\n`);
  }
}
