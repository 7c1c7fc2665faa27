/** Checkpoints as records of a compacted topic, and back. A doubtful checkpoint is refused. */
import type { Checkpoint } from '../model/checkpoint.ts';
import type { Cursor } from '../model/cursor.ts';
import { type ErrorCode, FatalError, PipelineError } from '../model/errors.ts';
import { type AvroRecord, avroType, parseRecordSchema } from './avro-schema.ts';
import { CommonEncoder, loadCommonSchema } from './common-schema.ts';
import type { EncodedRecord } from './encoded-record.ts';
import { positiveMurmur2 } from './murmur2.ts';
import type { SchemaIds } from './route.ts';
import { headerBytes, schemaIdOf } from './value-layout.ts';

/** Greatest version of the checkpoint's meaning that this program reads. */
const versionMax = 1;

/** Partition of the checkpoint topic that holds a source's checkpoint. */
export function checkpointPartition(source: string, partitions: number): number {
  return positiveMurmur2(source) % partitions;
}

export interface CheckpointEncoderOptions {
  readonly topic: string;
  readonly partitions: number;
  readonly schemaIds: SchemaIds;
}

/** Encodes checkpoints. Deterministic: the same checkpoint gives the same bytes. */
export class CheckpointEncoder {
  readonly #options: CheckpointEncoderOptions;
  readonly #encoder: CommonEncoder;

  constructor(options: CheckpointEncoderOptions) {
    this.#options = options;
    this.#encoder = new CommonEncoder(loadCommonSchema('checkpoint'), options.schemaIds);
  }

  encode(checkpoint: Checkpoint): EncodedRecord {
    const { topic, partitions } = this.#options;
    return this.#encoder.encode(toWire(checkpoint), {
      topic,
      partition: checkpointPartition(checkpoint.source, partitions),
      timestampMs: checkpoint.writtenAtMs,
    });
  }
}

/** Source a checkpoint record belongs to, from its key; undefined for a key ommer did not write. */
export function checkpointSource(key: Buffer | null): string | undefined {
  if (key === null || schemaIdOf(key) === undefined) return undefined;
  try {
    const { value, offset } = avroType(loadCommonSchema('checkpoint').key).decode(key, headerBytes);
    return offset === key.length ? value.source : undefined;
  } catch {
    return undefined;
  }
}

export interface CheckpointReadOptions {
  /** The source that is about to go on from it. */
  readonly source: string;
  /** Text of a registered schema. */
  schemaById(id: number): Promise<string>;
}

/**
 * Reads a checkpoint by its writer's schema. Throws `checkpoint.unreadable`,
 * `checkpoint.newer_version`, `checkpoint.other_source`, or `registry.ids_changed` when the id in the
 * record now belongs to another schema, each saying what to do; an error of the registry passes
 * through.
 */
export async function decodeCheckpoint(
  value: Buffer,
  options: CheckpointReadOptions,
): Promise<Checkpoint> {
  const { source } = options;
  const schemaId = schemaIdOf(value);
  if (schemaId === undefined) throw unreadable(source, 'its value has no schema id');
  const writer = await options.schemaById(schemaId);
  try {
    assertCheckpointSchema(writer, schemaId, source);
    return decodeWith(writer, value, source);
  } catch (cause) {
    if (cause instanceof PipelineError && cause.code !== 'schema.invalid') throw cause;
    throw unreadable(source, String(cause), cause);
  }
}

/** A registry that lost its data may have given the id to something else since. */
function assertCheckpointSchema(text: string, schemaId: number, source: string): void {
  const { namespace, name } = loadCommonSchema('checkpoint').value;
  const found: unknown = JSON.parse(text);
  const isCheckpoint =
    typeof found === 'object' &&
    found !== null &&
    'name' in found &&
    'namespace' in found &&
    found.name === name &&
    found.namespace === namespace;
  if (isCheckpoint) return;
  throw new FatalError('registry.ids_changed', {
    stage: 'encoding',
    message: `The checkpoint of source "${source}" was written with schema id ${schemaId}, which is another schema in this registry. Records in Kafka carry such ids, so they cannot be read: restore the registry's data, or point registry.url to the registry they were written with. Do not reset the checkpoint: what is published could not be retracted any more.`,
    context: { source, schemaId },
  });
}

function decodeWith(writerText: string, value: Buffer, source: string): Checkpoint {
  const writer = avroType(parseRecordSchema(writerText, 'of a checkpoint'));
  const reader = loadCommonSchema('checkpoint').value;
  // Source and version come first and alone: what follows may be of a form not known here.
  const head = avroType(firstFields(reader));
  const { source: writtenBy, version } = head.decode(
    value,
    headerBytes,
    head.createResolver(writer),
  ).value;
  if (version > versionMax) throw newerVersion(source, version);
  if (writtenBy !== source) throw otherSource(source, writtenBy);
  const type = avroType(reader);
  const { value: wire, offset } = type.decode(value, headerBytes, type.createResolver(writer));
  if (offset !== value.length) throw new RangeError(`it has ${value.length} bytes, not ${offset}`);
  return fromWire(wire);
}

function firstFields(schema: AvroRecord): AvroRecord {
  return { ...schema, fields: schema.fields.slice(0, 2) };
}

function toWire(checkpoint: Checkpoint) {
  const { source, version, identity, generation, sequence, cursor, finalized } = checkpoint;
  return {
    source,
    version,
    identity,
    generation,
    sequence,
    cursor,
    finalized,
    blocks: checkpoint.blocks.map(({ parentHash, timeMs, ...block }) => ({
      ...block,
      parent_hash: parentHash,
      time_ms: timeMs,
    })),
    reverted: checkpoint.reverted,
    undo: checkpoint.undo.map(({ topic, partition, firstOffset, lastOffset }) => ({
      topic,
      partition,
      first_offset: firstOffset,
      last_offset: lastOffset,
    })),
    partition_counts: checkpoint.partitionCounts.map(({ topic, fromHeight, partitions }) => ({
      topic,
      from_height: fromHeight,
      partitions,
    })),
    tables: checkpoint.tables.map(({ topic, fromHeight }) => ({
      topic,
      from_height: fromHeight,
    })),
    corrections: checkpoint.corrections.map(({ topic, rows, leftToMs }) => ({
      topic,
      rows,
      left_to_ms: leftToMs,
    })),
    written_at_ms: checkpoint.writtenAtMs,
  };
}

/** As the reader's schema gives it, so its types are sure. */
type Wire = Omit<ReturnType<typeof toWire>, 'cursor'> & { readonly cursor: string | null };

function fromWire(wire: Wire): Checkpoint {
  const { source, identity, generation, sequence, finalized } = wire;
  return {
    version: 1,
    source,
    identity,
    generation,
    sequence,
    cursor: wire.cursor as Cursor | null,
    finalized: finalized === null ? null : { height: finalized.height, hash: finalized.hash },
    blocks: wire.blocks.map((block) => ({
      height: block.height,
      hash: block.hash,
      parentHash: block.parent_hash,
      timeMs: block.time_ms,
      incarnation: block.incarnation,
      rows: block.rows,
    })),
    reverted: wire.reverted.map(({ height, hash, incarnation }) => ({ height, hash, incarnation })),
    undo: wire.undo.map((range) => ({
      topic: range.topic,
      partition: range.partition,
      firstOffset: range.first_offset,
      lastOffset: range.last_offset,
    })),
    partitionCounts: wire.partition_counts.map((count) => ({
      topic: count.topic,
      fromHeight: count.from_height,
      partitions: count.partitions,
    })),
    tables: wire.tables.map((table) => ({ topic: table.topic, fromHeight: table.from_height })),
    corrections: wire.corrections.map((mark) => ({
      topic: mark.topic,
      rows: mark.rows,
      leftToMs: mark.left_to_ms,
    })),
    writtenAtMs: wire.written_at_ms,
  };
}

function unreadable(source: string, problem: string, cause?: unknown): FatalError {
  return refusal('checkpoint.unreadable', source, {
    problem: `cannot be read: ${problem}`,
    advice: `Restore the topic, or give up the position with \`ommer checkpoint reset ${source}\` and choose where to start`,
    cause,
  });
}

function newerVersion(source: string, version: number): FatalError {
  return refusal('checkpoint.newer_version', source, {
    problem: `has version ${version}; this program reads up to ${versionMax}`,
    advice: 'Run the version of ommer that wrote it, or a newer one',
  });
}

function otherSource(source: string, writtenBy: string): FatalError {
  return refusal('checkpoint.other_source', source, {
    problem: `was written by source "${writtenBy}"`,
    advice: 'Give each source a name of its own, or another topics.prefix',
  });
}

interface Refusal {
  readonly problem: string;
  readonly advice: string;
  readonly cause?: unknown;
}

function refusal(code: ErrorCode, source: string, { problem, advice, cause }: Refusal): FatalError {
  return new FatalError(code, {
    stage: 'encoding',
    message: `The checkpoint of source "${source}" ${problem}. ${advice}.`,
    cause,
    context: { source },
  });
}
