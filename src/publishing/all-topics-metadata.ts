/**
 * kafkajs asks for the metadata of all topics while it only looks for brokers, and refuses the answer
 * when any partition of the cluster has no leader. Topics that nobody named must not hinder us.
 */
import type { Broker, Cluster } from './kafkajs-internals.ts';

/** Metadata of named topics is checked as kafkajs does; that of all is taken as it is. */
export function acceptMetadataOfAllTopics(cluster: Cluster): void {
  const pool = cluster.brokerPool;
  const create = pool.createBroker.bind(pool);
  pool.createBroker = (options) => {
    const broker = create(options);
    const metadata = broker.metadata.bind(broker);
    broker.metadata = (topics = []) => {
      if (topics.length > 0) return metadata(topics);
      const { lookupRequest } = broker;
      // kafkajs looks the request up before it waits for anything, so nobody else sees this one.
      broker.lookupRequest = unchecked(lookupRequest);
      try {
        return metadata(topics);
      } finally {
        broker.lookupRequest = lookupRequest;
      }
    };
    return broker;
  };
}

function unchecked(lookup: Broker['lookupRequest']): Broker['lookupRequest'] {
  return (apiKey, definition) => {
    const create = lookup(apiKey, definition);
    return (options) => {
      const protocol = create(options);
      return { ...protocol, response: { ...protocol.response, parse: async (decoded) => decoded } };
    };
  };
}
