/**
 * kafkajs adds partitions to a transaction before each send, with a round trip of its own. Here those
 * of a later send join the first request, and the later one is answered without the broker.
 */
import type { EncodedRecord } from '../encoding/encoded-record.ts';
import type { Broker, Cluster } from './kafkajs-internals.ts';

/** Where a record goes. */
export type Place = Pick<EncodedRecord, 'topic' | 'partition'>;

type AddRequest = Parameters<Broker['addPartitionsToTxn']>[0];

/** One per lane; its client must be used by one transaction at a time. */
export class PartitionsAhead {
  #ahead: readonly Place[] = [];
  readonly #added = new Map<string, Set<number>>();

  /**
   * Call before each transaction with the partitions that its last send will probably need. One that
   * then gets no record only gets the transaction's marker; one that is missing is added by kafkajs.
   */
  begin(ahead: readonly Place[]): void {
    this.#ahead = ahead;
    this.#added.clear();
  }

  /** Makes the coordinators of this cluster add what is ahead, and nothing twice. */
  watch(cluster: Cluster): void {
    const find = cluster.findGroupCoordinator.bind(cluster);
    const watched = new WeakSet<Broker>();
    cluster.findGroupCoordinator = async (request) => {
      const broker = await find(request);
      if (!watched.has(broker)) {
        watched.add(broker);
        const add = broker.addPartitionsToTxn.bind(broker);
        broker.addPartitionsToTxn = (asked) => this.#add(asked, add);
      }
      return broker;
    };
  }

  async #add(asked: AddRequest, add: Broker['addPartitionsToTxn']): Promise<unknown> {
    const wanted = new Map<string, Set<number>>();
    const want = (topic: string, partition: number) => {
      if (this.#added.get(topic)?.has(partition) === true) return;
      wanted.set(topic, (wanted.get(topic) ?? new Set()).add(partition));
    };
    for (const { topic, partitions } of asked.topics) {
      for (const partition of partitions) want(topic, Number(partition));
    }
    if (wanted.size === 0) return undefined;
    for (const { topic, partition } of this.#ahead) want(topic, partition);
    const topics = [...wanted].map(([topic, partitions]) => ({
      topic,
      partitions: [...partitions],
    }));
    const answer = await add({ ...asked, topics });
    for (const [topic, partitions] of wanted) {
      const added = this.#added.get(topic) ?? new Set();
      for (const partition of partitions) added.add(partition);
      this.#added.set(topic, added);
    }
    return answer;
  }
}
