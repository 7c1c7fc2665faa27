/** What a decoded record says, whatever its envelope: one shape for printing and filtering. */
import { decimalSuffix } from '../../encoding/dataset.ts';
import type { Fields } from './decoder.ts';

/** A record of a followed topic. */
export interface Change {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestampMs: number;
  readonly kind: 'insert' | 'retraction' | 'control' | 'other';
  readonly key: Fields | null;
  /** The row of a changelog record, the fields of another one. */
  readonly row: Fields;
  /** The whole value, for `--json`. */
  readonly value: Fields | null;
  readonly reorgId: string | null;
}

const flatTail = [
  'op',
  'sign',
  'event_id',
  'incarnation',
  'reorg_id',
  'ts_ms',
  'received_at_us',
  'published_at_us',
  'tracing_id',
];

/** Recognises flat and debezium changelogs and control records by their fields. */
export function changeOf(
  place: Pick<Change, 'topic' | 'partition' | 'offset' | 'timestampMs'>,
  key: Fields | null,
  value: Fields | null,
): Change {
  const { topic, partition, offset, timestampMs } = place;
  const base = { topic, partition, offset, timestampMs, key, value };
  if (value === null) return { ...base, kind: 'other', row: {}, reorgId: null };
  return { ...base, ...(changelogPart(value) ?? commonPart(value)) };
}

type Part = Pick<Change, 'kind' | 'row' | 'reorgId'>;

/** Undefined for a value that is in none of the changelog envelopes. */
function changelogPart(value: Fields): Part | undefined {
  const { op, sign, before, after, reorg, reorg_id: reorgId } = value;
  if (typeof op !== 'string' || typeof sign !== 'number') return undefined;
  const isRetraction = sign < 0;
  const kind = isRetraction ? 'retraction' : 'insert';
  if (!('before' in value)) {
    return { kind, row: shown(without(value, flatTail)), reorgId: textOrNull(reorgId) };
  }
  const row = shown(fieldsOf(isRetraction ? before : after));
  return { kind, row, reorgId: textOrNull(fieldsOf(reorg).id) };
}

function commonPart(value: Fields): Part {
  const { kind, chain, reorg } = value;
  const isControl = typeof kind === 'string' && kind !== 'heartbeat' && typeof chain === 'string';
  const reorgId = textOrNull(fieldsOf(reorg).id);
  // What a control record says stands one level down: there it would be cut off.
  const told = Object.assign({}, ...controlParts.map((name) => fieldsOf(value[name])));
  const row = { ...without(value, controlParts), ...without(told, listed), ...countsOf(told) };
  return { kind: isControl ? 'control' : 'other', row: shown(row), reorgId };
}

const controlParts = ['block', 'reorg', 'gap', 'market', 'session'];
/** Too long for a line; `--json` has them. */
const listed = ['tallies', 'reverted'];

/** How many rows a control record tells of, over all topics. */
function countsOf({ tallies }: Fields): Fields {
  if (!Array.isArray(tallies)) return {};
  const total = (name: string) =>
    tallies.reduce((sum: number, tally) => sum + Number(fieldsOf(tally)[name] ?? 0), 0);
  return { inserted: total('inserts'), retracted: total('retractions') };
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function fieldsOf(value: unknown): Fields & { readonly id?: unknown; readonly tallies?: unknown } {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function without(value: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}

/** Without nulls and without the decimals that repeat a text. */
function shown(row: Fields): Fields {
  return Object.fromEntries(
    Object.entries(row).filter(([name, value]) => value !== null && !name.endsWith(decimalSuffix)),
  );
}
