/** `ommer offsets`: from which offsets on a reader sees a block. */
import { closest } from '../config/closest.ts';
import type { Config, SourceConfig } from '../config/config.ts';
import type { BlockPosition } from '../consumer/block-offsets.ts';
import { systemClock } from '../model/system-clock.ts';
import { PartitionReader } from '../publishing/partition-reader.ts';
import { type Arguments, type Command, timeFrom, UsageError } from './command.ts';
import { configFrom, configOption, quietLogger, registryFrom } from './configuration.ts';
import { type Io, writeJson } from './io.ts';
import { type FoundOffsets, findOffsets } from './offsets/find-offsets.ts';
import { HeightReader } from './offsets/stored-height.ts';
import { RecordDecoder } from './tail/decoder.ts';

export const offsetsCommand: Command = {
  name: 'offsets',
  summary: 'Print from which offsets on a reader sees a block.',
  usage: 'offsets --topic NAME… (--block N | --time TIME) [--config FILE] [--csv | --json]',
  about:
    'Prints, per partition, the offset from which a reader sees the rows of a block and of all later ones. The block is looked up in the control topic, and the record at each offset is read to make sure. --time takes the first block of that time or later. The file that --csv prints is what kafka-consumer-groups --reset-offsets --from-file takes. State topics keep only the latest rows, so a block has no offset there.',
  positionals: [],
  options: {
    ...configOption,
    topic: { doc: 'A changelog or a final topic; may be repeated.', value: 'NAME', isList: true },
    block: { doc: 'Height of the block.', value: 'N' },
    time: { doc: 'Block time: ISO 8601, or milliseconds since 1970.', value: 'TIME' },
    csv: { doc: 'Lines of topic,partition,offset for kafka-consumer-groups.' },
    json: { doc: 'One JSON object.' },
  },
  examples: [
    'ommer offsets --topic ommer.eip155-1.logs --block 19000000',
    'ommer offsets --topic ommer.eip155-1.logs --time 2024-01-31T12:00:00Z --csv > offsets.csv',
  ],
  async run(args, io) {
    const topics = [...new Set(args.list('topic'))];
    if (topics.length === 0) throw new UsageError('offsets needs --topic NAME.');
    const position = positionFrom(args);
    const config = configFrom(args, io);
    const source = sourceOf(config, topics);
    const registry = registryFrom(config);
    const reader = new PartitionReader({
      kafka: config.kafka,
      clock: systemClock,
      logger: quietLogger(io),
      stallTimeoutMs: 15_000,
    });
    try {
      const found = await findOffsets({
        ...{ source, topics, position, reader },
        heights: new HeightReader(reader, new RecordDecoder(registry)),
        schemaById: (id) => registry.byId(id),
        signal: io.signal,
      });
      print(found, source, { args, io });
      return 0;
    } finally {
      reader.close();
    }
  },
};

function positionFrom(args: Arguments): BlockPosition {
  const height = args.number('block', 0);
  const time = args.text('time');
  if (args.flag('csv') && args.flag('json'))
    throw new UsageError('Choose one of --csv and --json.');
  if ((height === undefined) === (time === undefined)) {
    throw new UsageError('offsets needs one of --block N and --time TIME.');
  }
  if (time === undefined) return { height: height ?? 0 };
  const timeMs = timeFrom('time', time);
  if (timeMs > systemClock.nowMs()) {
    throw new UsageError(`--time ${new Date(timeMs).toISOString()} is in the future.`);
  }
  return { timeMs };
}

/** All topics of one source, because a block is one source's. */
function sourceOf(config: Config, topics: readonly string[]): SourceConfig {
  const sources = topics.map((topic) => writerOf(config, topic));
  const [first] = sources;
  if (first !== undefined && sources.every((source) => source === first)) return first;
  throw new UsageError('These topics are of several sources. Ask for those of each by themselves.');
}

function writerOf(config: Config, topic: string): SourceConfig {
  for (const source of config.sources) {
    for (const route of source.routes) {
      if (route.topic === topic || route.final?.topic === topic) return source;
      if (route.state?.topic !== topic) continue;
      throw new UsageError(
        `"${topic}" is a state topic: it keeps only the latest rows, so a block has no offset there. Ask for ${route.topic}.`,
      );
    }
  }
  const routes = config.sources.flatMap((source) => source.routes);
  const known = routes.flatMap(({ topic: changelog, final }) => [
    changelog,
    ...(final === null ? [] : [final.topic]),
  ]);
  const near = closest(topic, known);
  const hint = near === undefined ? `Topics: ${known.join(', ')}.` : `Did you mean "${near}"?`;
  throw new UsageError(`No source of the configuration writes rows to "${topic}". ${hint}`);
}

function print(
  { block, partitions }: FoundOffsets,
  source: SourceConfig,
  { args, io }: { readonly args: Arguments; readonly io: Io },
): void {
  const { height, hash, isFinalized } = block;
  const time = new Date(block.timeMs).toISOString();
  if (args.flag('json')) {
    const { name, chain } = source;
    writeJson(io.stdout, {
      ...{ source: name, chain, block: { height, hash, time, isFinalized } },
      partitions,
    });
    return;
  }
  if (args.flag('csv')) {
    for (const { topic, partition, offset } of partitions) {
      io.stdout.write(`${topic},${partition},${offset}\n`);
    }
    return;
  }
  io.stdout.write(`block ${height} (${hash}) of ${time}${isFinalized ? '' : ', not final'}\n`);
  for (const { topic, partition, offset, hasRows } of partitions) {
    const note = hasRows ? '' : '  (no rows of this block: the next ones)';
    io.stdout.write(`${topic}/${partition}  ${offset}${note}\n`);
  }
}
