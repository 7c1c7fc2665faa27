/**
 * Lets the publisher see each Produce response. The result of a kafkajs send is not enough: when one
 * broker fails while another is still working, the retry sends to the second one again, under new
 * sequence numbers, and its records are in the log twice while the send resolves as if once.
 */
import type { Broker, Cluster, ProduceResponse } from './kafkajs-internals.ts';

/** Calls `onProduced` for every response to a Produce request of this cluster's brokers. */
export function observeProduce(
  cluster: Cluster,
  onProduced: (response: ProduceResponse) => void,
): void {
  const find = cluster.findBroker.bind(cluster);
  const observed = new WeakSet<Broker>();
  cluster.findBroker = async (request) => {
    const broker = await find(request);
    if (!observed.has(broker)) {
      observed.add(broker);
      const produce = broker.produce.bind(broker);
      broker.produce = async (produceRequest) => {
        const response = await produce(produceRequest);
        onProduced(response);
        return response;
      };
    }
    return broker;
  };
}
