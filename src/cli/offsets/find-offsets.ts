/** Where a block begins on the partitions of a topic, checked against the records that lie there. */
import type { SourceConfig } from '../../config/config.ts';
import { BlockIndex } from '../../consumer/block-index.ts';
import type { BlockPosition, IndexedBlock } from '../../consumer/block-offsets.ts';
import { formatBlock } from '../../model/block.ts';
import { DataError } from '../../model/errors.ts';
import type { PartitionReader } from '../../publishing/partition-reader.ts';
import type { HeightReader } from './stored-height.ts';

/** One partition's answer. */
export interface FoundOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** False when the block has no row here: the offset is then that of the next later row, or the end. */
  readonly hasRows: boolean;
}

export interface FoundOffsets {
  readonly block: IndexedBlock;
  readonly partitions: readonly FoundOffset[];
}

export interface FindRequest {
  readonly source: SourceConfig;
  /** Topics of this source: changelogs, or topics of final rows. */
  readonly topics: readonly string[];
  readonly position: BlockPosition;
  readonly reader: PartitionReader;
  readonly heights: HeightReader;
  schemaById(id: number): Promise<string>;
  readonly signal: AbortSignal;
}

/**
 * In the order of the topics, by partition. Throws what the block index throws, and
 * `consumer.incomplete_block` when another block's row lies where the control topic points.
 */
export async function findOffsets(request: FindRequest): Promise<FoundOffsets> {
  const { source, topics, position, reader, schemaById, signal } = request;
  const index = await BlockIndex.open({
    reader,
    topic: source.controlTopic,
    source: source.name,
    schemaById,
    signal,
  });
  const changelogs = topics.filter((topic) => source.routes.some((route) => route.topic === topic));
  const { block, partitions } = await index.find(position, changelogs);
  await Promise.all(partitions.map((at) => verify(at, block, request)));
  const rest = topics.filter((topic) => !changelogs.includes(topic));
  const finals = await Promise.all(rest.map((topic) => finalOffsets(topic, block, request)));
  const all = [...partitions, ...finals.flat()];
  return { block, partitions: topics.flatMap((topic) => all.filter((at) => at.topic === topic)) };
}

/** Rows of final blocks lie in the order of the chain, so their own heights tell. */
async function finalOffsets(
  topic: string,
  block: IndexedBlock,
  { reader, heights }: FindRequest,
): Promise<FoundOffset[]> {
  const partitions = await reader.partitionsOf(topic);
  return Promise.all(
    partitions.map(async (partition) => {
      const { offset, found } = await heights.search({ topic, partition }, block.height);
      return { topic, partition, offset, hasRows: found?.height === block.height };
    }),
  );
}

async function verify(at: FoundOffset, block: IndexedBlock, request: FindRequest): Promise<void> {
  const { reader, heights } = request;
  const { earliest, lastStable } = await reader.offsets(at);
  if (at.offset < earliest) throw outOfRange(at, block, earliest);
  // Elsewhere anything may follow: a replay writes rows of lower blocks.
  if (!at.hasRows) return;
  const row = await heights.first(at, at.offset, lastStable);
  if (row?.offset === at.offset && row.blockHash === block.hash) return;
  const { topic, partition, offset } = at;
  const found = row === null ? 'nothing' : `a row of block ${row.height} (${row.blockHash})`;
  throw new DataError('consumer.incomplete_block', {
    stage: 'cli',
    message: `The control topic says that block ${formatBlock(block)} begins at ${topic}/${partition}@${offset}, but ${found} lies there. The topic was created anew, or it belongs to another deployment than its control topic.`,
    context: { topic, partition, offset, height: block.height },
  });
}

function outOfRange(at: FoundOffset, block: IndexedBlock, earliest: number): DataError {
  const { topic, partition, offset } = at;
  return new DataError('consumer.offset_out_of_range', {
    stage: 'cli',
    message: `Block ${formatBlock(block)} began at ${topic}/${partition}@${offset}, but the oldest record there is ${earliest}: retention took it. Ask for a later block, or give the topic a longer retention.`,
    context: { topic, partition, offset, earliest },
  });
}
