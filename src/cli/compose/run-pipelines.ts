/** Runs the sources of a configuration in this process until it is told to stop or all have ended. */
import type { Config, SourceConfig } from '../../config/config.ts';
import { SchemaRegistration } from '../../encoding/schema-registration.ts';
import type { Logger, Metrics } from '../../model/runtime.ts';
import { systemClock as clock } from '../../model/system-clock.ts';
import type { StatusBoard } from '../../observability/status.ts';
import { PartitionReader } from '../../publishing/partition-reader.ts';
import { definitions, namedSources, registryFrom } from '../configuration.ts';
import { exitCodeOf } from '../exit-code.ts';
import { topicSchemas } from '../topic-schemas.ts';
import { prepareTopics } from './prepare-topics.ts';
import { watchSchemas } from './schema-watch.ts';
import { SourceMonitor } from './source-monitor.ts';
import { createSourceTask } from './source-parts.ts';

export interface RunOptions {
  readonly config: Config;
  /** Names of the sources to run; all when undefined. */
  readonly sources?: readonly string[];
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly board: StatusBoard;
  readonly signal: AbortSignal;
}

const verifySchemasEveryMs = 2_000;
const stallTimeoutMs = 60_000;

/**
 * Resolves to the exit code: 0 after a stop, otherwise that of the first source that ended by an
 * error, when no source is left. Throws what makes a start impossible.
 */
export async function runPipelines(options: RunOptions): Promise<number> {
  const { config, logger, signal } = options;
  const sources = namedSources(config, options.sources ?? []);
  const partitions = await prepareTopics(config, sources, logger);
  const registration = new SchemaRegistration(registryFrom(config), topicSchemas(config, sources));
  const schemaIds = await registration.register();
  const reader = new PartitionReader({
    kafka: config.kafka,
    clock,
    logger,
    stallTimeoutMs,
  });
  const ended = new AbortController();
  const both = AbortSignal.any([signal, ended.signal]);
  try {
    const running = sources.map((source) =>
      runSource({ ...options, signal: both }, source, {
        registration,
        schemaIds,
        partitions,
        reader,
      }),
    );
    const watch = watchSchemas({
      registration,
      clock,
      logger,
      everyMs: verifySchemasEveryMs,
      signal: both,
    }).then(
      () => 0,
      (error: unknown) => {
        logger.error({ err: error }, 'registry refused');
        ended.abort(error);
        return exitCodeOf(error);
      },
    );
    const codes = await Promise.all(running);
    ended.abort();
    return [...codes, await watch].find((code) => code !== 0) ?? 0;
  } finally {
    ended.abort();
    reader.close();
  }
}

async function runSource(
  options: RunOptions,
  source: SourceConfig,
  shared: Pick<
    Parameters<typeof createSourceTask>[0],
    'registration' | 'schemaIds' | 'partitions' | 'reader'
  >,
): Promise<number> {
  const { config, metrics, board, signal } = options;
  const { name, kind, chain } = source;
  const definition = definitions[kind];
  if (definition === undefined) throw new RangeError(`no source of kind ${kind}`);
  const logger = options.logger.child({ source: name });
  const sourceBoard = board.source(name, { kind, chain });
  const monitor = new SourceMonitor({ source: name, board: sourceBoard, logger, metrics, clock });
  const task = createSourceTask({
    ...shared,
    config,
    source,
    definition,
    clock,
    logger,
    metrics,
    monitor,
  });
  try {
    await task.run(signal);
    return 0;
  } catch (error) {
    return exitCodeOf(error);
  }
}
