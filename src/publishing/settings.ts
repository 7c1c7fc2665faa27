/**
 * What an operator can set about Kafka, as plain values. Defaults, and reading them from files and
 * the environment, are the configuration's job.
 */

/** PEM texts; null where the system's authorities, or no client certificate, are used. */
export interface TlsSettings {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  readonly rejectUnauthorized: boolean;
}

/** How to prove who we are. Secrets stay in here: nothing in this directory logs it. */
export type SaslSettings =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: string;
    }
  | OAuthSettings;

/** Client credentials that are exchanged for a bearer token at each authentication. */
export interface OAuthSettings {
  readonly mechanism: 'oauthbearer';
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scope: string | null;
}

/** How to reach the brokers. */
export interface KafkaSettings {
  /** `host:port` of brokers to start from. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Null for a plain connection. */
  readonly tls: TlsSettings | null;
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
