/**
 * Checks what TzKT sends and gives it types, without copying. Errors name the place and the member.
 * Unknown members are kept and absent optional ones tolerated.
 */
import { DataError } from '../../model/errors.ts';
import { isObject, jsonText } from '../wire-object.ts';
import type { HubMessage, TzktBlock, TzktDataset, WireFields } from './messages.ts';

/** True for a level, a cycle index or a channel's state. */
export function isLevel(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** `source.malformed_frame`, saying what of which answer is wrong. */
export function malformed(where: string, member: string, value: unknown): DataError {
  const text = jsonText(value);
  return new DataError('source.malformed_frame', {
    stage: 'sources',
    message: `${where}: "${member}" is ${text.slice(0, 80)}. TzKT does not send this by its documentation; check its version, or whether something between changes its answers.`,
    context: { member },
    raw: Buffer.from(text.slice(0, 65_536)),
  });
}

/** A list of objects. */
export function parseItems(value: unknown, where: string): readonly WireFields[] {
  if (!Array.isArray(value)) throw malformed(where, 'answer', value);
  for (const item of value) if (!isObject(item)) throw malformed(where, 'item', item);
  return value;
}

/** A block of REST or of the hub. */
export function parseBlock(value: unknown, where: string): TzktBlock {
  if (!isObject(value)) throw malformed(where, 'block', value);
  const { level, hash, timestamp, cycle } = value;
  if (!isLevel(level)) throw malformed(where, 'level', level);
  if (typeof hash !== 'string' || hash === '') throw malformed(where, 'hash', hash);
  const timeMs = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN;
  if (Number.isNaN(timeMs)) throw malformed(where, 'timestamp', timestamp);
  return { level, hash, timeMs, cycle: isLevel(cycle) ? cycle : 0, fields: value };
}

/** Level and hash pairs, as `select.values=level,hash` gives them. */
export function parseHashes(value: unknown, where: string): ReadonlyMap<number, string> {
  if (!Array.isArray(value)) throw malformed(where, 'answer', value);
  const hashes = new Map<number, string>();
  for (const pair of value) {
    const [level, hash] = Array.isArray(pair) ? pair : [];
    if (!isLevel(level) || typeof hash !== 'string') throw malformed(where, 'pair', pair);
    hashes.set(level, hash);
  }
  return hashes;
}

const levelMembers: Readonly<Partial<Record<TzktDataset, string>>> = {
  token_balances: 'lastLevel',
  ticket_balances: 'lastLevel',
  accounts: 'lastActivity',
};

/** The member that says at which level an item is true. */
export function levelMember(dataset: TzktDataset): string {
  return levelMembers[dataset] ?? 'level';
}

/** The level at which an item is true. */
export function levelOf(dataset: TzktDataset, item: WireFields): number {
  const level = item[levelMember(dataset)];
  if (!isLevel(level)) throw malformed(`an item of ${dataset}`, levelMember(dataset), level);
  return level;
}

/** The argument of a channel's message, or what is wrong with it. */
export function parseHubMessage(args: readonly unknown[]): HubMessage | string {
  const [message] = args;
  if (args.length !== 1 || !isObject(message)) return 'has not one object as its argument';
  const { type, state, data } = message;
  if (!isLevel(state)) return 'has no usable state';
  if (type === 0) return { type: 'state', state };
  if (type === 2) return { type: 'reorg', state };
  if (type !== 1) return `is of message type ${jsonText(type)}, which is not known`;
  const items = Array.isArray(data) ? data : [data];
  if (!items.every(isObject)) return 'has data that is neither an object nor a list of objects';
  return { type: 'data', state, items };
}
