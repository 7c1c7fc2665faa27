/** Opens what the control topic tells of a range, and refuses where rows may lie that it is silent of. */
import type { SourceConfig } from '../../config/config.ts';
import { BlockIndex } from '../../consumer/block-index.ts';
import { ControlLog } from '../../consumer/control-log.ts';
import type { StoredChange, StoredRecord } from '../../encoding/encoded-record.ts';
import type { SchemaRegistration } from '../../encoding/schema-registration.ts';
import { PipelineError } from '../../model/errors.ts';
import type { PartitionRef } from '../../publishing/leader-connection.ts';
import type { PartitionReader } from '../../publishing/partition-reader.ts';
import { ToldRows } from '../../replay/told-rows.ts';
import type { HeightRange } from '../../sources/source.ts';
import { assertTold, refusal } from './replay-checks.ts';

/** No reorg that ommer published reaches deeper, whatever was configured then. */
const reorgDepthMost = 4_096;

export interface ToldRowsContext {
  readonly source: SourceConfig;
  readonly reader: PartitionReader;
  readonly registration: SchemaRegistration;
  readonly partitions: ReadonlyMap<string, number>;
  /** Topics that are there. */
  readonly existing: ReadonlySet<string>;
  readonly signal: AbortSignal;
  readChange(record: StoredRecord): StoredChange | Promise<StoredChange>;
}

/**
 * The rows that are told of these heights. The caller closes it. Throws `replay.rows_deleted` when
 * the control topic no longer says what is published of them.
 */
export async function openToldRows(
  range: HeightRange,
  replayed: Parameters<typeof ToldRows.open>[1]['replayed'],
  context: ToldRowsContext,
): Promise<ToldRows> {
  const { source, reader, registration, partitions, existing, signal } = context;
  const options = {
    reader,
    topic: source.controlTopic,
    source: source.name,
    schemaById: (id: number) => registration.textOf(id, source.controlTopic),
    signal,
  };
  const log = await ControlLog.open(options);
  const index = await BlockIndex.open(options);
  const { first } = index.range;
  if (log.first > 0 && range.from < first.height) {
    throw refusal('replay.rows_deleted', source.name, {
      why: `control topic ${source.controlTopic} has no records of blocks below ${first.height} any more, so what is published of them is not known`,
      advice: `Replay from ${first.height} on, and give the control topic a longer retention`,
    });
  }
  const from = await startOf(index, Math.max(range.from - reorgDepthMost, 0));
  const told = await ToldRows.open(log, { from: Math.max(from, log.first), replayed, signal });
  if (range.from >= first.height) return told;
  const places = source.routes
    .filter(({ topic }) => existing.has(topic))
    .flatMap(({ topic }) =>
      Array.from({ length: partitions.get(topic) ?? 0 }, (_, partition) => ({ topic, partition })),
    );
  await assertTold({
    ...{ source, partitions: places, firstHeight: first.height, told },
    oldestHeight: (place) => oldestHeight(place, context),
  });
  return told;
}

/** Offset of the control topic before which nothing is told of blocks above this height. */
async function startOf(index: BlockIndex, height: number): Promise<number> {
  if (height <= index.range.first.height) return 0;
  try {
    return (await index.block({ height })).controlOffset;
  } catch (error) {
    if (error instanceof PipelineError && error.code === 'consumer.block_not_found') return 0;
    throw error;
  }
}

async function oldestHeight(
  place: PartitionRef,
  { reader, readChange, signal }: ToldRowsContext,
): Promise<number | null> {
  const { earliest, lastStable } = await reader.offsets(place);
  const range = { ...place, firstOffset: earliest, lastOffset: lastStable - 1 };
  const isolation = 'read_committed';
  for await (const [record] of reader.readRange({ ranges: [range], isolation, signal })) {
    if (record !== undefined) return (await readChange(record)).height;
  }
  return null;
}
