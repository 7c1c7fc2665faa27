/**
 * The one place that creates kafkajs clients. A client owns its sockets, so that it can be ended at
 * once and for certain: kafkajs itself waits for answers before it disconnects, and goes on retrying.
 */
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import {
  type Admin,
  type ISocketFactoryArgs,
  Kafka,
  type KafkaConfig,
  logLevel,
  type Producer,
  type RetryOptions,
} from 'kafkajs';
import type { Logger } from '../model/runtime.ts';
import { acceptMetadataOfAllTopics } from './all-topics-metadata.ts';
import { cacheCoordinator } from './coordinator-cache.ts';
import { createKafkaLog } from './kafka-log.ts';
import {
  type Cluster,
  createCluster,
  interceptClusters,
  type ProduceResponse,
} from './kafkajs-internals.ts';
import { patchRequestQueue } from './kafkajs-patch.ts';
import { requestToken } from './oauth-token.ts';
import type { PartitionsAhead } from './partitions-ahead.ts';
import { encodeProduceInOnePass } from './produce-encoding.ts';
import { observeProduce } from './produce-observer.ts';
import type { KafkaSettings, SaslSettings, TlsSettings } from './settings.ts';

/** What a producer is made of; nothing here is optional, because kafkajs's defaults lose data. */
export interface ProducerOptions {
  /** Undefined for an idempotent producer without transactions. */
  readonly transactionalId?: string;
  readonly transactionTimeoutMs: number;
  /** Sees every Produce response, also those that kafkajs drops on the way. */
  readonly onProduced?: (response: ProduceResponse) => void;
  /** Adds a transaction's later partitions with its first. */
  readonly partitionsAhead?: PartitionsAhead;
}

/** A kafkajs client with its own connections. Cheap; connections open on first use. */
export interface KafkaClient {
  producer(options: ProducerOptions): Producer;
  admin(): Admin;
  cluster(): Cluster;
  /** The last thing the client complained about, to explain a time-out. */
  lastTrouble(): string | null;
  /**
   * Cuts all connections and refuses new ones: whatever is under way rejects, nothing more is sent.
   * Idempotent and immediate.
   */
  kill(): void;
}

/** Short waits between tries: kafkajs's own first back-off of 300 ms is longer than a transaction. */
const connectionRetry: RetryOptions = { initialRetryTime: 50, maxRetryTime: 1_000, retries: 5 };

/**
 * Retries of a send are unlimited (kafkajs's real default is 5, after which acknowledged data can be
 * lost); the publisher's own deadline ends them by killing the client.
 */
const sendRetry: RetryOptions = {
  initialRetryTime: 10,
  maxRetryTime: 1_000,
  retries: Number.MAX_SAFE_INTEGER,
};

/** Bounded, because it runs inside the publisher's recovery, which repeats it. */
const initializationRetry: RetryOptions = {
  initialRetryTime: 20,
  maxRetryTime: 500,
  retries: 12,
};

/** Creates a client; no connection is opened yet. */
export function createKafkaClient(settings: KafkaSettings, logger: Logger): KafkaClient {
  patchRequestQueue();
  const log = createKafkaLog(logger);
  const sockets = createSocketPool();
  const kafka = new Kafka({
    brokers: [...settings.brokers],
    clientId: settings.clientId,
    ...(settings.tls === null ? {} : { ssl: tlsOptions(settings.tls) }),
    ...(settings.sasl === null ? {} : { sasl: saslOptions(settings.sasl) }),
    connectionTimeout: settings.connectionTimeoutMs,
    authenticationTimeout: settings.connectionTimeoutMs * 2,
    requestTimeout: settings.requestTimeoutMs,
    enforceRequestTimeout: true,
    retry: connectionRetry,
    socketFactory: sockets.open,
    logLevel: logLevel.INFO,
    logCreator: () => log.write,
  });
  const clusters: Cluster[] = [];
  let observed: Pick<ProducerOptions, 'onProduced' | 'partitionsAhead'> = {};
  interceptClusters(kafka, (cluster) => {
    clusters.push(cluster);
    cluster.retry = initializationRetry;
    acceptMetadataOfAllTopics(cluster);
    cacheCoordinator(cluster);
    encodeProduceInOnePass(cluster);
    if (observed.onProduced !== undefined) observeProduce(cluster, observed.onProduced);
    observed.partitionsAhead?.watch(cluster);
  });
  return {
    producer: (options) => {
      observed = options;
      return createProducer(kafka, options);
    },
    admin: () => kafka.admin({ retry: connectionRetry }),
    cluster: () => createCluster(kafka, { metadataMaxAge: 60_000, allowAutoTopicCreation: false }),
    lastTrouble: log.lastTrouble,
    kill: () => {
      sockets.destroy();
      for (const cluster of clusters) refuseConnections(cluster);
    },
  };
}

/** Ends kafkajs's own endless retries, which begin with a new connection or new metadata. */
function refuseConnections(cluster: Cluster): void {
  const refuse = () => Promise.reject(Object.assign(new Error(closed), { retriable: false }));
  cluster.connect = refuse;
  cluster.refreshMetadata = refuse;
  cluster.refreshMetadataIfNecessary = refuse;
}

function createProducer(kafka: Kafka, options: ProducerOptions): Producer {
  return kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    metadataMaxAge: 60_000,
    transactionTimeout: options.transactionTimeoutMs,
    retry: sendRetry,
    createPartitioner: () => explicitPartition,
    ...(options.transactionalId === undefined ? {} : { transactionalId: options.transactionalId }),
  });
}

function explicitPartition({ message }: { message: { partition?: number } }): number {
  if (message.partition === undefined) throw new Error('A record was sent without a partition.');
  return message.partition;
}

const closed = 'this client was closed';

interface SocketPool {
  open(args: ISocketFactoryArgs): Socket;
  destroy(): void;
}

function createSocketPool(): SocketPool {
  const sockets = new Set<Socket>();
  let isDestroyed = false;
  return {
    open({ host, port, ssl, onConnect }) {
      if (isDestroyed) throw new Error(closed);
      // kafkajs never switches Nagle's algorithm off, which holds small requests back.
      const socket = ssl
        ? connectTls({ host, port, ...(isIP(host) ? {} : { servername: host }), ...ssl }, onConnect)
        : connectTcp({ host, port }, onConnect);
      socket.setNoDelay(true);
      socket.setKeepAlive(true, 60_000);
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      return socket;
    },
    destroy() {
      isDestroyed = true;
      // With an error, because only that makes kafkajs reject what waits for an answer.
      for (const socket of sockets) socket.destroy(new Error(closed));
    },
  };
}

function tlsOptions({ ca, cert, key, rejectUnauthorized }: TlsSettings): ConnectionOptions {
  return {
    rejectUnauthorized,
    ...(ca === null ? {} : { ca }),
    ...(cert === null ? {} : { cert }),
    ...(key === null ? {} : { key }),
  };
}

function saslOptions(sasl: SaslSettings): NonNullable<KafkaConfig['sasl']> {
  if (sasl.mechanism === 'oauthbearer') {
    return {
      mechanism: 'oauthbearer',
      oauthBearerProvider: async () => ({ value: await requestToken(sasl) }),
    };
  }
  const { mechanism, username, password } = sasl;
  switch (mechanism) {
    case 'plain':
      return { mechanism, username, password };
    case 'scram-sha-256':
      return { mechanism, username, password };
    case 'scram-sha-512':
      return { mechanism, username, password };
  }
}
