/** The tables say what BlockDB's documents say, and give the columns that the schemas declare. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isOptional } from '../../../../src/encoding/avro-schema.ts';
import { canonicalText } from '../../../../src/encoding/canonical-text.ts';
import { basicColumns, loadDataset } from '../../../../src/encoding/dataset.ts';
import type { Member, Param } from '../../../../src/sources/blockdb/tables/table.ts';
import { blockdbTables } from '../../../../src/sources/blockdb/tables/tables.ts';
import {
  fieldList,
  type ListedDataset,
  type ListedField,
  nameOf,
} from '../../../support/blockdb/field-list.ts';

/** `bigint` and `array<hex bytes>` as a table writes them. */
const logicalTypes: Readonly<Record<string, readonly string[]>> = {
  bigint: ['height', 'long', 'uint', 'chain_id'],
  int: ['long', 'transfer_type'],
  'hex bytes': ['hex', 'hash', 'handle', 'text'],
  'uint256-as-string': ['uint', 'long'],
  numeric: ['numeric', 'uint'],
  string: ['text', 'numeric'],
  bool: ['flag'],
  timestamp: ['time', 'block_time'],
  json: ['json'],
};

function agrees({ form, isList }: Pick<Member, 'form' | 'isList'>, type: string): boolean {
  const item = type.replace(/^array<(.*)>$/, '$1');
  const name = item.startsWith('numeric(') ? 'numeric' : item;
  return isList === (item !== type) && (logicalTypes[name] ?? []).includes(form);
}

function tableOf(listed: ListedDataset) {
  const table = blockdbTables[nameOf(listed)];
  assert(table !== undefined, listed.slug);
  return table;
}

/** Made of others, or counted. */
const derived = ['snapshot_ref', 'transfer_ref', 'batch_index'];

const avroTypes: Readonly<Record<string, string>> = {
  long: '"long"',
  flag: '"boolean"',
  time: '{"type":"long","logicalType":"timestamp-millis"}',
};

function avroTypeOf({ form, isList, columns, name }: Member, declared: string): string {
  // Counters of the evm schemas are long there, and decimal text on this wire; or the other way.
  const isCounter = declared === '"long"' && ['gas_used', 'tx_nonce', 'size'].includes(name);
  const type = isCounter || declared === '"int"' ? declared : (avroTypes[form] ?? '"string"');
  if (!isList || columns.length > 1) return type;
  const hasNulls = form === 'numeric' || form === 'uint';
  return `{"type":"array","items":${hasNulls ? `["null",${type}]` : type}}`;
}

describe('the tables', () => {
  it('are of the listed datasets, all 446 fields, ids, paths and filters', () => {
    assert.equal(fieldList.length, 24);
    assert.equal(fieldList.flatMap(({ fields }) => fields).length, 446);
    assert.deepEqual(Object.keys(blockdbTables).sort(), fieldList.map(nameOf).sort());
    for (const listed of fieldList) {
      const table = tableOf(listed);
      assert.equal(table.dataset, nameOf(listed));
      assert.equal(table.id, listed.id);
      assert.deepEqual(table.aliases, listed.aliases);
      assert.deepEqual(table.restPaths, listed.restPaths);
      assert.equal(table.timeMember, listed.timeField);
      assert.equal(table.heightMember === null, listed.updateMode === 'upsert', listed.slug);
      assert.deepEqual(table.params.map(shownParam), listed.params.map(shownListedParam));
    }
  });

  it('have each field with its type, length and where it is seen', () => {
    for (const listed of fieldList) {
      const { members } = tableOf(listed);
      // Older answers of REST name the chain in each row; the list has it of some datasets only.
      const fields = new Set([...listed.fields.map(({ name }) => name), 'chain_id']);
      assert.deepEqual(members.map(({ name }) => name).sort(), [...fields].sort(), listed.slug);
      const byName = new Map(members.map((member) => [member.name, member]));
      for (const field of listed.fields) {
        const member = byName.get(field.name);
        assert(member !== undefined);
        checkMember(member, field, `${listed.slug}.${field.name}`);
      }
    }
  });

  it('identify rows by members that are documented to, and require no others', () => {
    for (const listed of fieldList) {
      const table = tableOf(listed);
      const documented = listed.naturalKey ?? listed.primaryKey;
      const keys = new Set([...table.keys.flat(), table.heightMember]);
      for (const name of documented) assert(keys.has(name), `${listed.slug}.${name}`);
      const required = loadDataset(table.subject).row.fields.filter(
        ({ type }) => !isOptional(type),
      );
      const demanded = table.members.filter(({ isRequired }) => isRequired);
      assert.deepEqual(
        new Set([...basicColumns, ...derived, ...demanded.flatMap(({ columns }) => columns)]),
        new Set([...basicColumns, ...derived, ...required.map(({ name }) => name)]),
      );
    }
  });

  it('fill columns that the schemas declare, with their types', () => {
    for (const table of Object.values(blockdbTables)) {
      const { fields } = loadDataset(table.subject).row;
      const declared = new Map(fields.map(({ name, type }) => [name, type]));
      for (const member of table.members) {
        for (const column of member.columns) {
          const type = declared.get(column);
          assert(type !== undefined, `${table.subject} has no ${column}`);
          const text = canonicalText(isOptional(type) ? type[1] : type);
          assert.equal(text, avroTypeOf(member, text), `${table.subject}.${column}`);
        }
      }
    }
  });

  it('leave empty what one of stream and REST does not tell, as the schemas say', () => {
    for (const { subject, members } of Object.values(blockdbTables)) {
      const untold = members.filter(({ role }) => role === 'rest');
      const columns = untold.flatMap(({ columns }) => columns);
      const { empty } = loadDataset(subject);
      if (subject.startsWith('blockdb/')) assert.deepEqual([...empty].sort(), columns.sort());
    }
  });

  it('leave no other column of the blockdb schemas without a member', () => {
    for (const { subject, members } of Object.values(blockdbTables)) {
      if (!subject.startsWith('blockdb/')) continue;
      const filled = new Set(members.flatMap(({ columns }) => columns));
      const { fields } = loadDataset(subject).row;
      const empty = fields.filter(({ name }) => !filled.has(name) && !name.endsWith('_dec'));
      const others = [...basicColumns, ...derived, 'details'];
      assert.deepEqual(
        empty.map(({ name }) => name).filter((name) => !others.includes(name)),
        [],
      );
    }
  });
});

function checkMember(member: Member, field: ListedField, where: string): void {
  assert(agrees(member, field.type), where);
  // Published contract ids are now and then a byte short.
  assert.equal(member.sizeBytes, field.name === 'contract_id' ? null : field.bytes, where);
  const isRestOnly = field.seenIn.includes('rest') && !field.seenIn.includes('wss');
  if (!field.name.startsWith('_') && field.name !== 'details') {
    assert.equal(member.role === 'rest', isRestOnly, where);
  }
  if (member.role === 'legacy') assert.deepEqual(field.seenIn, ['legacy'], where);
}

function shownParam({ name, form, isList, sizeBytes, isRequired }: Param): string {
  const listed = form === 'interval' ? 'text' : form;
  return `${name} ${isList ? `list of ${listed}` : listed} ${sizeBytes ?? ''} ${isRequired}`;
}

const paramTypes: Readonly<Record<string, string>> = {
  'hex bytes': 'hex',
  int: 'long',
  bool: 'flag',
  string: 'text',
};

/** Lengths are those of reference section 6: by what the filter is of. */
function shownListedParam({ name, type, required }: ListedDataset['params'][number]): string {
  const item = type.replace(/^array<(.*)>$/, '$1');
  const form = paramTypes[item];
  const sizes: readonly (readonly [RegExp, number])[] = [
    [/signature/, 4],
    [/uids|topic|path_ids/, 32],
    [/address/, 20],
  ];
  const size = form === 'hex' ? sizes.find(([pattern]) => pattern.test(name))?.[1] : undefined;
  return `${name} ${item === type ? form : `list of ${form}`} ${size ?? ''} ${required}`;
}
