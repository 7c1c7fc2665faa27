/** Corrections of a few blocks as one publication: rows, their control records, the replay's checkpoint. */
import type { EncodedRecord } from '../encoding/encoded-record.ts';
import type { PartitionTally } from '../model/control.ts';
import type { PublicationBatch } from '../publishing/publisher.ts';
import type { Correction } from './correct-block.ts';

export interface BatchEncoders {
  /** The control record of one block. */
  replayed(correction: Correction, tallies: readonly PartitionTally[]): EncodedRecord;
  /** The replay's own checkpoint. */
  checkpoint(sequence: number): EncodedRecord;
}

/** Block by block: what is taken back, then what is inserted. */
export function replayBatch(
  corrections: readonly Correction[],
  sequence: number,
  encoders: BatchEncoders,
): PublicationBatch {
  return {
    records: corrections.flatMap(({ retractions, inserts }) => [...retractions, ...inserts]),
    sequence,
    seal: (offsets) => {
      let next = 0;
      const control = corrections.map((correction) => {
        const from = next;
        next += correction.retractions.length + correction.inserts.length;
        return encoders.replayed(correction, talliesOf(correction, offsets.subarray(from, next)));
      });
      return [...control, encoders.checkpoint(sequence)];
    },
  };
}

/** Per topic-partition, in order of appearance. */
function talliesOf(
  { retractions, inserts }: Correction,
  offsets: Float64Array,
): readonly PartitionTally[] {
  const tallies = new Map<string, PartitionTally>();
  [...retractions, ...inserts].forEach(({ topic, partition }, index) => {
    const isInsert = index >= retractions.length;
    const offset = offsets[index] ?? -1;
    const known = tallies.get(`${topic}/${partition}`);
    tallies.set(`${topic}/${partition}`, {
      topic,
      partition,
      inserts: (known?.inserts ?? 0) + (isInsert ? 1 : 0),
      retractions: (known?.retractions ?? 0) + (isInsert ? 0 : 1),
      firstOffset: Math.min(known?.firstOffset ?? offset, offset),
    });
  });
  return [...tallies.values()];
}
