/** `ommer schemas`: the subjects of a configuration, what the registry has of them, registration. */
import { SchemaRegistration, subjectsOf } from '../encoding/schema-registration.ts';
import { errorCodes } from '../model/errors.ts';
import { type Command, verbOf } from './command.ts';
import { configFrom, configOption, namedSources, registryFrom } from './configuration.ts';
import { createPaint, hasColors, type Io, writeJson } from './io.ts';
import { probeSchema, type SchemaVerdict } from './schema-probe.ts';
import { topicSchemas } from './topic-schemas.ts';

const verdictTexts: Readonly<Record<SchemaVerdict, string>> = {
  same: 'registered',
  new: 'not registered yet',
  compatible: 'a compatible new version',
  incompatible: 'not compatible with the registered version',
};

export const schemasCommand: Command = {
  name: 'schemas',
  summary: 'List the schemas, compare them with the registry, register them.',
  usage: 'schemas list|check|register [SOURCE…] [--config FILE] [--json]',
  about:
    'list names every subject of the sources (all, or the named ones) with its schema; the registry is not asked. check asks the registry what registering would do and changes nothing; it ends with 65 when a schema is not compatible. register registers all of them and demands full compatibility of what follows; a run does the same when it starts.',
  positionals: ['list|check|register', 'SOURCE…'],
  options: { ...configOption, json: { doc: 'One JSON object per subject.' } },
  examples: ['ommer schemas list --json', 'ommer schemas check', 'ommer schemas register mainnet'],
  async run(args, io) {
    const verb = verbOf(args, ['list', 'check', 'register']);
    const config = configFrom(args, io);
    const topics = topicSchemas(config, namedSources(config, args.positionals.slice(1)));
    const subjects = subjectsOf(topics);
    const printer = { io, isJson: args.flag('json') };
    if (verb === 'list') {
      for (const { subject, text } of subjects) {
        const detail = `${Buffer.byteLength(text)} bytes`;
        print(printer, { subject, detail, isFine: true, json: { subject, schema: text } });
      }
      return 0;
    }
    if (verb === 'register') {
      const ids = await new SchemaRegistration(registryFrom(config), topics).register();
      for (const [topic, { key, value }] of ids) {
        const detail = `key ${key}, value ${value}`;
        print(printer, { subject: topic, detail, isFine: true, json: { topic, key, value } });
      }
      return 0;
    }
    let exitCode = 0;
    for (const { subject, text } of subjects) {
      const verdict = await probeSchema(config.registry, subject, text);
      const isFine = verdict !== 'incompatible';
      if (!isFine) exitCode = errorCodes['registry.incompatible_schema'];
      print(printer, {
        subject,
        detail: verdictTexts[verdict],
        isFine,
        json: { subject, verdict },
      });
    }
    return exitCode;
  },
};

function print(
  { io, isJson }: { readonly io: Io; readonly isJson: boolean },
  line: { subject: string; detail: string; isFine: boolean; json: unknown },
): void {
  if (isJson) {
    writeJson(io.stdout, line.json);
    return;
  }
  const paint = createPaint(hasColors(io.stdout, io.environment));
  const mark = line.isFine ? paint.green('✓') : paint.red('✗');
  io.stdout.write(`${mark} ${line.subject} ${paint.dim(line.detail)}\n`);
}
