/** The text of docs/datasets.md, from the schemas of every registered source. */
import {
  type AvroField,
  type AvroSchema,
  isArray,
  isOptional,
  isRecord,
} from '../../../src/encoding/avro-schema.ts';
import { loadCommonSchema } from '../../../src/encoding/common-schema.ts';
import { type Dataset, loadDataset } from '../../../src/encoding/dataset.ts';
import { debeziumTail, flatTail, upsertTail } from '../../../src/encoding/envelope.ts';
import { sources } from '../../../src/sources/registry.ts';

const head = `# Datasets

<!-- Generated from schemas/ by test/unit/docs/datasets.test.ts. Change the schemas, not this file. -->

One topic per dataset and chain. Every record's value is the dataset's columns, then the envelope's. *Identity* makes the key, with \`chain\`
and \`dataset\` before it; *primary key* identifies a row on one canonical chain; the first *routing* column that is not null chooses the
partition (\`chain\` where there is none). \`?\` marks what may be null. A row of market data has no block; where its dataset has
*corrections*, a row may be taken back and take another form.
`;

/** The whole document. */
export function datasetReference(): string {
  const kinds = Object.entries(sources).map(([kind, { channels }]) => {
    const subjects = Object.values(channels).flatMap((channel) => channel.subjects);
    const datasets = subjects.map((subject) => section(loadDataset(subject)));
    return `## Source \`${kind}\`\n\n${datasets.join('\n')}`;
  });
  const common = (['control', 'checkpoint', 'dead_letter'] as const).map((name) => {
    const { key, value } = loadCommonSchema(name);
    const keyNames = names(key.fields.map((field) => field.name));
    return `### ${name}\n\n${value.doc} Key: ${keyNames}.\n\n${table(value.fields)}`;
  });
  return [
    head,
    kinds.join('\n'),
    `## After the columns: \`flat\`\n\n${table(flatTail)}`,
    `## After \`before\` and \`after\`: \`debezium\`\n\n${table(debeziumTail)}`,
    `## After the columns: state and final topics\n\n${table(upsertTail)}`,
    `## Records that are not rows\n\n${common.join('\n')}`,
  ].join('\n');
}

function section({ name, identity, primaryKey, routing, feed, corrections, row }: Dataset): string {
  const market = feed === 'chain' ? '' : ` Market data${corrections ? ' with corrections' : ''}.`;
  const keys = `Identity ${names(identity)}; primary key ${names(primaryKey)}; routing ${names(routing)}.${market}`;
  return `### ${name}\n\n${row.doc} ${keys}\n\n${table(row.fields)}`;
}

function table(fields: readonly AvroField[]): string {
  const rows = withNested(fields).map(
    ({ name, type, doc }) => `| \`${name}\` | ${typeName(type)} | ${doc} |`,
  );
  return `| Column | Type | Meaning |\n|---|---|---|\n${rows.join('\n')}\n`;
}

/** Fields of records inside come after them, by path. */
function withNested(fields: readonly AvroField[]): AvroField[] {
  return fields.flatMap((field) => {
    const bare = isOptional(field.type) ? field.type[1] : field.type;
    const item = isArray(bare) ? bare.items : bare;
    if (!isRecord(item)) return [field];
    const inner = item.fields.map((each) => ({ ...each, name: `${field.name}.${each.name}` }));
    return [field, ...withNested(inner)];
  });
}

function names(columns: readonly string[]): string {
  return columns.map((column) => `\`${column}\``).join(', ');
}

function typeName(schema: AvroSchema): string {
  if (isOptional(schema)) return `${typeName(schema[1])}?`;
  if (typeof schema === 'string') return schema;
  if ('items' in schema) return `list of ${typeName(schema.items)}`;
  if ('fields' in schema) return `record ${schema.name}`;
  const { logicalType, precision, scale } = schema;
  return precision === undefined ? logicalType : `${logicalType}(${precision}, ${scale ?? 0})`;
}
