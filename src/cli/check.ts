/** `ommer check`: a preflight with one verdict per line. Changes nothing. */
import type { Config, SourceConfig } from '../config/config.ts';
import { subjectsOf } from '../encoding/schema-registration.ts';
import { type ErrorCode, errorCodes, PipelineError } from '../model/errors.ts';
import type { Logger } from '../model/runtime.ts';
import { systemClock } from '../model/system-clock.ts';
import { cleanText } from '../observability/clean.ts';
import { createMetrics } from '../observability/metrics.ts';
import { missingPermissions } from '../publishing/permissions.ts';
import { differenceError, type TopicDifference } from '../publishing/topic-plan.ts';
import { Topics } from '../publishing/topics.ts';
import type { Command } from './command.ts';
import { neededPermissions } from './compose/needed-permissions.ts';
import {
  configFrom,
  configOption,
  definitions,
  namedSources,
  quietLogger,
  topicSpecs,
} from './configuration.ts';
import { exitCodeOf } from './exit-code.ts';
import { createPaint, hasColors, type Io, writeJson } from './io.ts';
import { probeSchema } from './schema-probe.ts';
import { topicSchemas } from './topic-schemas.ts';

/** One line of the preflight. */
export interface Verdict {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** Why not; the first one gives the exit code. */
  readonly code?: string;
}

export const checkCommand: Command = {
  name: 'check',
  summary: 'Preflight: configuration, Kafka, topics, registry, schemas, sources.',
  usage: 'check [SOURCE…] [--config FILE] [--json]',
  about:
    'Tries everything a run needs, without changing anything, and prints one verdict per line. Ends with 0 when a run can start, else with the exit code of the first verdict that says no.',
  positionals: ['SOURCE…'],
  options: { ...configOption, json: { doc: 'One JSON object per verdict.' } },
  examples: ['ommer check', 'ommer check mainnet --config production.yaml --json'],
  async run(args, io) {
    const report = reporter(io, args.flag('json'));
    let config: Config;
    try {
      config = configFrom(args, io);
    } catch (error) {
      report.add(failure('configuration', error));
      return report.exitCode();
    }
    const sources = namedSources(config, args.positionals);
    const count = sources.length === 1 ? '1 source' : `${sources.length} sources`;
    report.add({ name: 'configuration', ok: true, detail: `${count}, no mistakes` });
    for (const verdict of await kafkaVerdicts(config, sources, io)) report.add(verdict);
    for (const verdict of await schemaVerdicts(config, sources)) report.add(verdict);
    for (const source of sources) {
      for (const verdict of await sourceVerdicts(source, io)) report.add(verdict);
    }
    return report.exitCode();
  },
};

interface Reporter {
  add(verdict: Verdict): void;
  exitCode(): number;
}

function reporter(io: Io, isJson: boolean): Reporter {
  const paint = createPaint(hasColors(io.stdout, io.environment));
  let code: number | undefined;
  return {
    add: (verdict) => {
      if (!verdict.ok) code ??= codeNumber(verdict.code);
      if (isJson) {
        writeJson(io.stdout, verdict);
        return;
      }
      const mark = verdict.ok ? paint.green('✓') : paint.red('✗');
      const suffix = verdict.code === undefined ? '' : ` ${paint.dim(`[${verdict.code}]`)}`;
      io.stdout.write(`${mark} ${paint.bold(verdict.name)}: ${verdict.detail}${suffix}\n`);
    },
    exitCode: () => code ?? 0,
  };
}

function codeNumber(code: string | undefined): number {
  const known = Object.keys(errorCodes).find((name): name is ErrorCode => name === code);
  return known === undefined ? errorCodes['source.unreachable'] : errorCodes[known];
}

function failure(name: string, error: unknown): Verdict {
  if (!(error instanceof PipelineError)) throw error;
  return { name, ok: false, detail: cleanText(error.message), code: error.code };
}

async function kafkaVerdicts(
  config: Config,
  sources: readonly SourceConfig[],
  io: Io,
): Promise<Verdict[]> {
  const specs = topicSpecs(config, sources);
  try {
    const found = await new Topics(config.kafka, quietLogger(io)).plan(specs);
    const reached: Verdict = { name: 'kafka', ok: true, detail: config.kafka.brokers.join(', ') };
    const topics = specs.map(({ name, partitions }): Verdict => {
      const own = found.filter(({ topic }) => topic === name);
      const blocking = own.find(
        ({ what, isBlocking }) => isBlocking && !(what === 'missing' && config.topics.autoCreate),
      );
      if (blocking !== undefined) return failure(`topic ${name}`, differenceError(blocking));
      const notes = own.map(noteOf);
      const size = partitions === 1 ? '1 partition' : `${partitions} partitions`;
      const detail = [size, ...notes].join(', ');
      return { name: `topic ${name}`, ok: true, detail };
    });
    const permitted = sources.map((source) => permissionVerdict(config, source, quietLogger(io)));
    return [reached, ...topics, ...(await Promise.all(permitted)).flat()];
  } catch (error) {
    return [failure('kafka', error)];
  }
}

function noteOf({ what, setting, expected, found, advice }: TopicDifference): string {
  if (what === 'missing') return 'will be created';
  if (what === 'unreadable') return `settings not checked: ${advice}`;
  return `${setting ?? what} is ${found}, configured is ${expected}`;
}

/** What the source may do with the topics that exist; creating the others is tried too. */
async function permissionVerdict(
  config: Config,
  source: SourceConfig,
  logger: Logger,
): Promise<Verdict[]> {
  const name = `permissions of source ${source.name}`;
  const specs = topicSpecs(config, [source]);
  try {
    const topics = new Topics(config.kafka, logger);
    const counts = await topics.partitionCounts(specs.map((spec) => spec.name));
    const missing = specs.filter((spec) => !counts.has(spec.name));
    if (missing.length > 0 && config.topics.autoCreate) await topics.tryCreate(missing);
    const needed = neededPermissions(config, source, new Set(counts.keys()));
    const refused = await missingPermissions(config.kafka, needed, logger);
    if (refused.length > 0) return refused.map((error) => failure(name, error));
    const detail = missing.length > 0 ? 'create topics, use transactional ids' : 'all there';
    return [{ name, ok: true, detail }];
  } catch (error) {
    return [failure(name, error)];
  }
}

async function schemaVerdicts(
  config: Config,
  sources: readonly SourceConfig[],
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  try {
    for (const { subject, text } of subjectsOf(topicSchemas(config, sources))) {
      const verdict = await probeSchema(config.registry, subject, text);
      if (verdict !== 'incompatible') continue;
      const detail =
        'the registered version is not compatible; run the version of ommer that fits the topic, or write to new topics';
      const code = 'registry.incompatible_schema';
      verdicts.push({ name: `schema ${subject}`, ok: false, detail, code });
    }
  } catch (error) {
    return [
      failure(
        error instanceof PipelineError && error.code === 'schema.invalid' ? 'schemas' : 'registry',
        error,
      ),
    ];
  }
  if (verdicts.length > 0) return verdicts;
  return [
    { name: 'registry', ok: true, detail: 'reachable, all schemas registered or compatible' },
  ];
}

async function sourceVerdicts(source: SourceConfig, io: Io): Promise<Verdict[]> {
  const definition = definitions[source.kind];
  if (definition === undefined) return [];
  const runtime = {
    name: source.name,
    clock: systemClock,
    logger: quietLogger(io),
    metrics: createMetrics(),
    random: Math.random,
    canonicalHash: () => undefined,
    finalizedHeight: () => undefined,
  };
  try {
    const checks = await definition.check(source.options, new Set(source.datasets), runtime);
    return checks.map(({ name, ok, detail, code }) => ({
      name: `source ${source.name}, ${name}`,
      ok,
      detail: cleanText(detail),
      ...(ok ? {} : { code: code ?? 'source.unreachable' }),
    }));
  } catch (error) {
    return [{ ...failure(`source ${source.name}`, error), code: codeOf(error) }];
  }
}

function codeOf(error: unknown): string {
  return error instanceof PipelineError ? error.code : String(exitCodeOf(error));
}
