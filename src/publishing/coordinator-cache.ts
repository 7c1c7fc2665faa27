/**
 * kafkajs looks the transaction coordinator up again for every step of every transaction. Here it is
 * looked up once per connection; whatever goes wrong makes it ask again.
 */
import type { Broker, Cluster } from './kafkajs-internals.ts';

/**
 * Replaces `findGroupCoordinator` by one that remembers its answer until the metadata is refreshed,
 * the coordinator disconnects, or an initialisation is under way. kafkajs refreshes metadata before
 * it retries a send, and a failed commit throws the whole client away.
 */
export function cacheCoordinator(cluster: Cluster): void {
  const find = cluster.findGroupCoordinator.bind(cluster);
  const refresh = cluster.refreshMetadata.bind(cluster);
  const known = new Map<string, Broker>();
  cluster.findGroupCoordinator = async (request) => {
    const key = `${request.coordinatorType}:${request.groupId}`;
    const cached = known.get(key);
    if (cached?.isConnected() === true) return cached;
    const broker = await find(request);
    known.set(key, broker);
    return broker;
  };
  cluster.refreshMetadata = async () => {
    known.clear();
    await refresh();
  };
}
