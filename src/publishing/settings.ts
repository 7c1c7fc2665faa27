/**
 * What an operator can set about Kafka, as plain values, with the defaults in one place. Reading
 * them from files and the environment is the configuration's job.
 */
import type { ConnectionOptions } from 'node:tls';

/** How to prove who we are. Secrets stay in here: nothing in this directory logs it. */
export type SaslSettings =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: string;
    }
  | { readonly mechanism: 'oauthbearer'; readonly token: () => Promise<string> };

/** How to reach the brokers. */
export interface KafkaSettings {
  /** `host:port` of brokers to start from. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Null for a plain connection. */
  readonly tls: ConnectionOptions | null;
  readonly sasl: SaslSettings | null;
  readonly connectionTimeoutMs: number;
  /** A request without an answer for so long has failed. Shorter than the transaction time-out. */
  readonly requestTimeoutMs: number;
}

/** Limits of publishing. Every bound of this directory is one of these. */
export interface PublishingSettings {
  /** Transactional ids used in turn, so that none waits for its predecessor's commit markers. */
  readonly lanes: number;
  /** The broker aborts a transaction that is open for longer. */
  readonly transactionTimeoutMs: number;
  /** One try to publish a batch; afterwards the producers are thrown away. */
  readonly attemptTimeoutMs: number;
  /** Tries and recoveries of one batch together; afterwards `publish` rejects. */
  readonly recoveryTimeoutMs: number;
  /** How long `close` waits for a batch under way before it cuts the connections. */
  readonly closeTimeoutMs: number;
  /** Key and value of the largest record we send: below the topics' `max.message.bytes`. */
  readonly recordBytesMax: number;
  /** One partition's records in one request: below the brokers' `message.max.bytes`. */
  readonly batchBytesMax: number;
  /** All records of one request. */
  readonly requestBytesMax: number;
  /** `low_latency` only: the checkpoint follows the data at most this often. */
  readonly checkpointEveryMs: number;
}

/** What holds when the operator says nothing. */
export const kafkaDefaults: Omit<KafkaSettings, 'brokers'> = {
  clientId: 'ommer',
  tls: null,
  sasl: null,
  connectionTimeoutMs: 3_000,
  requestTimeoutMs: 5_000,
};

/** What holds when the operator says nothing. */
export const publishingDefaults: PublishingSettings = {
  lanes: 3,
  transactionTimeoutMs: 15_000,
  attemptTimeoutMs: 15_000,
  recoveryTimeoutMs: 120_000,
  closeTimeoutMs: 2_500,
  recordBytesMax: 1_000_000,
  batchBytesMax: 900_000,
  requestBytesMax: 8_000_000,
  checkpointEveryMs: 250,
};
