/** A value for each topic-partition, found without making a text of the two. */
import type { EncodedRecord } from '../encoding/encoded-record.ts';

/** A topic-partition. */
type Place = Pick<EncodedRecord, 'topic' | 'partition'>;

/** Keeps its values in the order in which their partitions came. */
export class PartitionMap<T> {
  readonly #topics = new Map<string, Map<number, T>>();
  readonly #values: T[] = [];

  get values(): readonly T[] {
    return this.#values;
  }

  get({ topic, partition }: Place): T | undefined {
    return this.#topics.get(topic)?.get(partition);
  }

  /** Of a topic-partition that has none yet. */
  add({ topic, partition }: Place, value: T): void {
    let partitions = this.#topics.get(topic);
    if (partitions === undefined) {
      partitions = new Map();
      this.#topics.set(topic, partitions);
    }
    partitions.set(partition, value);
    this.#values.push(value);
  }
}
