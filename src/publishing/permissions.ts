/**
 * Tries what a source must be permitted to do, without writing anything and without fencing anybody:
 * a broker that permits the requests refuses them for what they say.
 */

import { type ErrorCode, FatalError, type PipelineError } from '../model/errors.ts';
import type { Logger } from '../model/runtime.ts';
import { fetchFrom } from './fetch.ts';
import { createKafkaClient } from './kafka-client.ts';
import { kafkaError } from './kafka-error.ts';
import { type Broker, type Cluster, protocolError, transactionKind } from './kafkajs-internals.ts';
import type { KafkaSettings } from './settings.ts';
import { whenKnown } from './when-known.ts';

/** What a source works with; the topics exist. */
export interface NeededPermissions {
  readonly transactionalIds: readonly string[];
  readonly writes: readonly string[];
  readonly reads: readonly string[];
}

/**
 * One `kafka.not_authorized` for each thing that is not permitted, naming it; empty when all is.
 * Throws `kafka.unreachable`; what else may go wrong is left to those who do it in earnest.
 */
export async function missingPermissions(
  settings: KafkaSettings,
  needed: NeededPermissions,
  logger: Logger,
): Promise<PipelineError[]> {
  const client = createKafkaClient(settings, logger);
  const cluster = client.cluster();
  try {
    await cluster.connect();
    await cluster.refreshMetadata();
    const probe = new PermissionProbe(cluster);
    for (const id of needed.transactionalIds) await probe.transactions(id, needed.writes);
    for (const topic of needed.reads) await probe.read(topic);
    return [...probe.missing.values()];
  } catch (error) {
    throw kafkaError(error, { action: 'try permissions', lastTrouble: client.lastTrouble() });
  } finally {
    client.kill();
  }
}

/** A producer id that no coordinator gives out. */
const nobody = { producerId: '-1', producerEpoch: 0 };
const readLimits = {
  isolation: 'read_uncommitted',
  maxWaitMs: 0,
  responseBytesMax: 1,
  partitionBytesMax: 1,
} as const;

class PermissionProbe {
  /** By what is missing, so that each is told once. */
  readonly missing = new Map<string, PipelineError>();
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Looks for the coordinator, then pretends to be about to write, topic by topic. */
  async transactions(transactionalId: string, topics: readonly string[]): Promise<void> {
    const id = `Write and Describe on transactional id "${transactionalId}"`;
    const request = { groupId: transactionalId, coordinatorType: transactionKind };
    const found: Broker[] = [];
    await this.#attempt(id, async () => {
      // The cluster's own search hides a refusal; but it waits for a coordinator that is starting.
      const anyBroker = await this.#cluster.findControllerBroker();
      await anyBroker.findGroupCoordinator(request).catch((error: unknown) => {
        if (codeOf(error) === 'kafka.not_authorized') throw error;
      });
      // Longer than the client does: a new cluster first makes the topic that coordinators are of.
      found.push(await whenKnown(`a coordinator of ${transactionalId}`, () => this.#find(request)));
    });
    const [coordinator] = found;
    if (coordinator === undefined) return;
    for (const topic of topics) {
      await this.#attempt({ topic: `Write on topic "${topic}"`, transactionalId: id }, () =>
        coordinator.addPartitionsToTxn({
          ...nobody,
          transactionalId,
          topics: [{ topic, partitions: [0] }],
        }),
      );
    }
  }

  #find(request: { groupId: string; coordinatorType: number }): Promise<Broker | null> {
    return this.#cluster.findGroupCoordinator(request).catch((error: unknown) => {
      if (Reflect.get(Object(error), 'name') === 'KafkaJSGroupCoordinatorNotFound') return null;
      throw error;
    });
  }

  async read(topic: string): Promise<void> {
    await this.#attempt(`Read on topic "${topic}"`, async () => {
      await this.#cluster.addMultipleTargetTopics([topic]);
      await this.#cluster.refreshMetadataIfNecessary();
      const [first] = this.#cluster.findTopicPartitionMetadata(topic);
      const broker = await this.#cluster.findBroker({ nodeId: first?.leader ?? -1 });
      const [part] = await fetchFrom(broker, [{ topic, partition: 0, offset: 0 }], readLimits);
      if (part !== undefined && part.errorCode > 0) throw protocolError(part.errorCode);
    });
  }

  async #attempt(
    what: string | { readonly topic: string; readonly transactionalId: string },
    step: () => Promise<unknown>,
  ): Promise<void> {
    try {
      await step();
    } catch (error) {
      const code = codeOf(error);
      if (code === 'kafka.unreachable') throw error;
      if (code !== 'kafka.not_authorized') return;
      const isTopic = Reflect.get(Object(error), 'type') === 'TOPIC_AUTHORIZATION_FAILED';
      const needed = typeof what === 'string' ? what : isTopic ? what.topic : what.transactionalId;
      this.missing.set(needed, notPermitted(needed, error));
    }
  }
}

function codeOf(error: unknown): ErrorCode {
  return kafkaError(error, { action: 'try permissions' }).code;
}

function notPermitted(needed: string, cause: unknown): FatalError {
  return new FatalError('kafka.not_authorized', {
    stage: 'publishing',
    message: `The Kafka user is not permitted to work as configured: grant ${needed} to it.`,
    cause,
    context: { needed },
  });
}
