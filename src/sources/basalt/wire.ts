/**
 * Checks what a node sends and gives it types, without copying. Errors name the place and the member.
 * Unknown members are kept and absent optional ones tolerated.
 */
import { DataError } from '../../model/errors.ts';
import { isObject, jsonText } from '../wire-object.ts';
import type { BasaltBlock, WireFields, WireLog, WireTransaction } from './messages.ts';

/** True for a hash as nodes send it. */
export function isHash(value: unknown): value is string {
  return typeof value === 'string' && /^0x[0-9a-f]{64}$/.test(value);
}

/** True for a height. */
export function isHeight(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** `source.malformed_frame`, saying what of which answer is wrong. */
export function malformed(where: string, member: string, value: unknown): DataError {
  const text = jsonText(value);
  return new DataError('source.malformed_frame', {
    stage: 'sources',
    message: `${where}: "${member}" is ${text.slice(0, 80)}. A Basalt node does not send this; check its version, or whether something between changes its answers.`,
    context: { member },
    raw: Buffer.from(text.slice(0, 65_536)),
  });
}

/** An object of the wire. */
export function objectIn(value: unknown, where: string): WireFields {
  if (!isObject(value)) throw malformed(where, 'answer', value);
  return value;
}

export function hashIn(fields: WireFields, member: string, where: string): string {
  const value = fields[member];
  if (!isHash(value)) throw malformed(where, member, value);
  return value;
}

export function heightIn(fields: WireFields, member: string, where: string): number {
  const value = fields[member];
  if (!isHeight(value)) throw malformed(where, member, value);
  return value;
}

function listIn(fields: WireFields, member: string, where: string): readonly unknown[] {
  const value = fields[member];
  if (!Array.isArray(value)) throw malformed(where, member, value);
  return value;
}

/** Before the chain was, in either unit: 1973 in milliseconds, the year 5138 in seconds. */
const secondsMax = 100_000_000_000;

/** Nodes count milliseconds; the project's page shows seconds. Genesis is 0 in both. */
export function timeMsOf(timestamp: number): number {
  return timestamp < secondsMax ? timestamp * 1_000 : timestamp;
}

/** A block object of REST. */
export function parseBlock(value: unknown, asked: string): BasaltBlock {
  const fields = objectIn(value, asked);
  const height = heightIn(fields, 'number', asked);
  const where = `block ${height} (${asked})`;
  return {
    height,
    hash: hashIn(fields, 'hash', where),
    parentHash: hashIn(fields, 'parentHash', where),
    timeMs: timeMsOf(heightIn(fields, 'timestamp', where)),
    transactionCount: heightIn(fields, 'transactionCount', where),
    fields,
  };
}

/** The transactions of a block. */
export function parseTransactions(value: unknown, where: string): readonly WireTransaction[] {
  if (!Array.isArray(value)) throw malformed(where, 'answer', value);
  return value.map((each) => parseTransaction(each, where));
}

function parseTransaction(value: unknown, where: string): WireTransaction {
  const fields = objectIn(value, where);
  const hash = hashIn(fields, 'hash', where);
  const inside = `${where}, transaction ${hash}`;
  const sender = textIn(fields, 'sender', inside);
  return Object.assign(fields, { hash, sender, logs: parseLogs(fields, inside) });
}

/** The logs of a transaction or a receipt; null where they are not known. */
export function parseLogs(fields: WireFields, where: string): readonly WireLog[] | null {
  if (fields['logs'] === null || fields['logs'] === undefined) return null;
  return listIn(fields, 'logs', where).map((each) => {
    const log = objectIn(each, where);
    const topics = listIn(log, 'topics', `${where}, log`);
    if (!topics.every(isHash)) throw malformed(where, 'topics', topics);
    return Object.assign(log, { contract: textIn(log, 'contract', where), topics });
  });
}

function textIn(fields: WireFields, member: string, where: string): string {
  const value = fields[member];
  if (typeof value !== 'string') throw malformed(where, member, value);
  return value;
}
