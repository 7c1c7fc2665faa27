/**
 * Runs one replay: what `compareBlocks` finds is published slice by slice, each in one transaction
 * with its control records, while the next slice is compared.
 */
import type { PublicationBatch, Publisher } from '../publishing/publisher.ts';
import type { Correction, Difference } from './correct-block.ts';
import { type BatchEncoders, replayBatch } from './replay-batch.ts';
import type { ComparedSlice } from './replay-blocks.ts';

/** What a replay did so far. */
export interface ReplayTally {
  /** Blocks compared, and those among them that were not right. */
  readonly blocks: number;
  readonly corrected: number;
  readonly missing: number;
  readonly different: number;
  readonly superfluous: number;
  /** Rows that were right, but not on their state topic. */
  readonly notInState: number;
  readonly unreadable: number;
  /** The last block that is right now; null before the first. */
  readonly height: number | null;
}

export interface ReplayOptions {
  /** Null for a dry run. */
  readonly publisher: Pick<Publisher, 'publish'> | null;
  readonly encoders: BatchEncoders;
  /** Records of one publication at most, but for a single block with more. */
  readonly rowsMax: number;
  /** Told after every slice that is done, with what was found in it. */
  onSlice(slice: ComparedSlice, tally: ReplayTally): void;
}

/** Resolves when all is published. What an abort leaves out is found by the next replay. */
export async function runReplay(
  slices: AsyncIterable<ComparedSlice>,
  options: ReplayOptions,
): Promise<ReplayTally> {
  let tally: ReplayTally = {
    ...{ blocks: 0, corrected: 0, missing: 0, different: 0, superfluous: 0 },
    notInState: 0,
    unreadable: 0,
    height: null,
  };
  let sequence = 0;
  let underWay: Promise<void> = Promise.resolve();
  const publish = async (batches: readonly PublicationBatch[]): Promise<void> => {
    for (const batch of batches) await options.publisher?.publish(batch);
  };
  try {
    for await (const slice of slices) {
      await underWay;
      const batches = batchesOf(slice.corrections, options.rowsMax).map((corrections) => {
        sequence += 1;
        return replayBatch(corrections, sequence, options.encoders);
      });
      tally = added(tally, slice);
      const after = tally;
      underWay = publish(batches).then(() => options.onSlice(slice, after));
      // Looked at before the next slice; until then it must not count as unhandled.
      underWay.catch(() => undefined);
    }
  } finally {
    await underWay;
  }
  return tally;
}

function batchesOf(corrections: readonly Correction[], rowsMax: number): Correction[][] {
  const batches: Correction[][] = [];
  let rows = Number.POSITIVE_INFINITY;
  for (const correction of corrections) {
    const { retractions, inserts, states } = correction;
    const own = retractions.length + inserts.length + states.length;
    if (rows + own > rowsMax) {
      batches.push([]);
      rows = 0;
    }
    batches.at(-1)?.push(correction);
    rows += own;
  }
  return batches;
}

function added(tally: ReplayTally, slice: ComparedSlice): ReplayTally {
  const differences = slice.corrections.flatMap((correction) => correction.differences);
  const count = (what: Difference['what']): number =>
    differences.filter((difference) => difference.what === what).length;
  return {
    blocks: tally.blocks + slice.to - slice.from + 1,
    corrected: tally.corrected + slice.corrections.length,
    missing: tally.missing + count('missing'),
    different: tally.different + count('different'),
    superfluous: tally.superfluous + count('superfluous'),
    notInState: tally.notInState + count('not_in_state'),
    unreadable: tally.unreadable + slice.unreadable.length,
    height: slice.to,
  };
}
