/** `ommer topics`: what the topics should be like, and creating the missing ones. */
import { differenceError, type TopicDifference, type TopicSpec } from '../publishing/topic-plan.ts';
import { Topics } from '../publishing/topics.ts';
import { type Command, verbOf } from './command.ts';
import {
  configFrom,
  configOption,
  namedSources,
  quietLogger,
  topicSpecs,
} from './configuration.ts';
import { exitCodeOf } from './exit-code.ts';
import { createPaint, hasColors, type Io, writeJson } from './io.ts';

export const topicsCommand: Command = {
  name: 'topics',
  summary: 'Compare the topics with the configuration, create the missing ones.',
  usage: 'topics plan|apply [SOURCE…] [--config FILE] [--grow] [--json]',
  about:
    'plan compares the topics of the sources (all, or the named ones) with Kafka and changes nothing. apply creates what is missing and, with --grow, adds partitions to topics that have too few. Nothing else is ever altered. Ends with 78 while a difference remains that makes a run impossible.',
  positionals: ['plan|apply', 'SOURCE…'],
  options: {
    ...configOption,
    grow: { doc: 'apply: add partitions to topics that have too few.' },
    json: { doc: 'One JSON object per difference.' },
  },
  examples: ['ommer topics plan', 'ommer topics apply --grow mainnet'],
  async run(args, io) {
    const verb = verbOf(args, ['plan', 'apply']);
    const config = configFrom(args, io);
    const specs = topicSpecs(config, namedSources(config, args.positionals.slice(1)));
    const topics = new Topics(config.kafka, quietLogger(io));
    const remaining =
      verb === 'plan'
        ? await topics.plan(specs)
        : await topics.apply(specs, { grow: args.flag('grow') });
    if (args.flag('json')) for (const difference of remaining) writeJson(io.stdout, difference);
    else print(specs, remaining, io);
    const blocking = remaining.find(({ isBlocking }) => isBlocking);
    return blocking === undefined ? 0 : exitCodeOf(differenceError(blocking));
  },
};

function print(specs: readonly TopicSpec[], remaining: readonly TopicDifference[], io: Io): void {
  const paint = createPaint(hasColors(io.stdout, io.environment));
  for (const { name, kind, partitions } of specs) {
    const own = remaining.filter(({ topic }) => topic === name);
    const isBlocked = own.some(({ isBlocking }) => isBlocking);
    const mark = isBlocked ? paint.red('✗') : own.length > 0 ? paint.yellow('!') : paint.green('✓');
    const size = partitions === 1 ? '1 partition' : `${partitions} partitions`;
    io.stdout.write(`${mark} ${name} ${paint.dim(`(${kind}, ${size})`)}\n`);
    for (const { what, setting, expected, found, advice } of own) {
      io.stdout.write(`    ${setting ?? what}: expected ${expected}, found ${found}. ${advice}\n`);
    }
  }
}
