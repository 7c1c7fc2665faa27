/**
 * The configuration as the program uses it: complete, checked, frozen. Nothing here reads files or
 * the environment; `load.ts` does.
 */
import type { SaslSettings, TlsSettings } from '../publishing/settings.ts';
import type { Subject } from '../sources/source.ts';

export interface KafkaConfig {
  /** `host:port`, at least one. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly connectionTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly tls: TlsSettings | null;
  readonly sasl: SaslSettings | null;
}

export interface RegistryConfig {
  readonly url: string;
  readonly auth: { readonly username: string; readonly password: string } | null;
  /** PEM text of the authority that signed the registry's certificate. */
  readonly ca: string | null;
  readonly timeoutMs: number;
}

export interface TopicsConfig {
  readonly prefix: string;
  readonly template: string;
  /** Partitions of a changelog topic whose route does not say otherwise. */
  readonly partitions: number;
  /** -1 = the broker's default. */
  readonly replicationFactor: number;
  /** -1 = for ever. */
  readonly retentionMs: number;
  /** Creates missing topics at the start of a run. */
  readonly autoCreate: boolean;
  /** CAIP-2 id to the slug used in topic names. */
  readonly chainNames: Readonly<Record<string, string>>;
  /** Derived: `<prefix>.checkpoints`. */
  readonly checkpoints: string;
  /** Derived: `<prefix>.dead-letters`. */
  readonly deadLetters: string;
}

export interface PublishingConfig {
  readonly lanes: number;
  /** Of all sources; each has its own in `SourceConfig`. */
  readonly transactionalIdPrefix: string;
  readonly transactionTimeoutMs: number;
  readonly attemptTimeoutMs: number;
  readonly recoveryTimeoutMs: number;
  readonly closeTimeoutMs: number;
  readonly recordBytesMax: number;
  readonly batchBytesMax: number;
  readonly requestBytesMax: number;
  /** `low_latency` only: the longest time between two checkpoints. */
  readonly checkpointEveryMs: number;
  readonly batch: {
    readonly rowsMax: number;
    readonly blocksMax: number;
  };
}

export interface SupervisorConfig {
  readonly backoffMinMs: number;
  readonly backoffMaxMs: number;
  /** Sessions lost in a row before the source stops; 0 = never stops. */
  readonly retriesMax: number;
}

/** What happens to input that cannot be understood. */
export type DataErrorPolicy = 'quarantine' | 'stop';

/** Where one dataset of a source goes, and in which form. */
export interface RouteConfig {
  /** Key in `routes`; the dataset's own name for its default route. */
  readonly name: string;
  readonly dataset: string;
  readonly subject: Subject;
  readonly topic: string;
  readonly envelope: 'flat' | 'debezium';
  /** Column whose value chooses the partition; null = the one its schema names. */
  readonly routing: string | null;
  readonly partitions: number;
  /** Routing values with a partition of their own. */
  readonly pinned: Readonly<Record<string, number>>;
  readonly timestamps: 'event' | 'ingest';
  readonly retentionMs: number;
  /** Its compacted topic with the latest row per primary key; null: none. */
  readonly state: StateConfig | null;
  /** Its topic with rows of finalized blocks only; null: none. */
  readonly final: FinalConfig | null;
}

/** A table that a route keeps beside its changelog. */
export interface TableConfig {
  /** The changelog's name and `.state` or `.final`. */
  readonly topic: string;
  /** It may begin although the source has published rows without it. */
  readonly isPartial: boolean;
}

export interface StateConfig extends TableConfig {
  /** Most primary keys remembered of a dataset whose later rows supersede earlier ones. */
  readonly keysMax: number;
}

export interface FinalConfig extends TableConfig {
  readonly retentionMs: number;
}

export interface SourceConfig {
  readonly name: string;
  readonly kind: string;
  /** CAIP-2 id or venue name that the rows carry. */
  readonly chain: string;
  readonly delivery: 'exactly_once' | 'low_latency';
  readonly dataErrors: DataErrorPolicy;
  /** Chosen datasets, in the source's order. Never empty. */
  readonly datasets: readonly string[];
  /** At least one per chosen dataset. */
  readonly routes: readonly RouteConfig[];
  readonly controlTopic: string;
  /** Derived: `<prefix>-<source>`; a lane's number follows. The same for all instances. */
  readonly transactionalIdPrefix: string;
  /** The kind's own options, checked against its fragment: what `SourceDefinition.connect` takes. */
  readonly options: Readonly<Record<string, unknown>>;
}

export interface HttpConfig {
  readonly enabled: boolean;
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LogConfig {
  readonly level: LogLevel;
  readonly format: 'auto' | 'json' | 'pretty';
}

/** Everything a run needs to know. Deeply frozen. */
export interface Config {
  readonly kafka: KafkaConfig;
  readonly registry: RegistryConfig;
  readonly topics: TopicsConfig;
  readonly undo: {
    readonly blocksMax: number;
    readonly rowsMax: number;
    readonly correctionsMs: number;
  };
  readonly publishing: PublishingConfig;
  readonly supervisor: SupervisorConfig;
  readonly http: HttpConfig;
  readonly log: LogConfig;
  /** Longest silence on a control topic. */
  readonly heartbeatMs: number;
  readonly sources: readonly SourceConfig[];
}
