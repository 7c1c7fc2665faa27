/**
 * The parts of kafkajs that are not its public interface, typed, in one place. They are those of
 * 2.2.4, its last release: another version is refused at the first import instead of half working.
 */
import { createRequire } from 'node:module';
import type { ConfigResourceTypes, Kafka, RetryOptions } from 'kafkajs';

const load = createRequire(import.meta.url);

/** The version all of this was read in. */
const supportedVersion = '2.2.4';

/** Throws unless the installed kafkajs is the version whose internals are used here. */
export function assertVersion(version: string): void {
  if (version === supportedVersion) return;
  throw new Error(
    `kafkajs ${version} is installed, but its internals were only verified in ${supportedVersion}: read src/publishing/kafkajs-internals.ts again before changing the version.`,
  );
}

const manifest: { readonly version: string } = load('kafkajs/package.json');
assertVersion(manifest.version);

/** Queue of requests of one connection. */
export interface RequestQueue {
  pending: unknown[];
  scheduleCheckPendingRequests(): void;
}

/** The class whose idle timer is patched. */
export const requestQueueClass: { readonly prototype: RequestQueue } = load(
  'kafkajs/src/network/requestQueue',
);

/** One protocol request with the way to read its response. */
export interface ProtocolRequest<T> {
  readonly request: {
    readonly apiKey: number;
    readonly apiName: string;
    readonly apiVersion: number;
    encode(): Promise<unknown>;
  };
  readonly response: { decode(payload: Buffer): Promise<T>; parse(decoded: T): Promise<T> };
  readonly requestTimeout: number;
}

/** What a broker answers to one Produce request, errors already thrown. */
export interface ProduceResponse {
  readonly topics: readonly {
    readonly topicName: string;
    readonly partitions: readonly { readonly partition: number; readonly baseOffset: string }[];
  }[];
}

interface CoordinatorRequest {
  readonly groupId: string;
  readonly coordinatorType: number;
}

/** One broker of a cluster. */
export interface Broker extends GroupBroker {
  readonly nodeId: number | string;
  readonly connectionPool: { send<T>(request: ProtocolRequest<T>): Promise<T> };
  isConnected(): boolean;
  disconnect(): Promise<void>;
  /** Finds how to make a request in the version that was negotiated; another one after a reconnect. */
  lookupRequest(
    apiKey: number,
    definition: unknown,
  ): (options: unknown) => ProtocolRequest<unknown>;
  /** Without topics: of all. */
  metadata(topics?: readonly string[]): Promise<unknown>;
  produce(request: unknown): Promise<ProduceResponse>;
  findGroupCoordinator(request: CoordinatorRequest): Promise<unknown>;
  addPartitionsToTxn(request: {
    readonly transactionalId: string;
    readonly producerId: string;
    readonly producerEpoch: number;
    readonly topics: readonly { readonly topic: string; readonly partitions: readonly number[] }[];
  }): Promise<unknown>;
  listOffsets(request: {
    readonly isolationLevel: number;
    readonly topics: readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number; readonly timestamp: number }[];
    }[];
  }): Promise<{
    readonly responses: readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
    }[];
  }>;
}

/** Offsets that a group has committed, and how they are asked for and set. */
export interface GroupBroker {
  offsetFetch(request: {
    readonly groupId: string;
    readonly topics: readonly {
      readonly topic: string;
      readonly partitions: readonly { readonly partition: number }[];
    }[];
  }): Promise<{
    readonly responses: readonly {
      readonly topic: string;
      readonly partitions: readonly {
        readonly partition: number;
        /** -1 for none. */
        readonly offset: string;
        readonly metadata: string | null;
      }[];
    }[];
  }>;
  offsetCommit(request: {
    readonly groupId: string;
    readonly groupGenerationId: number;
    readonly memberId: string;
    readonly topics: readonly {
      readonly topic: string;
      readonly partitions: readonly {
        readonly partition: number;
        readonly offset: string;
        readonly metadata: string;
      }[];
    }[];
  }): Promise<unknown>;
}

/** Number of the Produce request. */
export const produceApiKey = 0;

/** Where the leader of a partition is. */
export interface PartitionMetadata {
  readonly partitionId: number;
  readonly leader: number;
}

/** Connections and metadata of one client. */
export interface Cluster {
  /** Read by the transaction state when a producer is created; kafkajs never sets it. */
  retry?: RetryOptions;
  /** Where its brokers, the first one too, are made. */
  readonly brokerPool: { createBroker(options: object): Broker };
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  isConnected(): boolean;
  addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
  refreshMetadata(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  metadata(request: { readonly topics: readonly string[] }): Promise<{
    readonly topicMetadata: readonly {
      readonly topic: string;
      readonly partitionMetadata: readonly PartitionMetadata[];
    }[];
  }>;
  findTopicPartitionMetadata(topic: string): readonly PartitionMetadata[];
  findBroker(request: { readonly nodeId: number | string }): Promise<Broker>;
  findControllerBroker(): Promise<Broker>;
  findGroupCoordinator(request: CoordinatorRequest): Promise<Broker>;
}

/** What a cluster is created with. */
export interface ClusterOptions {
  readonly metadataMaxAge?: number;
  readonly allowAutoTopicCreation?: boolean;
  readonly maxInFlightRequests?: number | null;
}

type CreateCluster = (options: ClusterOptions) => Cluster;

function createClusterSymbol(kafka: Kafka): symbol {
  const found = Object.getOwnPropertySymbols(kafka).find(
    (symbol) => symbol.description === 'private:Kafka:createCluster',
  );
  if (found === undefined) throw new Error('kafkajs has no private createCluster any more.');
  return found;
}

/** A cluster of this client, apart from its producers and consumers. */
export function createCluster(kafka: Kafka, options: ClusterOptions): Cluster {
  const create: CreateCluster = Reflect.get(kafka, createClusterSymbol(kafka));
  return create(options);
}

/** Lets `adjust` see each cluster that a producer of this client is going to use. */
export function interceptClusters(kafka: Kafka, adjust: (cluster: Cluster) => void): void {
  const symbol = createClusterSymbol(kafka);
  const create: CreateCluster = Reflect.get(kafka, symbol);
  const intercepted: CreateCluster = (options) => {
    const cluster = create(options);
    adjust(cluster);
    return cluster;
  };
  Reflect.set(kafka, symbol, intercepted);
}

interface ProtocolErrors {
  createErrorFromCode(code: number): Error;
}

const protocolErrors: ProtocolErrors = load('kafkajs/src/protocol/error');

/** The error kafkajs throws for a code of the protocol. */
export function protocolError(code: number): Error {
  return protocolErrors.createErrorFromCode(code);
}

/** Encoder of a Fetch request, version 11. */
export const encodeFetch: (request: {
  readonly replicaId: number;
  readonly maxWaitTime: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly isolationLevel: number;
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly fetchOffset: string;
      readonly maxBytes: number;
    }[];
  }[];
}) => ProtocolRequest<unknown>['request'] = load('kafkajs/src/protocol/requests/fetch/v11/request');

interface Codec {
  decompress(buffer: Buffer): Promise<Buffer>;
}

const compression: { lookupCodecByAttributes(attributes: number): Codec | null } = load(
  'kafkajs/src/protocol/message/compression',
);

/** The codec of a batch; null for none. Throws for one that kafkajs does not have built in. */
export function codecOf(attributes: number): Codec | null {
  return compression.lookupCodecByAttributes(attributes);
}

const coordinatorTypes: { readonly GROUP: number; readonly TRANSACTION: number } = load(
  'kafkajs/src/protocol/coordinatorTypes',
);

/** The kind of coordinator that transactional ids have. */
export const transactionKind: number = coordinatorTypes.TRANSACTION;

/** The kind of coordinator that consumer groups have. */
export const groupKind: number = coordinatorTypes.GROUP;

const resourceTypes: { readonly TOPIC: ConfigResourceTypes } = load(
  'kafkajs/src/protocol/configResourceTypes',
);

/** The kind "topic" of a described resource; as a named export Node does not find it. */
export const topicResource: ConfigResourceTypes = resourceTypes.TOPIC;
