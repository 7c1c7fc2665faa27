/** Reads a source's checkpoint from Kafka. */
import {
  checkpointPartition,
  checkpointSource,
  decodeCheckpoint,
} from '../../encoding/checkpoint-codec.ts';
import type { Checkpoint } from '../../model/checkpoint.ts';
import { readLatest } from '../../publishing/latest-record.ts';
import type { PartitionReader } from '../../publishing/partition-reader.ts';

export interface CheckpointStoreOptions {
  readonly topic: string;
  readonly partitions: number;
  readonly source: string;
  readonly reader: PartitionReader;
  schemaById(id: number): Promise<string>;
}

/** The newest committed one, or null. Waits for transactions that are open below the log's end. */
export async function readCheckpoint(
  options: CheckpointStoreOptions,
  signal?: AbortSignal,
): Promise<Checkpoint | null> {
  const { topic, partitions, source, reader, schemaById } = options;
  const partition = checkpointPartition(source, partitions);
  // By what the key says, not by its bytes: they hold a schema id that may have changed.
  const request = { topic, partition, isKey: (key: Buffer) => checkpointSource(key) === source };
  const latest = await readLatest(reader, signal === undefined ? request : { ...request, signal });
  return latest === null ? null : decodeCheckpoint(latest.value, { source, schemaById });
}
