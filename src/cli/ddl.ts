/** `ommer ddl`: prints the statements with which a stream engine reads the configured topics. */

import { closest } from '../config/closest.ts';
import type { Config } from '../config/config.ts';
import { type Arguments, type Command, UsageError } from './command.ts';
import { configFrom, configOption, namedSources } from './configuration.ts';
import { accessOf } from './ddl/access.ts';
import { clickhouseStatements } from './ddl/clickhouse.ts';
import { flinkStatements } from './ddl/flink.ts';
import { kafkaStreamsProgram } from './ddl/kafka-streams.ts';
import { ksqldbStatements } from './ddl/ksqldb.ts';
import { topicShapes } from './ddl/shapes.ts';
import { type Access, placeholders, type TopicShape } from './ddl/topic-shape.ts';

type Generate = (shapes: readonly TopicShape[], access: Access) => string;

/** By the value of `--engine`. */
const engines: Readonly<Record<string, { readonly comment: string; readonly generate: Generate }>> =
  {
    ksqldb: { comment: '--', generate: ksqldbStatements },
    flink: { comment: '--', generate: flinkStatements },
    clickhouse: { comment: '--', generate: clickhouseStatements },
    'kafka-streams': { comment: '//', generate: kafkaStreamsProgram },
  };

const names = Object.keys(engines);

export const ddlCommand: Command = {
  name: 'ddl',
  summary: 'Print the statements with which an engine reads the topics.',
  usage: `ddl --engine ${names.join('|')} [SOURCE…] [--topic NAME]… [--config FILE]`,
  about:
    'Declares the topics of the sources (all, or the named ones) for the engine, and the views people want first: totals, live rows, extremes, totals per minute. kafka-streams prints a whole Java program. Kafka, the registry and the engine are not asked. No secret is printed: addresses and credentials are placeholders such as KAFKA_BROKERS in braces after a dollar sign, which envsubst fills.',
  positionals: ['SOURCE…'],
  options: {
    engine: { doc: `${names.join(', ')}.`, value: 'ENGINE' },
    topic: { doc: 'Only this topic; may be repeated.', value: 'NAME', isList: true },
    ...configOption,
  },
  examples: [
    'ommer ddl --engine ksqldb',
    'ommer ddl --engine flink --topic ommer.eip155-1.token_transfers > transfers.sql',
    'ommer ddl --engine kafka-streams mainnet > OmmerTopology.java',
  ],
  run(args, io) {
    const { comment, generate } = engineFrom(args);
    const config = configFrom(args, io);
    const access = accessOf(config);
    const text = generate(shapesFrom(config, args), access);
    io.stdout.write(`${headline(args, { text, comment, access })}\n${text}\n`);
    return Promise.resolve(0);
  },
};

function engineFrom(args: Arguments) {
  const name = args.text('engine');
  if (name === undefined) throw new UsageError(`--engine is missing: one of ${names.join(', ')}.`);
  const engine = Object.hasOwn(engines, name) ? engines[name] : undefined;
  if (engine !== undefined) return engine;
  const near = closest(name, names);
  const hint = near === undefined ? `expected ${names.join(', ')}` : `did you mean "${near}"?`;
  throw new UsageError(`--engine is "${name}"; ${hint}`);
}

function shapesFrom(config: Config, args: Arguments): TopicShape[] {
  const shapes = topicShapes(namedSources(config, args.positionals), config.topics.prefix);
  const wanted = args.list('topic');
  const known = shapes.map(({ topic }) => topic);
  const unknown = wanted.find((topic) => !known.includes(topic));
  if (unknown !== undefined) {
    const near = closest(unknown, known);
    const hint = near === undefined ? `Topics: ${known.join(', ')}.` : `Did you mean "${near}"?`;
    throw new UsageError(`No route writes the topic "${unknown}". ${hint}`);
  }
  return shapes.filter(({ topic }) => wanted.length === 0 || wanted.includes(topic));
}

interface Output {
  readonly text: string;
  readonly comment: string;
  readonly access: Access;
}

function headline(args: Arguments, { text, comment, access }: Output): string {
  const call = [
    'ommer ddl',
    ...args.positionals,
    `--engine ${args.text('engine')}`,
    ...args.list('topic').map((topic) => `--topic ${topic}`),
  ].join(' ');
  if (!text.includes(placeholders.brokers)) return `${comment} ${call}`;
  const { brokers, registryUrl } = access;
  return `${comment} ${call}
${comment} ${placeholders.brokers} is ${brokers}, ${placeholders.registry} is ${registryUrl}.`;
}
