/** What a stage has published, read back: the bytes that the bare publisher sends again. */
import type { StoredRecord } from '../../src/encoding/encoded-record.ts';
import type { Stage } from './stage.ts';

/** All records of the changelogs, interleaved by block as they were published. */
export async function changelogRecords(stage: Stage): Promise<StoredRecord[]> {
  const { routes } = stage.source;
  const ranges = await Promise.all(
    routes.flatMap(({ topic, partitions }) =>
      Array.from({ length: partitions }, async (_, partition) => {
        const { earliest, latest } = await stage.reader.offsets({ topic, partition });
        return { topic, partition, firstOffset: earliest, lastOffset: latest - 1 };
      }),
    ),
  );
  const records: StoredRecord[] = [];
  const filled = ranges.filter(({ firstOffset, lastOffset }) => firstOffset <= lastOffset);
  const request = { ranges: filled, isolation: 'read_committed' as const };
  for await (const part of stage.reader.readRange(request)) {
    // Copied, so that no response is held as a whole.
    for (const record of part) {
      records.push({ ...record, key: Buffer.from(record.key), value: Buffer.from(record.value) });
    }
  }
  return records.sort((a, b) => a.timestampMs - b.timestampMs);
}
