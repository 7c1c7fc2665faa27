/** Turns the checked values of one source into its part of the configuration. */
import type { Subject } from '../sources/source.ts';
import { datasetOf } from '../sources/source.ts';
import type { DataErrorPolicy, RouteConfig, SourceConfig, TopicsConfig } from './config.ts';
import { isMapping } from './formats.ts';
import type { Mistake } from './mistakes.ts';
import { type AnySource, datasetsOf, partitionCountKey } from './source-schema.ts';
import { chainSlug, type TopicTokens, topicName } from './topic-names.ts';

/** What the checked values of a source give, with all defaults. */
export interface SourceValues {
  readonly delivery: SourceConfig['delivery'];
  readonly datasets: readonly string[] | null;
  readonly dataErrors: DataErrorPolicy | null;
  readonly routes: Readonly<Record<string, RouteValues>>;
  readonly [option: string]: unknown;
}

interface RouteValues {
  readonly dataset: string;
  readonly topic: string | null;
  readonly envelope: 'flat' | 'debezium' | 'upsert';
  readonly routing: string | null;
  readonly partitions: number | Readonly<Record<string, number>> | null;
  readonly timestamps: 'event' | 'ingest';
  readonly retentionMs: number | null;
  readonly state: {
    readonly enabled: boolean;
    readonly partial: boolean;
    readonly keysMax: number;
  };
  readonly final: {
    readonly enabled: boolean;
    readonly partial: boolean;
    readonly retentionMs: number | null;
  };
}

/** What a source's part depends on. */
export interface SourceScope {
  readonly name: string;
  readonly definition: AnySource;
  readonly topics: TopicsConfig;
  readonly dataErrors: DataErrorPolicy;
  /** What the transactional ids of all sources begin with. */
  readonly transactionalIdPrefix: string;
  /** Route names that the file or the environment mentions. */
  readonly configuredRoutes: ReadonlySet<string>;
  readonly mistakes: Mistake[];
}

/** The source's configuration; adds to `scope.mistakes` what no single option's format can see. */
export function resolveSource(values: SourceValues, scope: SourceScope): SourceConfig {
  const { definition, name, mistakes } = scope;
  const options = Object.fromEntries(
    Object.keys(definition.config).map((option) => [option, values[option]]),
  );
  for (const { path, message } of definition.validate(options)) {
    mistakes.push({ path: `sources.${name}.${path}`, message });
  }
  const chain = definition.chain(options);
  const datasets = datasetsOf(definition).filter(
    (dataset) => values.datasets === null || values.datasets.includes(dataset),
  );
  const tokens = {
    prefix: scope.topics.prefix,
    chain: chainSlug(chain, scope.topics.chainNames),
    source: name,
  };
  return {
    name,
    kind: definition.kind,
    chain,
    delivery: values.delivery,
    dataErrors: values.dataErrors ?? scope.dataErrors,
    datasets,
    routes: resolveRoutes(values.routes, { ...scope, tokens, datasets, delivery: values.delivery }),
    controlTopic: topicName(scope.topics.template, { ...tokens, dataset: 'control' }),
    transactionalIdPrefix: `${scope.transactionalIdPrefix}-${name}`,
    options,
  };
}

interface RouteScope extends SourceScope {
  readonly tokens: Omit<TopicTokens, 'dataset'>;
  readonly datasets: readonly string[];
  readonly delivery: SourceConfig['delivery'];
}

function resolveRoutes(
  routes: Readonly<Record<string, RouteValues>>,
  scope: RouteScope,
): RouteConfig[] {
  return Object.entries(routes).flatMap(([name, values]) => {
    if (scope.datasets.includes(values.dataset)) return [resolveRoute(name, values, scope)];
    if (scope.configuredRoutes.has(name)) {
      scope.mistakes.push({
        path: `sources.${scope.name}.routes.${name}`,
        message: `routes the dataset "${values.dataset}", which sources.${scope.name}.datasets does not choose`,
      });
    }
    return [];
  });
}

function resolveRoute(name: string, values: RouteValues, scope: RouteScope): RouteConfig {
  const path = `sources.${scope.name}.routes.${name}`;
  if (values.envelope === 'upsert') {
    scope.mistakes.push({
      path: `${path}.envelope`,
      message:
        'is "upsert", which is the form of state topics, expected flat or debezium; for a state topic beside the changelog set state.enabled',
    });
  }
  const { partitions, pinned } = resolvePartitions(values.partitions, scope.topics.partitions);
  const problem = pinProblem(pinned, partitions);
  if (problem !== undefined) {
    scope.mistakes.push({ path: `${path}.partitions`, message: problem });
  }
  const topic =
    values.topic ?? topicName(scope.topics.template, { ...scope.tokens, dataset: name });
  const retentionMs = values.retentionMs ?? scope.topics.retentionMs;
  if (values.final.enabled && scope.delivery === 'low_latency') {
    scope.mistakes.push({
      path: `${path}.final.enabled`,
      message:
        'is true, but the source has delivery low_latency: rows that may be published twice cannot be final once. Set delivery: exactly_once, or take state instead',
    });
  }
  return {
    name,
    dataset: values.dataset,
    subject: subjectOf(scope.definition, values.dataset),
    topic,
    envelope: values.envelope === 'debezium' ? 'debezium' : 'flat',
    routing: values.routing,
    partitions,
    pinned,
    timestamps: values.timestamps,
    retentionMs,
    ...tablesOf(values, topic, retentionMs),
  };
}

/** The topics that a route keeps beside its changelog. */
function tablesOf(
  { state, final }: RouteValues,
  topic: string,
  retentionMs: number,
): Pick<RouteConfig, 'state' | 'final'> {
  return {
    state: state.enabled
      ? { topic: `${topic}.state`, isPartial: state.partial, keysMax: state.keysMax }
      : null,
    final: final.enabled
      ? {
          topic: `${topic}.final`,
          isPartial: final.partial,
          retentionMs: final.retentionMs ?? retentionMs,
        }
      : null,
  };
}

function subjectOf(definition: AnySource, dataset: string): Subject {
  const subjects = Object.values(definition.channels).flatMap((channel) => channel.subjects);
  const subject = subjects.find((candidate) => datasetOf(candidate) === dataset);
  return subject ?? `${definition.kind}/${dataset}`;
}

function resolvePartitions(
  configured: RouteValues['partitions'],
  fallback: number,
): { partitions: number; pinned: Record<string, number> } {
  if (!isMapping(configured)) return { partitions: configured ?? fallback, pinned: {} };
  const { [partitionCountKey]: count, ...pinned } = configured;
  return { partitions: count ?? fallback, pinned };
}

function pinProblem(
  pinned: Readonly<Record<string, number>>,
  partitions: number,
): string | undefined {
  const outside = Object.entries(pinned).find(([, partition]) => partition >= partitions);
  if (outside !== undefined) {
    return `pins "${outside[0]}" to partition ${outside[1]}, but the topic has ${partitions} (0 to ${partitions - 1}); set "*" to the number of partitions`;
  }
  const used = new Set(Object.values(pinned)).size;
  if (used > 0 && used >= partitions) {
    return `pins all ${partitions} partitions, expected at least one for the other values; set "*" to a greater number of partitions`;
  }
  return undefined;
}
