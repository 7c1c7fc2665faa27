/**
 * Requests to the leaders of partitions, without a consumer group. Moved leaders and lost brokers
 * are looked up and tried again; a connection that failed is never used on.
 */
import { FatalError, type PipelineError, TransientError } from '../model/errors.ts';
import type { Clock, Logger } from '../model/runtime.ts';
import { groupBy } from './group-by.ts';
import { createKafkaClient, type KafkaClient } from './kafka-client.ts';
import { kafkaError } from './kafka-error.ts';
import { type Broker, type Cluster, groupKind } from './kafkajs-internals.ts';
import type { KafkaSettings } from './settings.ts';

/** What readers need. */
export interface ReaderOptions {
  readonly kafka: KafkaSettings;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Reading fails when it did not get on for so long. */
  readonly stallTimeoutMs: number;
}

/** A topic-partition. */
export interface PartitionRef {
  readonly topic: string;
  readonly partition: number;
}

/** The leader of some partitions. */
export interface Leader<T> {
  readonly broker: Broker;
  readonly partitions: readonly T[];
}

const pauseMs = 100;

/** Connections for reading, opened on first use. */
export class LeaderConnection {
  readonly #options: ReaderOptions;
  #client: KafkaClient | null = null;
  #cluster: Promise<Cluster> | null = null;
  #isClosed = false;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /** The partitions grouped by leader. Rejects with kafkajs's errors. */
  async leaders<T extends PartitionRef>(partitions: readonly T[]): Promise<readonly Leader<T>[]> {
    const cluster = await this.#connected();
    await cluster.addMultipleTargetTopics([...new Set(partitions.map(({ topic }) => topic))]);
    await cluster.refreshMetadataIfNecessary();
    const byLeader = groupBy(partitions, ({ topic, partition }) => {
      const known = cluster.findTopicPartitionMetadata(topic);
      const leader = known.find(({ partitionId }) => partitionId === partition)?.leader;
      if (leader === undefined || leader < 0) throw noLeader(topic, partition, known.length);
      return leader;
    });
    return Promise.all(
      [...byLeader].map(async ([nodeId, led]) => ({
        broker: await cluster.findBroker({ nodeId }),
        partitions: led,
      })),
    );
  }

  /** The broker that keeps a consumer group's offsets. Rejects with kafkajs's errors. */
  async groupCoordinator(groupId: string): Promise<Broker> {
    const cluster = await this.#connected();
    return cluster.findGroupCoordinator({ groupId, coordinatorType: groupKind });
  }

  /** Partition numbers of a topic; empty for a topic that does not exist. */
  async partitionsOf(topic: string): Promise<readonly number[]> {
    const cluster = await this.#connected();
    try {
      await cluster.addMultipleTargetTopics([topic]);
      await cluster.refreshMetadata();
    } catch (error) {
      if (kafkaError(error, { action: 'read topics' }).code === 'kafka.topic_missing') return [];
      throw error;
    }
    return cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId);
  }

  /**
   * Repeats `step` until it succeeds, with a new connection after each failure; gives up with a
   * classified error when `stallTimeoutMs` have passed, or at once on a fatal one.
   */
  async retried<T>(action: string, step: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { clock, stallTimeoutMs } = this.#options;
    const giveUpAtMs = clock.nowMs() + stallTimeoutMs;
    for (;;) {
      signal?.throwIfAborted();
      try {
        return await step();
      } catch (error) {
        const failure = this.#failure(error, action);
        this.#discard();
        const isOver = clock.nowMs() >= giveUpAtMs || this.#isClosed;
        if (failure instanceof FatalError || isOver) throw failure;
        this.#options.logger.debug({ err: failure }, 'reading is retried');
        await clock.sleep(pauseMs, signal);
      }
    }
  }

  /** Cuts the connections; what is under way rejects. Idempotent. */
  close(): void {
    this.#isClosed = true;
    this.#discard();
  }

  #failure(error: unknown, action: string): PipelineError {
    return kafkaError(error, { action, lastTrouble: this.#client?.lastTrouble() ?? null });
  }

  #discard(): void {
    this.#client?.kill();
    this.#client = null;
    this.#cluster = null;
  }

  #connected(): Promise<Cluster> {
    if (this.#isClosed) throw closed();
    this.#cluster ??= this.#connect();
    return this.#cluster;
  }

  async #connect(): Promise<Cluster> {
    this.#client = createKafkaClient(this.#options.kafka, this.#options.logger);
    const cluster = this.#client.cluster();
    await cluster.connect();
    return cluster;
  }
}

function closed(): FatalError {
  return new FatalError('kafka.unreachable', {
    stage: 'publishing',
    message: 'This reader was closed.',
  });
}

function noLeader(topic: string, partition: number, partitions: number): TransientError {
  const isMissing = partition >= partitions;
  return new TransientError(isMissing ? 'kafka.topic_missing' : 'kafka.unreachable', {
    stage: 'publishing',
    message: isMissing
      ? `Topic "${topic}" has no partition ${partition} (it has ${partitions}). Create it with \`ommer topics apply\`, or check the name and the permissions.`
      : `Partition ${partition} of topic "${topic}" has no leader now: check that the brokers run.`,
    context: { topic, partition, partitions },
  });
}
