/** Corrections of a few blocks as one publication: rows, their control records, the replay's checkpoint. */
import type { EncodedRecord } from '../encoding/encoded-record.ts';
import type { PartitionTally } from '../model/control.ts';
import type { PublicationBatch } from '../publishing/publisher.ts';
import type { Correction } from './correct-block.ts';

export interface BatchEncoders {
  /** The control record of one block. */
  replayed(correction: Correction, tallies: readonly PartitionTally[]): EncodedRecord;
  /** The replay's own checkpoint, once all blocks up to this height are right. */
  checkpoint(sequence: number, height: number): EncodedRecord;
}

/**
 * Block by block: what is taken back, then what is inserted. A block whose changelogs were right has
 * no control record: nothing changed for their readers.
 */
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
      const control = corrections.flatMap((correction) => {
        const from = next;
        next += correction.retractions.length + correction.inserts.length;
        if (next === from && correction.states.length > 0) return [];
        return encoders.replayed(correction, talliesOf(correction, offsets.subarray(from, next)));
      });
      const states = corrections.flatMap((correction) => correction.states);
      const height = corrections.at(-1)?.header.height ?? 0;
      return [...states, ...control, encoders.checkpoint(sequence, height)];
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
