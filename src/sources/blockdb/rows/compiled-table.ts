/** The tables with what is needed to convert the members of a row, made ready once. */
import type { RowValue } from '../../../model/event.ts';
import { blankMaker, propertyReader } from '../../../model/shapes.ts';
import type { BlockdbDataset, WireFields } from '../messages.ts';
import type { BlockdbTable, Form, Member } from '../tables/table.ts';
import { blockdbTables } from '../tables/tables.ts';
import { conversionOf, expectationOf } from './forms.ts';
import { invalidMember } from './invalid-member.ts';

const ofBlock: ReadonlySet<Form> = new Set(['height', 'hash', 'chain_id']);

/** A member of one dataset. Of a class, because V8 gives copies of objects a shape each, and is slow with them. */
export class CompiledMember {
  readonly dataset: BlockdbDataset;
  readonly name: string;
  readonly form: Form;
  readonly role: Member['role'];
  readonly isRequired: boolean;
  readonly columns: readonly string[];
  /** The one column that it fills; undefined where it fills none or several. */
  readonly column: string | undefined;
  /** An older name of a member before it, which fills the same column. */
  readonly isSecond: boolean;
  /** The row's block has it too. */
  readonly isOfBlock: boolean;
  /** A row is made of it, or checked by it. */
  readonly isOfRow: boolean;
  readonly #member: Member;
  readonly #convert: (value: unknown) => RowValue | undefined;

  constructor({ dataset, members }: BlockdbTable, member: Member) {
    const { name, form, columns, role, isRequired } = member;
    const first = members.find((each) => each.columns.some((column) => columns.includes(column)));
    this.dataset = dataset;
    this.name = name;
    this.form = form;
    this.role = role;
    this.isRequired = isRequired;
    this.columns = columns;
    this.column = columns.length === 1 ? columns[0] : undefined;
    this.isSecond = first !== undefined && first !== member;
    this.isOfBlock = ofBlock.has(form);
    // A row is the same whichever way it was read: what the stream does not tell stays null over REST.
    this.isOfRow = role !== 'moving' && role !== 'rest';
    this.#member = member;
    this.#convert = conversionOf(member);
  }

  /** A value of the wire as the column has it; null for none. Throws `row.invalid`. */
  valueOf(value: unknown): RowValue {
    if (value === undefined || value === null) return null;
    const converted = this.#convert(value);
    if (converted === undefined) this.refuse(value, expectationOf(this.#member));
    return converted;
  }

  /** The same of a row. */
  valueIn(data: WireFields): RowValue {
    return this.valueOf(data[this.name]);
  }

  /** Throws `row.invalid` for a value that is of its form, and yet not what it must be. */
  refuse(value: unknown, expected: string): never {
    throw invalidMember(this.dataset, this.name, { value, expected });
  }

  /** Throws `row.invalid` for a required member without a value. */
  refuseMissing(value: unknown): never {
    this.refuse(value, `${expectationOf(this.#member)}, which is required`);
  }
}

/** One dataset. Lists of members are in the order of the table. */
export interface CompiledTable {
  readonly members: readonly CompiledMember[];
  /** What a row has of each of them. */
  readonly valuesOf: (data: WireFields) => readonly unknown[];
  readonly byName: ReadonlyMap<string, CompiledMember>;
  readonly required: readonly CompiledMember[];
  /** Kept beside the columns. */
  readonly legacy: readonly CompiledMember[];
  readonly keys: readonly (readonly CompiledMember[])[];
  readonly order: readonly CompiledMember[];
  /** What rows say: what a correction changes. */
  readonly facts: readonly CompiledMember[];
  readonly factsOf: (data: WireFields) => readonly unknown[];
  /** For each part of the index its columns; the first that is not null counts. */
  readonly indexColumns: readonly (readonly string[])[];
  /** A row whose columns are null. */
  readonly blankRow: () => Record<string, RowValue>;
}

function compile(table: BlockdbTable): CompiledTable {
  const { dataset, keys, order, index } = table;
  const members = table.members.map((member) => new CompiledMember(table, member));
  const byName = new Map(members.map((member) => [member.name, member]));
  const lasting = members.filter(({ role }) => role !== 'moving');
  const named = (names: readonly string[]) => names.map((name) => memberOf(byName, dataset, name));
  // Only one of REST and the stream may name the chain, and of another one no row is taken.
  const facts = members.filter(({ role, form }) => role === 'fact' && form !== 'chain_id');
  const namesOf = (of: readonly CompiledMember[]) => of.map(({ name }) => name);
  const columns = lasting.flatMap((member) => member.columns);
  const basic = ['chain', 'height', 'block_hash', 'block_time'];
  return {
    members,
    valuesOf: propertyReader(namesOf(members)),
    byName,
    required: lasting.filter(({ isRequired }) => isRequired),
    legacy: members.filter(({ role }) => role === 'legacy'),
    keys: keys.map(named),
    order: named(order),
    facts,
    factsOf: propertyReader(namesOf(facts)),
    indexColumns: index.map((either) => either.split('|')),
    blankRow: blankMaker([...new Set([...basic, ...columns, 'details'])]),
  };
}

/** By dataset. */
export const compiledTables = Object.fromEntries(
  Object.entries(blockdbTables).map(([dataset, table]) => [dataset, compile(table)]),
) as Readonly<Record<BlockdbDataset, CompiledTable>>;

/** The value of one member as its column has it; null when it is null or missing. Throws `row.invalid`. */
export function memberValue(dataset: BlockdbDataset, name: string, data: WireFields): RowValue {
  return memberOf(compiledTables[dataset].byName, dataset, name).valueIn(data);
}

function memberOf(
  byName: ReadonlyMap<string, CompiledMember>,
  dataset: BlockdbDataset,
  name: string,
): CompiledMember {
  const member = byName.get(name);
  if (member === undefined) throw new RangeError(`${dataset} has no member "${name}".`);
  return member;
}
