/**
 * A configured source with its topics and schemas in place: what `ommer run` makes of a file before
 * the first block, so that preparations are not measured.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SourceMonitor } from '../../src/cli/compose/source-monitor.ts';
import { createSourceTask, type SourceContext } from '../../src/cli/compose/source-parts.ts';
import { definitions, registryFrom, topicSpecs } from '../../src/cli/configuration.ts';
import { topicSchemas } from '../../src/cli/topic-schemas.ts';
import type { Config, SourceConfig } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { AnySource } from '../../src/config/source-schema.ts';
import { SchemaRegistration } from '../../src/encoding/schema-registration.ts';
import type { Metrics } from '../../src/model/runtime.ts';
import { systemClock } from '../../src/model/system-clock.ts';
import { createLogger } from '../../src/observability/logger.ts';
import { createStatusBoard } from '../../src/observability/status.ts';
import type { SourceTask } from '../../src/pipeline/source-task.ts';
import { PartitionReader } from '../../src/publishing/partition-reader.ts';
import { Topics } from '../../src/publishing/topics.ts';
import type { Source } from '../../src/sources/source.ts';
import type { Scene } from './scene.ts';

/** What differs between benches. */
export interface StageOptions {
  readonly datasets: readonly string[];
  readonly delivery?: 'exactly_once' | 'low_latency';
  readonly start?: number | 'latest';
  readonly hasWebSocket?: boolean;
  /** Topics that every route keeps beside its changelog. */
  readonly tables?: readonly ('state' | 'final')[];
  /** Options of another kind of source than the devnet's node, which the others then do not say. */
  readonly source?: Readonly<Record<string, unknown>>;
}

const sourceName = 'measured';
export const benchLogger = createLogger({
  level: 'warn',
  format: 'json',
  output: process.stderr,
  hasColors: false,
});

/** Writes the configuration file. */
function writeConfig(scene: Scene, options: StageOptions): string {
  const { devnet } = scene;
  const prefix = scene.nextPrefix();
  const file = join(scene.directory, `${prefix}.yaml`);
  const kept = Object.fromEntries(
    (options.tables ?? []).map((table) => [table, { enabled: true }]),
  );
  const source = {
    ...(options.source ?? {
      kind: 'evm',
      chain: `eip155:${devnet.evm.chainId}`,
      http: [devnet.evm.http],
      ws: options.hasWebSocket === true ? [devnet.evm.ws] : [],
      start: options.start ?? 'latest',
    }),
    delivery: options.delivery ?? 'exactly_once',
    datasets: options.datasets,
    routes: Object.fromEntries(options.datasets.map((dataset) => [dataset, kept])),
  };
  // JSON is YAML.
  const text = JSON.stringify({
    kafka: { brokers: devnet.kafka.addresses },
    registry: { url: devnet.registry.url },
    topics: { prefix },
    publishing: { transactionalIdPrefix: prefix },
    http: { enabled: false },
    log: { level: 'info', format: 'json' },
    sources: { [sourceName]: source },
  });
  writeFileSync(file, text);
  return file;
}

/** Creates the topics and registers the schemas of a new prefix. */
export async function openStage(scene: Scene, options: StageOptions): Promise<Stage> {
  return reopenStage(writeConfig(scene, options));
}

/** The stage of a configuration file that was written before, by this process or another. */
export async function reopenStage(file: string): Promise<Stage> {
  const config = loadConfig({ file, environment: {}, definitions });
  const source = config.sources[0];
  if (source === undefined) throw new Error(`${file} has no source`);
  const topics = new Topics(config.kafka, benchLogger);
  const specs = topicSpecs(config, [source]);
  await topics.apply(specs, { grow: false });
  const partitions = await topics.partitionCounts(specs.map(({ name }) => name));
  const registration = new SchemaRegistration(registryFrom(config), topicSchemas(config, [source]));
  const schemaIds = await registration.register();
  return new Stage(file, { config, source, partitions, registration, schemaIds });
}

/** A prepared configuration. */
export class Stage {
  readonly file: string;
  readonly config: Config;
  readonly source: SourceConfig;
  readonly prepared: Pick<SourceContext, 'partitions' | 'registration' | 'schemaIds'>;
  readonly reader: PartitionReader;

  constructor(
    file: string,
    parts: Pick<SourceContext, 'config' | 'source' | 'partitions' | 'registration' | 'schemaIds'>,
  ) {
    const { config, source, ...prepared } = parts;
    this.file = file;
    this.config = config;
    this.source = source;
    this.prepared = prepared;
    const { kafka } = config;
    const stallTimeoutMs = 60_000;
    this.reader = new PartitionReader({
      kafka,
      clock: systemClock,
      logger: benchLogger,
      stallTimeoutMs,
    });
  }

  /** Topic of a dataset. */
  topicOf(dataset: string): string {
    const route = this.source.routes.find((candidate) => candidate.dataset === dataset);
    if (route === undefined) throw new Error(`no route of ${dataset}`);
    return route.topic;
  }

  /** The task that `ommer run` would run, with a source of ours in place of the real one. */
  task(script: Source<unknown>, metrics: Metrics): SourceTask<unknown> {
    const { kind, chain, name } = this.source;
    const real = definitions[kind];
    if (real === undefined) throw new Error(`no source of kind ${kind}`);
    const definition: AnySource = { ...real, connect: () => script };
    const board = createStatusBoard(Date.now).source(name, { kind, chain });
    const shared = { logger: benchLogger, metrics, clock: systemClock };
    const monitor = new SourceMonitor({ source: name, board, ...shared });
    const { config, source, reader } = this;
    return createSourceTask({
      ...this.prepared,
      ...shared,
      config,
      source,
      reader,
      definition,
      monitor,
    });
  }

  close(): void {
    this.reader.close();
  }
}
