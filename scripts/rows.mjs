// Keeps the row types of the consumer library true to schemas/. Usage: node scripts/rows.mjs check|write
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { tsImport } from 'tsx/esm/api';

const { readerSchema, rowSubjects } = await tsImport(
  '../src/encoding/change-decoder.ts',
  import.meta.url,
);
const { loadDataset } = await tsImport('../src/encoding/dataset.ts', import.meta.url);

const file = fileURLToPath(new URL('../src/consumer/rows.ts', import.meta.url));
const verb = process.argv[2];
const text = source();
if (verb === 'write') writeFileSync(file, text);
else if (verb !== 'check') {
  console.error('Usage: node scripts/rows.mjs check|write');
  process.exitCode = 64;
} else if (readFileSync(file, 'utf8') !== text) {
  console.error('src/consumer/rows.ts is stale: run node scripts/rows.mjs write');
  process.exitCode = 1;
}

function source() {
  const subjects = rowSubjects();
  const entries = subjects.map((subject) => `  readonly '${subject}': ${typeName(subject)};`);
  return `/** The rows of every dataset as readers get them. Made by scripts/rows.mjs from schemas/. */

/** Row types by dataset. Declare more members to read rows of your own. */
export interface Rows {
${entries.join('\n')}
}
${subjects.map(interfaceOf).join('')}`;
}

function interfaceOf(subject) {
  const { doc, fields } = readerSchema(loadDataset(subject).row);
  const members = fields.map(
    (field) =>
      `  /** ${commentText(field.doc)} */\n  readonly ${field.name}: ${tsType(field.type)};`,
  );
  return `\n/** ${commentText(doc)} */\nexport interface ${typeName(subject)} {\n${members.join('\n')}\n}\n`;
}

/** Lines stay within the width of the tree. */
function commentText(doc) {
  return doc.replaceAll('*/', '* /');
}

function typeName(subject) {
  const words = subject.split(/[/_]/).map((word) => word[0].toUpperCase() + word.slice(1));
  return `${words.join('')}Row`;
}

function tsType(type) {
  if (Array.isArray(type)) return `${tsType(type[1])} | null`;
  if (typeof type === 'object') {
    if (type.type === 'array') {
      const item = tsType(type.items);
      return item.includes(' | ') && !item.startsWith('{')
        ? `readonly (${item})[]`
        : `readonly ${item}[]`;
    }
    if (type.type === 'record') {
      const members = type.fields.map(({ name, type }) => `    readonly ${name}: ${tsType(type)};`);
      return `{\n${members.join('\n')}\n  }`;
    }
    return tsType(type.type);
  }
  const types = { boolean: 'boolean', string: 'string', bytes: 'Uint8Array' };
  return types[type] ?? 'number';
}
