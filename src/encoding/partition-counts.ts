/** Brings the partition counts of a checkpoint up to what the topics have now. */
import type { PartitionCount } from '../model/checkpoint.ts';
import { FatalError } from '../model/errors.ts';

/** Which topics go by which rule; the others go by height. */
export interface CountRules {
  readonly nextHeight: number;
  readonly fixed: ReadonlySet<string>;
  readonly market: ReadonlySet<string>;
}

/**
 * The counts to go on with: those of the checkpoint, and for each topic that has grown a new one
 * from `nextHeight` on (one above every block published so far, so that a block that comes back
 * lands where it was). The `fixed` topics keep the count they had at first; on those of market data,
 * whose rows have no height, all rows go by the count of now. Throws `kafka.topic_partitions` for a
 * topic with fewer partitions than the checkpoint says.
 */
export function currentPartitionCounts(
  known: readonly PartitionCount[],
  actual: ReadonlyMap<string, number>,
  { nextHeight, fixed, market }: CountRules,
): readonly PartitionCount[] {
  return [...actual].flatMap(([topic, partitions]) => {
    const ofTopic = known
      .filter((count) => count.topic === topic)
      .sort((a, b) => a.fromHeight - b.fromHeight);
    const newest = ofTopic.at(-1);
    if (newest === undefined) return [{ topic, fromHeight: 0, partitions }];
    if (newest.partitions === partitions) return ofTopic;
    if (newest.partitions > partitions) throw shrunk(newest, partitions);
    if (fixed.has(topic)) return ofTopic;
    if (market.has(topic)) return [{ topic, fromHeight: 0, partitions }];
    return [...ofTopic, { topic, fromHeight: nextHeight, partitions }];
  });
}

function shrunk({ topic, partitions: before }: PartitionCount, partitions: number): FatalError {
  return new FatalError('kafka.topic_partitions', {
    stage: 'encoding',
    message: `Topic ${topic} has ${partitions} partitions, but it had ${before} when the checkpoint was written, so it is another topic. Restore it, or reset the checkpoint.`,
    context: { topic, partitions, before },
  });
}
