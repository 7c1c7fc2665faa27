/** The options every source has, whatever its kind, and those of its routes. */
import { datasetOf, type SourceDefinition } from '../sources/source.ts';
import { either, flag, integer, listOf, mapOf, matching, oneOf, text } from './formats.ts';
import type { OptionTree } from './option.ts';

/** A registered kind of source, whatever its option and message types. */
export type AnySource = SourceDefinition<unknown, unknown>;

/** Kinds of sources by name: the registry's form. */
export type Definitions = Readonly<Record<string, AnySource>>;

/** Key of a route's partition map that holds the number of partitions. */
export const partitionCountKey = '*';

/** Options of one source before those of its kind. */
export function commonSchema(kinds: readonly string[], datasets: readonly string[]): OptionTree {
  return {
    kind: { doc: 'Which source it is.', format: oneOf(...kinds), default: null },
    delivery: {
      doc: 'exactly_once: transactions, nothing doubled. low_latency: no transactions, at least once, readers drop repeats by event_id.',
      format: oneOf('exactly_once', 'low_latency'),
      default: 'exactly_once',
    },
    datasets: {
      doc: 'Datasets to publish; missing = all the source offers.',
      format: listOf(
        `datasets (${datasets.join(', ')})`,
        new RegExp(`^(${datasets.join('|') || '-'})$`),
      ),
      default: null,
      nullable: true,
    },
    dataErrors: {
      doc: 'Overrides supervisor.dataErrors for this source.',
      format: oneOf('quarantine', 'stop'),
      default: null,
      nullable: true,
    },
  };
}

/** Options of the route called `name`. */
export function routeSchema(name: string, datasets: readonly string[]): OptionTree {
  return {
    dataset: {
      doc: "What the route carries; missing = the dataset of the route's own name.",
      format: oneOf(...datasets),
      default: datasets.includes(name) ? name : null,
    },
    topic: {
      doc: 'Topic; missing = by topics.template.',
      format: matching('a topic name', /^[a-zA-Z0-9._-]{1,249}$/),
      default: null,
      nullable: true,
    },
    envelope: {
      doc: 'flat: columns first, for ksqlDB, ClickHouse and plain readers. debezium: for Flink, RisingWave, Materialize and Debezium sinks.',
      format: oneOf('flat', 'debezium', 'upsert'),
      default: 'flat',
    },
    routing: {
      doc: "Column whose value chooses the partition; missing = the dataset's own.",
      format: text,
      default: null,
      nullable: true,
    },
    partitions: {
      doc: 'Partitions of the topic, or a mapping that gives routing values a partition of their own: { "*": 12, "0xa0b8…": 0 }. "*" is the number of partitions. Missing = topics.partitions.',
      format: either(
        integer(1, 10_000),
        mapOf('a mapping of routing values to partitions', isCount),
      ),
      default: null,
      nullable: true,
    },
    timestamps: {
      doc: 'Record time: event = block time, so that windows subtract where they added; ingest = time of publication.',
      format: oneOf('event', 'ingest'),
      default: 'event',
    },
    retentionMs: {
      doc: 'Overrides topics.retentionMs for this topic.',
      format: integer(-1),
      default: null,
      nullable: true,
    },
    state: stateSchema,
    final: finalSchema,
  };
}

const partial = {
  doc: 'Lets the topic begin although the source has published rows without it: those stay missing. Otherwise such a start is refused.',
  format: flag,
  default: false,
};

const stateSchema: OptionTree = {
  enabled: {
    doc: 'Keep the topic <changelog>.state: compacted, the latest row per primary key, a tombstone when a row was retracted and nothing took its place.',
    format: flag,
    default: false,
  },
  partial,
  keysMax: {
    doc: 'Only for datasets whose later rows supersede earlier ones: most primary keys whose rows are kept in memory. Above it the source stops.',
    format: integer(1),
    default: 1_000_000,
  },
};

const finalSchema: OptionTree = {
  enabled: {
    doc: 'Keep the topic <changelog>.final: rows of finalized blocks only, each once, in block order. Needs exactly_once.',
    format: flag,
    default: false,
  },
  partial,
  retentionMs: {
    doc: "How long its records are kept; missing = as the changelog's.",
    format: integer(-1),
    default: null,
    nullable: true,
  },
};

function isCount(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= 10_000;
}

/** Datasets that a kind offers, in its own order. */
export function datasetsOf(definition: AnySource): string[] {
  const subjects = Object.values(definition.channels).flatMap((channel) => channel.subjects);
  return [...new Set(subjects.map(datasetOf))];
}

/** The whole schema of one source: common options, its kind's, and its routes'. */
export function sourceSchema(
  definition: AnySource,
  kinds: readonly string[],
  routes: readonly string[],
): OptionTree {
  const datasets = datasetsOf(definition);
  const names = [...new Set([...datasets, ...routes.filter(isRouteName)])];
  return {
    ...commonSchema(kinds, datasets),
    ...(definition.config as OptionTree),
    routes: Object.fromEntries(names.map((name) => [name, routeSchema(name, datasets)])),
  };
}

/** Names of sources and routes end up in topics, transactional ids and environment variables. */
export function isRouteName(name: string): boolean {
  return /^[a-z][a-z0-9_-]{0,62}$/.test(name);
}
