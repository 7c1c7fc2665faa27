/** `ommer tail`: follows topics and prints what is published, retractions struck out. */
import type { Config } from '../config/config.ts';
import { systemClock } from '../model/system-clock.ts';
import { follow } from '../publishing/partition-follower.ts';
import { type Arguments, type Command, UsageError } from './command.ts';
import {
  configFrom,
  configOption,
  namedSources,
  quietLogger,
  registryFrom,
} from './configuration.ts';
import { createPaint, hasColors, type Io } from './io.ts';
import { type Change, changeOf } from './tail/change.ts';
import { RecordDecoder, toJson } from './tail/decoder.ts';
import { isShown } from './tail/filter.ts';
import { changeLine } from './tail/line.ts';

export const tailCommand: Command = {
  name: 'tail',
  summary: 'Follow the topics: decoded, coloured, retractions struck out.',
  usage:
    'tail [SOURCE…] [--topic NAME]… [--dataset NAME]… [--key TEXT] [--only-reorgs] [--from beginning|end] [--limit N] [--json]',
  about:
    'Prints the committed records of the sources (all, or the named ones) as they appear, without a consumer group. + is an insert, − a retraction of exactly that row, · a control record. Order holds within a partition. A topic that is not there yet is waited for. Ends at --limit or Ctrl-C.',
  positionals: ['SOURCE…'],
  options: {
    ...configOption,
    topic: {
      doc: 'Only this topic, whether configured or not; may be repeated.',
      value: 'NAME',
      isList: true,
    },
    dataset: {
      doc: 'Only the topics of this dataset, or of control: blocks, reorgs, gaps, what to trust; may be repeated.',
      value: 'NAME',
      isList: true,
    },
    key: {
      doc: 'Only records with this text in a key or row value: an address, a hash.',
      value: 'TEXT',
    },
    'only-reorgs': { doc: 'Only retractions and reorg summaries.' },
    from: { doc: 'beginning or end (the default).', value: 'beginning|end' },
    limit: { doc: 'End after so many records.', value: 'N' },
    uncommitted: { doc: 'Also records of open and aborted transactions.' },
    json: { doc: 'One JSON object per record, the whole value.' },
  },
  examples: [
    'ommer tail',
    'ommer tail mainnet --dataset logs --key 0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48',
    'ommer tail hyperliquid --dataset control --from beginning',
    'ommer tail --only-reorgs --from beginning --limit 100 --json',
  ],
  async run(args, io) {
    const limit = args.number('limit', 1) ?? Number.POSITIVE_INFINITY;
    const from = startOf(args);
    const config = configFrom(args, io);
    const filter = { key: args.text('key'), onlyReorgs: args.flag('only-reorgs') };
    const print = printer(args.flag('json'), io);
    let count = 0;
    for await (const change of changes(config, args, { from, io })) {
      if (!isShown(change, filter)) continue;
      print(change);
      count += 1;
      if (count >= limit) break;
    }
    return 0;
  },
};

type Start = 'beginning' | 'end';

async function* changes(
  config: Config,
  args: Arguments,
  { from, io }: { readonly from: Start; readonly io: Io },
): AsyncGenerator<Change> {
  const decoder = new RecordDecoder(registryFrom(config));
  const options = {
    kafka: config.kafka,
    clock: systemClock,
    logger: quietLogger(io),
    stallTimeoutMs: 30_000,
  };
  const batches = follow(options, {
    topics: topicsOf(config, args),
    from,
    isolation: args.flag('uncommitted') ? 'read_uncommitted' : 'read_committed',
    signal: io.signal,
    onMissing: (topics) => {
      io.stderr.write(`ommer: waiting for topics that are not there yet: ${topics.join(', ')}\n`);
    },
  });
  for await (const records of batches) {
    for (const record of records) {
      const key = await decoder.decode(record.key);
      yield changeOf(record, key, await decoder.decode(record.value));
    }
  }
}

function startOf(args: Arguments): Start {
  const from = args.text('from') ?? 'end';
  if (from === 'beginning' || from === 'end') return from;
  throw new UsageError(`--from is "${from}", expected beginning or end.`);
}

function topicsOf(config: Config, args: Arguments): string[] {
  const named = args.list('topic');
  if (named.length > 0) return [...named];
  const datasets = args.list('dataset');
  const sources = namedSources(config, args.positionals);
  const routes = sources.flatMap((source) => source.routes);
  const known = [...new Set([...routes.map(({ dataset }) => dataset), 'control'])];
  const unknown = datasets.find((dataset) => !known.includes(dataset));
  if (unknown !== undefined) {
    throw new UsageError(`No source publishes "${unknown}". Datasets: ${known.join(', ')}.`);
  }
  const isWanted = (dataset: string): boolean =>
    datasets.length === 0 || datasets.includes(dataset);
  const changelogs = routes.filter(({ dataset }) => isWanted(dataset)).map(({ topic }) => topic);
  const control = isWanted('control') ? sources.map(({ controlTopic }) => controlTopic) : [];
  return [...new Set([...changelogs, ...control])];
}

function printer(isJson: boolean, io: Io): (change: Change) => void {
  if (isJson) {
    return ({ topic, partition, offset, timestampMs, kind, key, value }) => {
      const record = { topic, partition, offset, timestampMs, kind, key, value };
      io.stdout.write(`${JSON.stringify(record, toJson)}\n`);
    };
  }
  const paint = createPaint(hasColors(io.stdout, io.environment));
  return (change) => {
    io.stdout.write(`${changeLine(change, paint, io.stdout.columns ?? 0)}\n`);
  };
}
