/** The configuration reference, generated from the schema: docs/configuration.md is its output. */
import { formatOf, type Leaf, leavesOf, type OptionTree, variableName } from './option.ts';
import { rootSchema } from './schema.ts';
import { commonSchema, type Definitions, datasetsOf, routeSchema } from './source-schema.ts';

/** The whole document. */
export function configurationReference(definitions: Definitions): string {
  const kinds = Object.keys(definitions);
  const leaves = [...leavesOf(rootSchema)];
  const groups = Object.keys(rootSchema).map((group) => {
    return `### ${group}\n\n${table(leaves.filter(({ path }) => path[0] === group))}\n`;
  });
  const sourcePath = ['sources', '<name>'];
  const datasets = [...new Set(Object.values(definitions).flatMap(datasetsOf))];
  const route = routeSchema('', datasets);
  // Only a route of another name than its dataset has to say which it carries.
  const anyRoute = { ...route, dataset: { ...route['dataset'], nullable: true } } as OptionTree;
  return [
    introduction,
    '## Everything but sources',
    groups.join('\n'),
    '## Every source',
    sourcesText,
    table([...leavesOf(commonSchema(kinds, datasets), sourcePath)]),
    '## Routes of a source',
    routesText,
    table([...leavesOf(anyRoute, [...sourcePath, 'routes', '<route>'])]),
    ...Object.entries(definitions).map(([kind, definition]) => {
      const own = [...leavesOf(definition.config as OptionTree, sourcePath)];
      const offered = datasetsOf(definition).map((dataset) => `\`${dataset}\``);
      return `## Sources of kind \`${kind}\`\n\nDatasets: ${offered.join(', ')}.\n\n${table(own)}`;
    }),
  ]
    .map((part) => part.trimEnd())
    .join('\n\n')
    .concat('\n');
}

const introduction = `# Configuration

<!-- Generated from src/config by test/unit/config/reference.test.ts. Change the schema, not this file. -->

One YAML file: \`--config FILE\`, else \`ommer.yaml\`. All its mistakes are reported at once. Unknown options are refused.

- **Environment.** A variable goes before the file: \`OMMER_KAFKA_BROKERS=a:9092,b:9092\`, \`OMMER_SOURCES_MAINNET_HTTP=https://…\`.
  Lists are separated by commas or are JSON, mappings are JSON, an empty variable counts as not set. Sources and extra routes themselves
  come from the file.
- **Secrets.** Wherever a value may stand, \`{ env: NAME }\` takes it from the environment and \`{ file: PATH }\` from a file (relative to
  the configuration file, without the last line break). Values of options marked *secret* are never shown; of addresses only the origin is.
- Examples: [config/local.yaml](../config/local.yaml), [config/production.yaml](../config/production.yaml).`;

const sourcesText = `\`sources\` maps names to sources. A name has lower-case letters, digits, dashes and underscores; it identifies the
source's checkpoint and transactional ids, so renaming a source is starting a new one. Two sources must not write the same topic: add
\`{source}\` to \`topics.template\` if they would.`;

const routesText = `Each chosen dataset has a route of its own name, whether \`routes\` mentions it or not. A route of another name with \`dataset\` is a
second one, on a topic named after the route unless \`topic\` says otherwise.`;

function table(leaves: readonly Leaf[]): string {
  const rows = leaves.map(({ path, option }) => {
    const expected = formatOf(option).expected.replaceAll('|', '\\|');
    const marks = option.sensitive === true ? ' *secret*' : '';
    const missing = option.nullable === true ? '–' : '*required*';
    const value = option.default === null ? missing : code(JSON.stringify(option.default));
    const doc = option.doc.replaceAll('|', '\\|');
    return `| ${code(path.join('.'))}<br>${code(variable(path))} | ${doc}${marks} | ${expected} | ${value} |`;
  });
  return ['| Option, variable | Meaning | Value | Default |', '|---|---|---|---|', ...rows].join(
    '\n',
  );
}

// Placeholders survive the upper-casing as <NAME>.
function variable(path: readonly string[]): string {
  const parts = path.map((part) => (part.startsWith('<') ? `0${part.slice(1, -1)}0` : part));
  return variableName(parts).replaceAll(/0([A-Z]+)0/g, '<$1>');
}

function code(text: string): string {
  return `\`${text}\``;
}
