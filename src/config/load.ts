/** Loads the configuration: file, references, environment, checks. Every mistake is reported at once. */
import { collect } from './collect.ts';
import type { Config, SourceConfig, TopicsConfig } from './config.ts';
import { type Mistake, mistakesError } from './mistakes.ts';
import type { OptionTree } from './option.ts';
import { planSources } from './plan-sources.ts';
import { readConfigFile } from './read-file.ts';
import { type RootValues, resolveRoot, resolveTopics, rootMistakes } from './root.ts';
import { rootSchema } from './schema.ts';
import type { Environment } from './secrets.ts';
import type { Definitions } from './source-schema.ts';
import { resolveSource, type SourceValues } from './sources.ts';
import { type TopicUse, topicMistakes } from './topic-names.ts';

/** Where the configuration comes from. */
export interface LoadOptions {
  readonly file: string;
  readonly environment: Environment;
  /** The registered kinds of sources. */
  readonly definitions: Definitions;
}

/**
 * The complete configuration, deeply frozen. Throws one `config.invalid` that lists every mistake
 * with its path, the value (never a secret's) and what was expected; `config.unreadable` when the
 * file cannot be read.
 */
export function loadConfig(options: LoadOptions): Config {
  const { config, mistakes } = readConfig(options);
  if (mistakes.length > 0) throw mistakesError(options.file, mistakes);
  return deepFreeze(config);
}

/** What the file says as far as it is right, and what is wrong with it. */
function readConfig({ file, environment, definitions }: LoadOptions): {
  config: Config;
  mistakes: readonly Mistake[];
} {
  const tree = readConfigFile(file);
  const { known, plans, mistakes } = planSources(tree, definitions);
  const sources: OptionTree = Object.fromEntries(plans.map(({ name, schema }) => [name, schema]));
  const schema = plans.length === 0 ? rootSchema : { ...rootSchema, sources };
  const given = plans.length === 0 ? withoutSources(tree) : { ...tree, sources: known };
  const collected = collect(given, schema, { environment, configFile: file });
  mistakes.push(...collected.mistakes);
  const values = collected.values as unknown as RootValues;
  mistakes.push(...rootMistakes(values));
  const topics = resolveTopics(values.topics);
  const { sources: sourceValues } = collected.values as {
    sources?: Record<string, SourceValues>;
  };
  const resolved = plans.flatMap((plan): SourceConfig[] => {
    const own = sourceValues?.[plan.name];
    // A source with a wrong value is not looked at as a whole: one mistake would be reported twice.
    if (own === undefined || hasMistake(collected.mistakes, plan.name)) return [];
    const { dataErrors } = values.supervisor;
    const { transactionalIdPrefix } = values.publishing;
    const scope = { ...plan, topics, dataErrors, transactionalIdPrefix, mistakes };
    return [resolveSource(own, scope)];
  });
  mistakes.push(...topicMistakes(topicUses(topics, resolved)));
  return { config: resolveRoot(values, topics, resolved), mistakes };
}

function withoutSources(tree: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(tree).filter(([name]) => name !== 'sources'));
}

function hasMistake(mistakes: readonly Mistake[], source: string): boolean {
  return mistakes.some(({ path }) => path.includes(`sources.${source}.`));
}

function topicUses(topics: TopicsConfig, sources: readonly SourceConfig[]): TopicUse[] {
  const uses = sources.flatMap((source) =>
    source.routes.flatMap(({ name, topic, state, final }) => {
      const path = `sources.${source.name}.routes.${name}`;
      return [
        { path, topic },
        ...(state === null ? [] : [{ path: `${path}.state`, topic: state.topic }]),
        ...(final === null ? [] : [{ path: `${path}.final`, topic: final.topic }]),
      ];
    }),
  );
  const control = [...new Set(sources.map((source) => source.controlTopic))];
  return [
    { path: 'topics.prefix (checkpoints)', topic: topics.checkpoints },
    { path: 'topics.prefix (dead letters)', topic: topics.deadLetters },
    // Several sources of one chain share its control topic: its records name their source.
    ...control.map((topic) => ({ path: 'topics.template (control)', topic })),
    ...uses,
  ];
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
}
