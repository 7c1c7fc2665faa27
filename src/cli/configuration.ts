/** What commands share that work on a configuration: its options, loading, and the parts it gives. */

import { closest } from '../config/closest.ts';
import type { Config, SourceConfig } from '../config/config.ts';
import { desiredTopics, selectSources } from '../config/desired-topics.ts';
import { loadConfig } from '../config/load.ts';
import type { Definitions } from '../config/source-schema.ts';
import { RegistryClient } from '../encoding/registry-client.ts';
import type { Logger } from '../model/runtime.ts';
import { systemClock } from '../model/system-clock.ts';
import { createLogger } from '../observability/logger.ts';
import { type TopicSpec, topicConfig } from '../publishing/topic-plan.ts';
import { sources } from '../sources/registry.ts';
import { type Arguments, type OptionSpec, UsageError } from './command.ts';
import { routeTables } from './compose/route-tables.ts';
import { hasColors, type Io } from './io.ts';
import { registryFetch } from './registry-fetch.ts';

/** Every registered kind of source. */
export const definitions: Definitions = sources;

/** The option of every command that reads a configuration. */
export const configOption: Readonly<Record<string, OptionSpec>> = {
  config: { doc: 'Configuration file; ommer.yaml by default.', value: 'FILE' },
};

/** Loads the file the arguments name. Throws `config.invalid` or `config.unreadable`. */
export function configFrom(args: Arguments, io: Io): Config {
  const file = args.text('config') ?? 'ommer.yaml';
  return loadConfig({ file, environment: io.environment, definitions });
}

/** The named sources, all when none is named. Throws `UsageError` for a name that is not there. */
export function namedSources(config: Config, names: readonly string[]): SourceConfig[] {
  const known = config.sources.map(({ name }) => name);
  for (const name of names) {
    if (known.includes(name)) continue;
    const near = closest(name, known);
    const hint = near === undefined ? `Sources: ${known.join(', ')}.` : `Did you mean "${near}"?`;
    throw new UsageError(`There is no source "${name}". ${hint}`);
  }
  return selectSources(config, names);
}

/** The process's logger, on standard error. */
export function loggerFrom(config: Config, io: Io): Logger {
  const { level, format } = config.log;
  const colors = hasColors(io.stderr, io.environment);
  return createLogger({ level, format, output: io.stderr, hasColors: colors });
}

/** Commands that print verdicts show what goes wrong themselves. */
export function quietLogger(io: Io): Logger {
  return createLogger({ level: 'silent', format: 'json', output: io.stderr, hasColors: false });
}

/** Topics of the sources as publishing plans and creates them. */
export function topicSpecs(config: Config, chosen: readonly SourceConfig[]): TopicSpec[] {
  const { recordBytesMax } = config.publishing;
  const tables = chosen.flatMap(routeTables);
  const specs = desiredTopics(config, chosen).map(({ retentionMs, ...topic }) => ({
    ...topic,
    config: topicConfig(topic.kind, { retentionMs, recordBytesMax }),
  }));
  return specs.flatMap((spec) => {
    const covered = tables.find(({ state }) => state === spec.name)?.covered ?? null;
    return covered === null ? [spec] : [spec, { ...spec, name: covered }];
  });
}

/** A client for a command: few attempts, because somebody waits for the answer. */
export function registryFrom(config: Config): RegistryClient {
  const { url, auth, ca, timeoutMs } = config.registry;
  return new RegistryClient({
    url,
    auth,
    timeoutMs,
    attemptsMax: 2,
    retryDelayMs: 200,
    clock: systemClock,
    random: Math.random,
    ...(ca === null ? {} : { fetch: registryFetch(ca) }),
  });
}
