/** Where a reader begins: committed offsets first, else the position it was told. */

import type { GroupOffset, GroupOffsets } from '../publishing/group-offsets.ts';
import type { PartitionReader } from '../publishing/partition-reader.ts';
import { BlockIndex } from './block-index.ts';
import type { BlockPosition } from './block-offsets.ts';
import { ControlLog, missingTopic } from './control-log.ts';
import type { IdentityFilter } from './identity-filter.ts';
import type { StartPosition } from './options.ts';
import { wrongOptions } from './options.ts';
import type { RecordPosition } from './record-reader.ts';
import { parsePosition, type StepPosition } from './step-position.ts';

/** What finding a start needs. */
export interface StartOptions {
  readonly reader: PartitionReader;
  readonly group: GroupOffsets | null;
  readonly from: StartPosition;
  readonly controlTopic: string | null;
  readonly source: string | undefined;
  schemaById(id: number): Promise<string>;
  readonly signal: AbortSignal;
}

/** Where steps begin, and from where a filter has to be shown what was handed over before. */
export interface StepStart {
  readonly start: StepPosition;
  readonly silentBelow: number;
}

/** Throws `consumer.wrong_options`, `kafka.topic_missing`, and what the block index throws. */
export async function stepStart(
  options: StartOptions,
  filter: IdentityFilter | null,
): Promise<StepStart> {
  const topic = controlTopicOf(options, 'Steps');
  const given = await givenPosition(options, topic);
  if (given === null) {
    const start = await freshStepStart(options, topic);
    return { start, silentBelow: start.offset };
  }
  if (filter === null) return { start: given, silentBelow: given.offset };
  // The filter has to know again which rows are not final.
  const index = await openIndex(options, topic);
  const { first, newest } = index.range;
  const wanted = Math.max(
    first.height,
    Math.min(newest.height, (given.finalized?.height ?? -1) + 1),
  );
  const { controlOffset } = await index.block({ height: wanted });
  const offset = Math.min(controlOffset, given.offset);
  return { start: { ...given, offset }, silentBelow: given.offset };
}

async function givenPosition(options: StartOptions, topic: string): Promise<StepPosition | null> {
  const { group, from, signal } = options;
  if (group !== null) {
    const [committed] = await group.fetch([{ topic, partition: 0 }], signal);
    if (committed !== undefined) return committedPosition(committed, topic);
  }
  return typeof from === 'object' && 'after' in from ? parsePosition(from.after, topic) : null;
}

/** A group that a tool has set (`kafka-consumer-groups --reset-offsets`) has no text of ours. */
function committedPosition({ offset, metadata }: GroupOffset, topic: string): StepPosition {
  if (metadata === '') return { topic, offset, minHeight: 0, finalized: null };
  return { ...parsePosition(metadata, topic), offset };
}

async function freshStepStart(options: StartOptions, topic: string): Promise<StepPosition> {
  const { from } = options;
  const none = { topic, minHeight: 0, finalized: null };
  if (typeof from === 'object') {
    if ('offsets' in from) throw wrongOptions('steps begin at a block, a time or a position');
    if ('after' in from) return parsePosition(from.after, topic);
    const { controlOffset, height } = await (await openIndex(options, topic)).block(from);
    return { ...none, offset: controlOffset, minHeight: height };
  }
  const log = await ControlLog.open({ ...options, topic });
  if (from === 'end') {
    const isEmpty = log.first === log.end;
    const newest = isEmpty ? null : (await openIndex(options, topic)).range.newest;
    return { ...none, offset: log.end, minHeight: (newest?.height ?? -1) + 1 };
  }
  const first = await firstHeight(log);
  return { ...none, offset: log.first, minHeight: first };
}

/** Rows of blocks below what the topic still tells of are left out: their retractions would be alone. */
async function firstHeight(log: ControlLog): Promise<number> {
  if (log.first === 0) return 0;
  for await (const { record } of log.forward(log.first)) {
    if (record.block !== null && record.height !== null) return record.height;
  }
  return 0;
}

/** Positions of records, and the height below which rows are not handed over. */
export interface RecordStart {
  readonly positions: RecordPosition[];
  readonly minHeight: number;
  /** Records below these offsets were handed over before: they are only shown to the filter. */
  readonly silentBelow: readonly RecordPosition[];
  /** Where the filter follows the finalized head; null without one. */
  readonly control: { readonly topic: string; readonly offset: number } | null;
}

/** Throws like `stepStart`. */
export async function recordStart(
  options: StartOptions,
  wanted: {
    readonly topics: readonly string[];
    readonly partitions: readonly number[] | undefined;
  },
  filter: IdentityFilter | null,
): Promise<RecordStart> {
  const { topics } = wanted;
  const partitions = await partitionsOf(options.reader, topics, wanted.partitions);
  const committed = (await options.group?.fetch(partitions, options.signal)) ?? [];
  const fresh = committed.length === 0;
  const { positions, minHeight } = fresh
    ? await freshRecordStart(options, topics, partitions)
    : await committedStart(options, partitions, committed);
  const start = { positions, minHeight, silentBelow: [], control: null };
  if (filter === null) return start;
  const index = await openIndex(options, controlTopicOf(options, 'Readers of low_latency topics'));
  const { first, newest, finalizedHeight } = index.range;
  const height = Math.max(first.height, Math.min(newest.height, (finalizedHeight ?? -1) + 1));
  const from = await index.find({ height }, topics);
  const control = { topic: index.topic, offset: from.block.controlOffset };
  if (fresh) return { ...start, control };
  // The filter has to know again which rows are not final.
  const earlier = positions.map((at) => {
    const known = from.partitions.find((other) => isAt(at, other))?.offset ?? at.offset;
    return { ...at, offset: Math.min(at.offset, known) };
  });
  return { positions: earlier, minHeight, silentBelow: positions, control };
}

async function committedStart(
  options: StartOptions,
  partitions: readonly Place[],
  committed: readonly GroupOffset[],
) {
  const minHeight = Math.max(0, ...committed.map(({ metadata }) => Number(metadata) || 0));
  const positions = await Promise.all(
    partitions.map(async (at) => {
      const found = committed.find((other) => isAt(at, other));
      // A partition that was added since begins at its beginning.
      return { ...at, offset: found?.offset ?? (await options.reader.offsets(at)).earliest };
    }),
  );
  return { positions, minHeight };
}

type Place = Pick<RecordPosition, 'topic' | 'partition'>;
type FreshStart = Pick<RecordStart, 'positions' | 'minHeight'>;

async function freshRecordStart(
  options: StartOptions,
  topics: readonly string[],
  partitions: readonly Place[],
): Promise<FreshStart> {
  const { from, reader } = options;
  if (typeof from !== 'object') {
    const positions = await Promise.all(
      partitions.map(async (at) => {
        const { earliest, lastStable } = await reader.offsets(at);
        return { ...at, offset: from === 'end' ? lastStable : earliest };
      }),
    );
    return { positions, minHeight: 0 };
  }
  if ('after' in from) throw wrongOptions('a position of a step is one to read steps from');
  if ('offsets' in from) {
    return { positions: partitions.map((at) => givenOffset(at, from.offsets)), minHeight: 0 };
  }
  return blockStart(options, { topics, partitions, position: from });
}

async function blockStart(
  options: StartOptions,
  wanted: { topics: readonly string[]; partitions: readonly Place[]; position: BlockPosition },
): Promise<FreshStart> {
  const index = await openIndex(options, controlTopicOf(options, 'A height or a time'));
  const { block, partitions } = await index.find(wanted.position, wanted.topics);
  const found = partitions.map(({ topic, partition, offset }) => ({ topic, partition, offset }));
  return {
    positions: found.filter((at) => wanted.partitions.some((other) => isAt(at, other))),
    minHeight: block.height,
  };
}

function givenOffset(at: Place, offsets: readonly RecordPosition[]): RecordPosition {
  const found = offsets.find((other) => isAt(at, other));
  if (found !== undefined) return { ...found };
  throw wrongOptions(`no offset is given for ${at.topic}/${at.partition}`);
}

async function partitionsOf(
  reader: PartitionReader,
  topics: readonly string[],
  only: readonly number[] | undefined,
): Promise<Place[]> {
  const found = await Promise.all(
    topics.map(async (topic) => ({ topic, partitions: await reader.partitionsOf(topic) })),
  );
  return found.flatMap(({ topic, partitions }) => {
    if (partitions.length === 0) throw missingTopic(topic);
    const absent = only?.find((partition) => !partitions.includes(partition));
    if (absent !== undefined) {
      throw wrongOptions(
        `topic "${topic}" has no partition ${absent}, it has ${partitions.length}`,
      );
    }
    return (only ?? partitions).map((partition) => ({ topic, partition }));
  });
}

function controlTopicOf({ controlTopic }: StartOptions, what: string): string {
  if (controlTopic !== null) return controlTopic;
  throw wrongOptions(
    `${what} need the control topic of one chain: choose topics of one chain, or name controlTopic`,
  );
}

/** The block index of the chain that is read. Throws `consumer.wrong_options` when it is not one. */
export function openIndex(
  options: StartOptions,
  topic = controlTopicOf(options, 'Blocks'),
): Promise<BlockIndex> {
  return BlockIndex.open({ ...options, topic });
}

function isAt(a: Place, b: Place): boolean {
  return a.topic === b.topic && a.partition === b.partition;
}
