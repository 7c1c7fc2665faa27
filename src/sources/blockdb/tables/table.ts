/** What is said of a dataset, and the notation in which its members are listed. */
import type { Subject } from '../../source.ts';
import type { BlockdbDataset } from '../messages.ts';

/**
 * How a member is written on the wire and in its column (reference section 4.5).
 * - `height`, `hash`, `block_time`, `chain_id`: what the row's block has too. The first, second and
 *   fourth must be the same; none has a column of its own.
 * - `long`: a safe integer, as a JSON number or digits.
 * - `uint`: an integer of any size, as canonical decimal text.
 * - `numeric`: a decimal fraction of any size, as canonical decimal text.
 * - `hex`: bytes, as lower-case 0x text; empty bytes are `0x`.
 * - `text`: as it is.
 * - `handle`: BlockDB's name for a row, as lower-case hex without 0x; anything else as it is.
 * - `flag`: true or false.
 * - `time`: ISO 8601 with a zone, as milliseconds.
 * - `json`: any value as canonical JSON text.
 * - `transfer_type`: BlockDB's number for a kind of transfer, or its name; as the name.
 */
export type Form =
  | 'height'
  | 'hash'
  | 'block_time'
  | 'chain_id'
  | 'long'
  | 'uint'
  | 'numeric'
  | 'hex'
  | 'text'
  | 'handle'
  | 'flag'
  | 'time'
  | 'json'
  | 'transfer_type';

/** One member of a row on the wire. */
export interface Member {
  readonly name: string;
  readonly form: Form;
  readonly isList: boolean;
  /** Length of a `hex` member in bytes; null where it varies. */
  readonly sizeBytes: number | null;
  /**
   * Columns it fills: one; several, which take the items of a list in turn; or none, and then it is
   * checked only, or left out because it moves without its row.
   */
  readonly columns: readonly string[];
  readonly isRequired: boolean;
  /**
   * - `fact`: what the row says.
   * - `rest`: only one of REST and the stream tells it, so it is no part of the row: its column is
   *   null, else a row would be another one after each new session.
   * - `lineage`: BlockDB's handle of the row, which goes into the envelope.
   * - `moving`: it changes, or appears, while the row stays the same.
   * - `legacy`: seen in older revisions only, and kept in `details`.
   */
  readonly role: 'fact' | 'rest' | 'lineage' | 'moving' | 'legacy';
}

/** A filter of a subscription (reference section 6). */
export interface Param {
  readonly name: string;
  /** `interval`: the name of a width of buckets. */
  readonly form: 'hex' | 'long' | 'flag' | 'text' | 'interval';
  readonly isList: boolean;
  readonly sizeBytes: number | null;
  readonly isRequired: boolean;
  /** What REST calls the same filter (reference section 9.3); null where it has none such. */
  readonly rest: RestParam | null;
}

/** A filter of REST. */
export interface RestParam {
  readonly name: string;
  readonly form: Param['form'];
  /** False: it takes one value, so a list of them is one question each. */
  readonly isList: boolean;
}

/** Other ids that a dataset had or has in some revision of the documents (reference section 5). */
export interface IdAlias {
  readonly id: string;
  /** It is the stream list's id of another dataset: never to be taken for this one by itself. */
  readonly collides: boolean;
}

/** One dataset. Its lists of members are by their names on the wire. */
export interface BlockdbTable {
  readonly dataset: BlockdbDataset;
  readonly subject: Subject;
  /** Id of the stream list. */
  readonly id: string;
  readonly aliases: readonly IdAlias[];
  readonly params: readonly Param[];
  /** Below the REST base, the newest first. */
  readonly restPaths: readonly string[];
  /**
   * Members that identify a row within its block, or a bar within its chain. The first list whose
   * members are all there counts, else the last.
   */
  readonly keys: readonly (readonly string[])[];
  /** Members that order the rows of a block; equal ones keep the order in which they came. */
  readonly order: readonly string[];
  /** Columns whose values make the index of the event; of `a|b` the first that is not null. */
  readonly index: readonly string[];
  /** Height of the row's block; a bar has none. */
  readonly heightMember: string | null;
  /** A time of the row: of its block, or the start of its bucket. */
  readonly timeMember: string;
  readonly members: readonly Member[];
}

/** What a file of tables says; the rest follows from it. */
interface Declaration {
  readonly dataset: BlockdbDataset;
  readonly subject?: Subject;
  readonly id: string;
  readonly aliases?: readonly IdAlias[];
  readonly params?: string;
  readonly restPaths: readonly string[];
  readonly keys: readonly string[];
  readonly order: string;
  readonly index: string;
  readonly heightMember?: null;
  readonly timeMember?: string;
  readonly members: string;
}

/**
 * Members that every row may have. Whence and when BlockDB has a row is no part of what it says; older
 * revisions of REST name the chain in each row.
 */
const common = `
chain_id chain_id
_tracing_id handle - lineage
_is_reorg flag - moving
_created_at time - moving
_updated_at time - moving`;

/** Members of every row that was computed from others. */
export const parents = `
_parent_tracing_ids text[] - moving`;

/** Where in the chain a row stands. */
export const place = `
block_number height!
block_time block_time
tx_index long!
log_index long!`;

/** A table from its declaration. */
export function tableOf(declaration: Declaration): BlockdbTable {
  const { dataset, id, restPaths } = declaration;
  return {
    dataset,
    subject: declaration.subject ?? `blockdb/${dataset}`,
    id,
    aliases: declaration.aliases ?? [],
    params: linesOf(declaration.params ?? '').map(paramOf),
    restPaths,
    keys: declaration.keys.map(wordsOf),
    order: wordsOf(declaration.order),
    index: wordsOf(declaration.index),
    heightMember: declaration.heightMember === null ? null : 'block_number',
    timeMember: declaration.timeMember ?? 'block_time',
    members: linesOf(declaration.members + common).map(memberOf),
  };
}

function wordsOf(text: string): readonly string[] {
  return text.split(' ').filter((word) => word !== '');
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}

const withoutColumn: ReadonlySet<Form> = new Set(['height', 'hash', 'block_time', 'chain_id']);

/**
 * `'topic_zero hex:32 topic0'`: member, form, column. A `!` means required, `[]` a list, `:32` the
 * length in bytes; `-` is no column, and no word the member's own name. A role may follow.
 */
function memberOf(line: string): Member {
  const [name = '', notation = '', column = name, role = 'fact'] = wordsOf(line);
  const { form, ...rest } = formOf(notation);
  const isLegacy = column === 'legacy';
  const hasColumn = column !== '-' && !isLegacy && !withoutColumn.has(form);
  return {
    name,
    form,
    ...rest,
    columns: hasColumn ? column.split(',') : [],
    role: isLegacy ? 'legacy' : (role as Member['role']),
  };
}

/**
 * `'from_addresses hex[]:20 from_address hex:20'`: name and form of the stream, then of REST where they
 * differ. `-` is none.
 */
function paramOf(line: string): Param {
  const [name = '', notation = '', restName = name, restNotation = notation] = wordsOf(line);
  const { form, ...others } = formOf(notation);
  const { form: restForm, isList } = formOf(restNotation);
  const rest =
    restName === '-' ? null : { name: restName, form: restForm as Param['form'], isList };
  return { name, form: form as Param['form'], ...others, rest };
}

function formOf(notation: string) {
  const [form = '', sizeBytes] = notation.replace(/!$/, '').replace('[]', '').split(':');
  return {
    form: form as Form,
    isList: notation.includes('[]'),
    sizeBytes: sizeBytes === undefined ? null : Number(sizeBytes),
    isRequired: notation.endsWith('!'),
  };
}
