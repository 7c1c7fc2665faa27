/** One change as a line for people: a retraction is marked, red and struck out. */
import type { Paint } from '../io.ts';
import type { Change } from './change.ts';
import { toJson } from './decoder.ts';

const marks: Readonly<Record<Change['kind'], string>> = {
  insert: '+',
  retraction: '−',
  control: '·',
  other: ' ',
};

/** Columns shown first: where in the chain, or which market and what of it. */
const leading = ['kind', 'height', 'block_hash', 'hash', 'symbol', 'state'];
const hidden = new Set(['chain', 'block_time', 'event_time', 'source', 'time']);
const valueWidthMax = 24;

/** Without a line break. `width` 0 = as wide as it gets. */
export function changeLine(change: Change, paint: Paint, width = 0): string {
  const { kind, row, topic, partition, offset } = change;
  const names = [
    ...leading.filter((name) => name in row),
    ...Object.keys(row).filter((name) => !leading.includes(name) && !hidden.has(name)),
  ];
  const columns = names.map((name) => `${name}=${columnText(name, row[name])}`).join(' ');
  const place = `${topic}/${partition}@${offset}`;
  const reorg =
    kind === 'retraction' && change.reorgId !== null ? ` reorg=${short(change.reorgId)}` : '';
  const room = width === 0 ? columns.length : Math.max(20, width - place.length - reorg.length - 4);
  const text = columns.length > room ? `${columns.slice(0, room - 1)}…` : columns;
  switch (kind) {
    case 'retraction':
      return `${paint.red(marks[kind])} ${paint.dim(place)} ${paint.red(paint.struck(text))}${paint.red(reorg)}`;
    case 'insert':
      return `${paint.green(marks[kind])} ${paint.dim(place)} ${text}`;
    case 'control':
      return `${paint.yellow(marks[kind])} ${paint.dim(place)} ${paint.yellow(text)}`;
    case 'other':
      return paint.dim(`${marks[kind]} ${place} ${text}`);
  }
}

const timeMsMax = 8.64e15;

/** A time is told as people write it; a reason is a word that is looked up, so it is never cut. */
function columnText(name: string, value: unknown): string {
  if (name === 'reason' && typeof value === 'string' && !/\s/.test(value)) return value;
  const isTime = typeof value === 'number' && name.endsWith('_time') && value <= timeMsMax;
  return isTime ? new Date(value).toISOString() : valueText(value);
}

function valueText(value: unknown): string {
  if (typeof value === 'string')
    return /\s/.test(value) ? JSON.stringify(short(value)) : short(value);
  const text = JSON.stringify(value, toJson) ?? 'null';
  return text.length > valueWidthMax * 4 ? `${text.slice(0, valueWidthMax * 4)}…` : text;
}

/** The ends of a long text: hashes are told apart by them. */
function short(text: string): string {
  return text.length > valueWidthMax ? `${text.slice(0, 10)}…${text.slice(-6)}` : text;
}
