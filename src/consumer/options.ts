/** What a reader is told: where Kafka and the registry are, what to read, where to begin, its limits. */
import { rowSubjects } from '../encoding/change-decoder.ts';
import { loadDataset } from '../encoding/dataset.ts';
import { FatalError } from '../model/errors.ts';
import type { Feed } from '../model/event.ts';
import type { Logger } from '../model/runtime.ts';
import type { KafkaSettings, SaslSettings, TlsSettings } from '../publishing/settings.ts';
import type { Dataset } from './change.ts';

/** A changelog or `.final` topic, by its parts or by its name. */
export type TopicChoice<D extends Dataset = Dataset> =
  | {
      readonly dataset: D;
      /** CAIP-2 id (`eip155:1`), or the name a venue has in topic names. */
      readonly chain: string;
      /** `ommer` by default. */
      readonly prefix?: string;
    }
  | { readonly dataset: D; readonly topic: string };

/** Where a reader begins that has no committed offsets. */
export type StartPosition =
  /** The oldest record that is there, or what is published from now on. */
  | 'beginning'
  | 'end'
  /** This canonical block, or the first one at or after a time. */
  | { readonly height: number }
  | { readonly timeMs: number }
  /** The `position` of the last step that was handled; block by block only. */
  | { readonly after: string }
  /** Given offsets, one for every partition that is read; record by record only. */
  | {
      readonly offsets: readonly {
        readonly topic: string;
        readonly partition: number;
        readonly offset: number;
      }[];
    };

/** Bounds of what a reader holds. */
export interface ReaderLimits {
  /** Records of one step. 200,000 by default. */
  readonly stepRecordsMax?: number;
  /** Bytes read ahead per partition. 8 MiB by default. */
  readonly readAheadBytesMax?: number;
  /** Steps read ahead from the control topic. 1,000 by default. */
  readonly stepsAheadMax?: number;
  /** Rows above the finalized head, `low_latency` only. 1,000,000 by default. */
  readonly identitiesMax?: number;
  /** Bytes of one answer of a broker, per partition. 1 MiB by default. */
  readonly fetchBytesMax?: number;
  /** How long a broker may wait for new records. 100 ms by default; they are sent at once. */
  readonly fetchWaitMs?: number;
  /** Reading fails when no broker answers for so long. 60 s by default. */
  readonly stallTimeoutMs?: number;
}

/** Options of `openReader`. */
export interface ReaderOptions<D extends Dataset = Dataset> {
  readonly kafka: {
    readonly brokers: readonly string[];
    readonly clientId?: string;
    readonly tls?: TlsSettings;
    readonly sasl?: SaslSettings;
  };
  readonly registry: {
    readonly url: string;
    readonly auth?: { readonly username: string; readonly password: string };
  };
  readonly topics: readonly TopicChoice<D>[];
  /** Read only these partitions of every topic: no group is joined. Record by record only. */
  readonly partitions?: readonly number[];
  /** Used when the group has committed nothing. `beginning` by default. */
  readonly from?: StartPosition;
  /** Keeps the offsets under this consumer group id, committed after each hand-over. */
  readonly group?: string;
  /** Of the source that writes the topics. `low_latency` repeats records; the reader drops them. */
  readonly delivery?: 'exactly_once' | 'low_latency';
  /** The source's name, when several sources share a control topic. */
  readonly source?: string;
  /** `<prefix>.<chain>.control` by default. Needed when topics are given by name. */
  readonly controlTopic?: string;
  readonly limits?: ReaderLimits;
  readonly logger?: Logger;
}

/** A topic and the dataset its rows are of. */
export interface ChosenTopic<D extends Dataset> {
  readonly topic: string;
  readonly dataset: D;
}

/** Options with everything filled in. */
export interface Settings<D extends Dataset> {
  readonly kafka: KafkaSettings;
  readonly topics: readonly ChosenTopic<D>[];
  readonly controlTopic: string | null;
  /** Market data has no blocks: it is read record by record. */
  readonly feed: Feed;
  readonly limits: Required<ReaderLimits>;
}

const defaultLimits: Required<ReaderLimits> = {
  stepRecordsMax: 200_000,
  readAheadBytesMax: 8 * 1024 * 1024,
  stepsAheadMax: 1_000,
  identitiesMax: 1_000_000,
  fetchBytesMax: 1024 * 1024,
  fetchWaitMs: 100,
  stallTimeoutMs: 60_000,
};

/** Throws `consumer.wrong_options` for choices that contradict each other. */
export function settingsOf<D extends Dataset>(options: ReaderOptions<D>): Settings<D> {
  const { kafka, topics, limits } = options;
  if (kafka.brokers.length === 0) throw wrongOptions('kafka.brokers is empty');
  if (topics.length === 0) throw wrongOptions('topics is empty');
  const chosen = topics.map(chosenTopic);
  const state = chosen.find(({ topic }) => topic.endsWith('.state'));
  if (state !== undefined) {
    throw wrongOptions(
      `"${state.topic}" holds the latest row per key, not changes: read its changelog, with a MaterializedMap for the latest rows`,
    );
  }
  const names = new Set(chosen.map(({ topic }) => topic));
  if (names.size < chosen.length) throw wrongOptions('a topic is named twice');
  return {
    kafka: {
      brokers: kafka.brokers,
      clientId: kafka.clientId ?? 'ommer-consumer',
      tls: kafka.tls ?? null,
      sasl: kafka.sasl ?? null,
      connectionTimeoutMs: 3_000,
      requestTimeoutMs: 10_000,
    },
    topics: chosen,
    controlTopic: options.controlTopic ?? controlTopicOf(topics),
    feed: feedOf(chosen, options.from),
    limits: { ...defaultLimits, ...limits },
  };
}

/** An error of the caller's. */
export function wrongOptions(problem: string): FatalError {
  return new FatalError('consumer.wrong_options', {
    stage: 'consumer',
    message: `The reader cannot be opened: ${problem}.`,
  });
}

/** Datasets that are not of this version are taken for those of a chain. */
function feedOf(
  topics: readonly { readonly dataset: string }[],
  from: StartPosition | undefined,
): Feed {
  const known = rowSubjects();
  const feeds = topics.map(({ dataset }) => {
    const subject = known.find((each) => each === dataset);
    return subject === undefined ? 'chain' : loadDataset(subject).feed;
  });
  const [feed = 'chain'] = feeds;
  if (feeds.some((other) => other !== feed)) {
    throw wrongOptions('topics of market data and of chains are read apart');
  }
  if (feed === 'market' && typeof from === 'object' && !('offsets' in from)) {
    throw wrongOptions('market data has no blocks to begin from: give offsets, beginning or end');
  }
  return feed;
}

function chosenTopic<D extends Dataset>(choice: TopicChoice<D>): ChosenTopic<D> {
  const { dataset } = choice;
  if ('topic' in choice) return { topic: choice.topic, dataset };
  const name = dataset.slice(dataset.indexOf('/') + 1);
  return { topic: `${baseOf(choice)}.${name}`, dataset };
}

function baseOf({ prefix = 'ommer', chain }: { readonly prefix?: string; readonly chain: string }) {
  return `${prefix}.${chain.replaceAll(/[^a-zA-Z0-9._-]/g, '-')}`;
}

/** The control topic of the one chain that is chosen; null when there are several or none is told. */
function controlTopicOf(topics: readonly TopicChoice[]): string | null {
  const bases = topics.map((choice) => ('chain' in choice ? baseOf(choice) : null));
  const [base] = bases;
  if (base === undefined || base === null) return null;
  return bases.every((other) => other === base) ? `${base}.control` : null;
}
