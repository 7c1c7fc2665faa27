/**
 * Checks what the brokers acknowledged against what was sent, and gives each record its offset. A
 * resolved kafkajs send proves nothing: it can have skipped a partition whose leader moved, or have
 * written one twice.
 */
import type { RecordMetadata } from 'kafkajs';
import { TransientError } from '../model/errors.ts';
import type { ProduceResponse } from './kafkajs-internals.ts';
import type { Chunk, ChunkPart } from './record-chunks.ts';

/** Collects the Produce responses of one send. */
export class AcknowledgementLog {
  readonly #baseOffsets = new Map<string, Set<string>>();

  /** Forgets what was collected: call it before each send. */
  reset(): void {
    this.#baseOffsets.clear();
  }

  add(response: ProduceResponse): void {
    for (const { topicName, partitions } of response.topics) {
      for (const { partition, baseOffset } of partitions) {
        const key = `${topicName}/${partition}`;
        const seen = this.#baseOffsets.get(key) ?? new Set();
        seen.add(baseOffset);
        this.#baseOffsets.set(key, seen);
      }
    }
  }

  /** At how many places of the log the last send's records of this partition stand. */
  appends(topic: string, partition: number): number {
    return this.#baseOffsets.get(`${topic}/${partition}`)?.size ?? 0;
  }
}

/**
 * Writes the offset of each record of the chunk into `offsets`. Throws the transient
 * `kafka.partial_acknowledgement` unless every partition was acknowledged, exactly once, without an
 * error, and nothing else was; the transaction must then be aborted.
 */
export function assignOffsets(
  chunk: Chunk,
  acknowledged: readonly RecordMetadata[],
  target: { readonly log: AcknowledgementLog | null; readonly offsets: Float64Array },
): void {
  const expected = new Map(chunk.parts.map((part) => [`${part.topic}/${part.partition}`, part]));
  for (const { topicName, partition, baseOffset, errorCode } of acknowledged) {
    const key = `${topicName}/${partition}`;
    const part = expected.get(key);
    const first = Number(baseOffset);
    if (part === undefined) throw partial(chunk, `${key} was acknowledged unasked or twice`);
    if (errorCode !== 0 || !Number.isSafeInteger(first) || first < 0) {
      throw partial(chunk, `${key} answered error ${errorCode}, offset ${baseOffset}`);
    }
    if (target.log !== null && target.log.appends(part.topic, partition) !== 1) {
      throw partial(chunk, `${key} was written more than once`);
    }
    expected.delete(key);
    spread(part, first, target.offsets);
  }
  if (expected.size > 0) {
    throw partial(chunk, `${[...expected.keys()].slice(0, 5).join(', ')} got no acknowledgement`);
  }
}

function spread(part: ChunkPart, first: number, offsets: Float64Array): void {
  part.indexes.forEach((index, position) => {
    offsets[index] = first + position;
  });
}

function partial(chunk: Chunk, what: string): TransientError {
  return new TransientError('kafka.partial_acknowledgement', {
    stage: 'publishing',
    message: `Of a send to ${chunk.parts.length} partitions, ${what}. The send is undone and repeated.`,
    context: { partitions: chunk.parts.length },
  });
}
