/** What a stage has published, read back: the bytes that the bare publisher sends again. */
import type { StoredRecord } from '../../src/encoding/encoded-record.ts';
import type { OffsetRange } from '../../src/publishing/partition-reader.ts';
import type { Stage } from './stage.ts';

/** All records of the changelogs, interleaved by block as they were published. */
export async function changelogRecords(stage: Stage): Promise<StoredRecord[]> {
  const ranges = await Promise.all(stage.source.routes.map(({ topic }) => rangesOf(stage, topic)));
  const records: StoredRecord[] = [];
  const request = { ranges: ranges.flat(), isolation: 'read_committed' as const };
  for await (const part of stage.reader.readRange(request)) {
    // Copied, so that no response is held as a whole.
    for (const record of part) {
      records.push({ ...record, key: Buffer.from(record.key), value: Buffer.from(record.value) });
    }
  }
  return records.sort((a, b) => a.timestampMs - b.timestampMs);
}

/** All that a topic holds. */
export async function rangesOf({ reader }: Stage, topic: string): Promise<readonly OffsetRange[]> {
  const partitions = await reader.partitionsOf(topic);
  const ranges = await Promise.all(
    partitions.map(async (partition) => {
      const { earliest, latest } = await reader.offsets({ topic, partition });
      return { topic, partition, firstOffset: earliest, lastOffset: latest - 1 };
    }),
  );
  return ranges.filter(({ firstOffset, lastOffset }) => firstOffset <= lastOffset);
}
