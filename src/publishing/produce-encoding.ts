/** Makes the brokers of a cluster encode Produce requests with `produce-request.ts`. */
import { type Broker, type Cluster, produceApiKey } from './kafkajs-internals.ts';
import { encodeProduceRequest, type ProduceRequest } from './produce-request.ts';

const oldestVersion = 3;

/** Everything else of a request, its version and its response too, stays kafkajs's. */
export function encodeProduceInOnePass(cluster: Cluster): void {
  const find = cluster.findBroker.bind(cluster);
  const prepared = new WeakSet<Broker['lookupRequest']>();
  cluster.findBroker = async (request) => {
    const broker = await find(request);
    // A broker that connects again gets a new function.
    if (!prepared.has(broker.lookupRequest)) {
      broker.lookupRequest = replaceEncoding(broker.lookupRequest);
      prepared.add(broker.lookupRequest);
    }
    return broker;
  };
}

function replaceEncoding(lookup: Broker['lookupRequest']): Broker['lookupRequest'] {
  return (apiKey, definition) => {
    const create = lookup(apiKey, definition);
    if (apiKey !== produceApiKey) return create;
    return (options) => {
      const protocol = create(options);
      const isCompressed = (options as { readonly compression?: number }).compression !== 0;
      if (isCompressed || protocol.request.apiVersion < oldestVersion) return protocol;
      const encode = async () => encoded(encodeProduceRequest(options as ProduceRequest));
      return { ...protocol, request: { ...protocol.request, encode } };
    };
  };
}

/** What kafkajs reads of its own encoder. */
function encoded(bytes: Buffer) {
  return { buf: bytes, buffer: bytes };
}
