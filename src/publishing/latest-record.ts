/** The newest record of a key, found from the end of the log: quick however long the log is. */
import type { PartitionRef } from './leader-connection.ts';
import type { PartitionReader } from './partition-reader.ts';
import type { LogRecord } from './record-batch.ts';

/** Which key, and where its records are. */
export interface LatestRequest extends PartitionRef {
  isKey(key: Buffer): boolean;
  readonly signal?: AbortSignal;
}

const firstWindowRecords = 256;

/**
 * The newest committed record of the key, with a value: null when there is none or it was deleted by
 * a tombstone. Sees everything up to the high watermark at the time of the call, and waits for
 * transactions that are open below it.
 */
export async function readLatest(
  reader: PartitionReader,
  { topic, partition, isKey, signal }: LatestRequest,
): Promise<(LogRecord & { readonly value: Buffer }) | null> {
  const { earliest, latest } = await reader.offsets({ topic, partition });
  let windowRecords = firstWindowRecords;
  for (let end = latest; end > earliest; windowRecords *= 2) {
    const firstOffset = Math.max(earliest, end - windowRecords);
    let newest: LogRecord | null = null;
    const batches = reader.readRecords({
      ranges: [{ topic, partition, firstOffset, lastOffset: end - 1 }],
      isolation: 'read_committed',
      ...(signal === undefined ? {} : { signal }),
    });
    for await (const records of batches) {
      newest = records.findLast((record) => record.key !== null && isKey(record.key)) ?? newest;
    }
    if (newest !== null) return newest.value === null ? null : { ...newest, value: newest.value };
    end = firstOffset;
  }
  return null;
}
