import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { canonicalText } from '../../../src/encoding/canonical-text.ts';
import { loadDataset, parseDataset } from '../../../src/encoding/dataset.ts';
import { keySchema, primaryKeySchema, valueSchema } from '../../../src/encoding/envelope.ts';
import { reservedNames } from '../../../src/encoding/reserved-names.ts';
import { problemsOfChange, problemsOfSchema } from '../../../src/encoding/schema-compatibility.ts';
import { readSchemaFile, schemaDirectory } from '../../../src/encoding/schema-files.ts';
import { acceptCurrent, checkHistory, subjectsIn } from '../../../src/encoding/schema-history.ts';

interface Field {
  name: string;
  type: unknown;
  doc?: string;
  default?: unknown;
}
interface File {
  name: string;
  doc?: string;
  ommer: Record<string, string[]> & { feed?: unknown; corrections?: unknown };
  fields: Field[];
}

const logsText = readSchemaFile('evm/logs');

function changed(change: (file: File) => void): string {
  const file = JSON.parse(logsText) as File;
  change(file);
  return JSON.stringify(file);
}

function fieldOf(file: File, name: string): Field {
  const field = file.fields.find((each) => each.name === name);
  assert.ok(field, name);
  return field;
}

const optional = { name: 'added', type: ['null', 'string'], doc: 'New.', default: null };
const scratch = mkdtempSync(join(tmpdir(), 'ommer-schemas-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

test('all schemas are right and accepted', () => {
  assert.deepEqual(checkHistory(schemaDirectory), []);
  assert.equal(subjectsIn(schemaDirectory).filter((each) => each.startsWith('evm/')).length, 6);
});

test('reserved names include what engines quote, refuse and the envelope takes', () => {
  for (const name of ['from', 'topics', 'milliseconds', 'rowtime', 'windowend', 'op', 'before']) {
    assert.ok(reservedNames.has(name), name);
  }
});

test('identity holds the block hash and the primary key does not', () => {
  for (const subject of subjectsIn(schemaDirectory).filter((each) => each.startsWith('evm/'))) {
    const dataset = loadDataset(subject);
    assert.ok(dataset.identity.includes('block_hash'), subject);
    assert.ok(!dataset.primaryKey.includes('block_hash'), subject);
  }
});

test('the key of a state topic keeps its text when a column is reworded', () => {
  const reworded = changed((file) => {
    fieldOf(file, 'log_index').doc = 'Other words.';
    fieldOf(file, 'data').doc = 'Other words.';
  });
  const before = loadDataset('evm/logs');
  const after = parseDataset('evm/logs', reworded);
  assert.notEqual(canonicalText(keySchema(after)), canonicalText(keySchema(before)));
  const text = canonicalText(primaryKeySchema(before));
  assert.equal(canonicalText(primaryKeySchema(after)), text);
  assert.deepEqual(
    primaryKeySchema(before).fields.map(({ name }) => name),
    ['chain', 'dataset', 'height', 'log_index'],
  );
});

test('the value of state and final topics is the row and where it comes from', () => {
  const dataset = loadDataset('evm/logs');
  const columns = dataset.row.fields.map(({ name }) => name);
  assert.deepEqual(
    valueSchema(dataset, 'upsert').fields.map(({ name }) => name),
    [...columns, 'event_id', 'incarnation', 'ts_ms'],
  );
});

test('a schema that an engine cannot read is refused', () => {
  const cases: readonly (readonly [(file: File) => void, RegExp])[] = [
    [(f) => delete f.doc, /record has no doc/],
    [(f) => delete fieldOf(f, 'data').doc, /"data" has no doc/],
    [(f) => Object.assign(fieldOf(f, 'data'), { doc: 'größe' }), /"data" has no doc in printable/],
    [(f) => Object.assign(fieldOf(f, 'data'), { name: 'topics' }), /"topics" has a name/],
    [(f) => Object.assign(fieldOf(f, 'data'), { name: 'rowtime' }), /"rowtime" has a name/],
    [(f) => Object.assign(fieldOf(f, 'data'), { name: 'sign' }), /"sign" has a name/],
    [(f) => Object.assign(fieldOf(f, 'data'), { name: 'theData' }), /not snake_case/],
    [(f) => delete fieldOf(f, 'data').default, /default is not null/],
    [
      (f) => Object.assign(fieldOf(f, 'data'), { type: ['string', 'null'] }),
      /union other than \["null", X\]/,
    ],
    [
      (f) => Object.assign(fieldOf(f, 'data'), { type: { type: 'enum', name: 'E', symbols: [] } }),
      /type "enum" is not used/,
    ],
    [
      (f) => Object.assign(fieldOf(f, 'data'), { type: { type: 'fixed', name: 'F', size: 4 } }),
      /type "fixed" is not used/,
    ],
    [
      (f) =>
        f.fields.push({
          ...optional,
          type: ['null', { type: 'long', logicalType: 'timestamp-micros' }],
        }),
      /timestamp-micros, which Flink misreads/,
    ],
    [(f) => Object.assign(fieldOf(f, 'data'), { name: 'fee_dec' }), /no column "fee" to be/],
    [(f) => f.fields.reverse(), /do not begin with chain, height/],
    [(f) => Object.assign(f.ommer, { feed: 'market' }), /do not begin with chain, symbol, event/],
    [(f) => Object.assign(f.ommer, { feed: 'tape' }), /"feed" that is not chain or market/],
    [(f) => Object.assign(f.ommer, { corrections: true }), /only a market feed has/],
    [(f) => f.ommer['identity']?.push('nothing'), /column "nothing" that it has not/],
    [(f) => f.ommer['identity']?.push('tx_hash'), /"tx_hash" is not a non-null scalar/],
  ];
  assert.deepEqual(problemsOfSchema('evm/logs', logsText), []);
  for (const [change, expected] of cases) {
    assert.match(problemsOfSchema('evm/logs', changed(change)).join('\n'), expected);
  }
});

test('only a change that both sides survive is compatible', () => {
  const problems = (change: (file: File) => void) =>
    problemsOfChange('evm/logs', { before: logsText, after: changed(change) }).join('\n');
  assert.equal(
    problems((f) => f.fields.push(optional)),
    '',
  );
  assert.equal(
    problems((f) => f.fields.splice(f.fields.indexOf(fieldOf(f, 'data')), 1)),
    '',
  );
  assert.equal(
    problems((f) => Object.assign(fieldOf(f, 'data'), { doc: 'Other words.' })),
    '',
  );
  const required = { name: 'added', type: 'string', doc: 'New.' };
  assert.match(
    problems((f) => f.fields.push(required)),
    /new schema cannot read old/,
  );
  assert.match(
    problems((f) => f.fields.splice(f.fields.indexOf(fieldOf(f, 'tx_index')), 1)),
    /old schema cannot read new/,
  );
  assert.match(
    problems((f) => Object.assign(fieldOf(f, 'tx_index'), { type: 'int' })),
    /new schema cannot read old/,
  );
  assert.match(
    problems((f) => Object.assign(fieldOf(f, 'block_time'), { type: 'long' })),
    /"block_time" changed its type/,
  );
  assert.match(
    problems((f) => Object.assign(f, { name: 'Log' })),
    /cannot read/,
  );
  assert.match(
    problems((f) => Object.assign(fieldOf(f, 'tx_index'), { name: 'index' })),
    /cannot read/,
  );
  assert.match(
    problems((f) => f.ommer['identity']?.reverse()),
    /"ommer" changed/,
  );
});

test('a changed schema must be accepted, against every version before it', () => {
  cpSync(schemaDirectory, scratch, { recursive: true });
  const file = join(scratch, 'evm/logs.avsc');
  const versions = readdirSync(join(scratch, 'history/evm/logs')).length;
  writeFileSync(
    file,
    changed((f) => f.fields.push(optional)),
  );
  assert.equal(
    checkHistory(scratch)[0]?.problem,
    `it differs from version ${versions}: run scripts/schemas.mjs accept`,
  );
  assert.deepEqual(acceptCurrent(scratch), { accepted: ['evm/logs'], problems: [] });
  assert.deepEqual(checkHistory(scratch), []);
  assert.equal(
    readFileSync(join(scratch, `history/evm/logs/${versions + 1}.avsc`), 'utf8'),
    readFileSync(file, 'utf8'),
  );
  // This only takes the optional column away again.
  writeFileSync(file, logsText);
  assert.deepEqual(acceptCurrent(scratch).accepted, ['evm/logs']);
  // Compatible with the newest version, which has no such column, but not with the one before.
  writeFileSync(
    file,
    changed((f) => f.fields.push({ ...optional, type: ['null', 'long'] })),
  );
  const { accepted, problems } = acceptCurrent(scratch);
  assert.deepEqual(accepted, []);
  assert.match(problems[0]?.problem ?? '', new RegExp(`against version ${versions + 1}`));
  rmSync(file);
  assert.match(checkHistory(scratch).at(-1)?.problem ?? '', /its file is gone/);
});
