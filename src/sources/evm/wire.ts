/**
 * Checks answers of a node and gives them their types, without copying. Errors name the block and
 * the field. Unknown fields are kept and absent optional ones tolerated.
 */
import { DataError } from '../../model/errors.ts';
import { isObject } from '../wire-object.ts';
import type { EvmBlock, WireLog, WireReceipt, WireTransaction } from './messages.ts';
import { isQuantity } from './quantity.ts';

type Fields = Record<string, unknown>;

/** True for a hash as nodes send it. */
export function isHash(value: unknown): value is string {
  return typeof value === 'string' && value.length === 66 && value.startsWith('0x');
}

/** `source.malformed_frame`, saying what of which block is wrong. */
export function malformed(where: string, field: string, value: unknown): DataError {
  const shown = JSON.stringify(value)?.slice(0, 80) ?? 'missing';
  return new DataError('source.malformed_frame', {
    stage: 'sources',
    message: `${where}: "${field}" is ${shown}. The node does not follow the JSON-RPC specification here; try another endpoint or version of it.`,
    context: { field },
    raw: Buffer.from(JSON.stringify(value)?.slice(0, 65_536) ?? ''),
  });
}

function hashIn(fields: Fields, field: string, where: string): string {
  const value = fields[field];
  if (!isHash(value)) throw malformed(where, field, value);
  return value;
}

function integerIn(fields: Fields, field: string, where: string): number {
  const value = fields[field];
  const number = isQuantity(value) ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) {
    throw malformed(where, field, value);
  }
  return number;
}

function listIn(fields: Fields, field: string, where: string): readonly unknown[] {
  const value = fields[field];
  if (!Array.isArray(value)) throw malformed(where, field, value);
  return value;
}

/** A block with full transactions or their hashes. Null stays null. */
export function parseBlock(value: unknown, asked: string): EvmBlock | null {
  if (value === null) return null;
  if (!isObject(value)) throw malformed(asked, 'result', value);
  const height = integerIn(value, 'number', asked);
  const where = `block ${height} (${asked})`;
  const listed = listIn(value, 'transactions', where);
  const isFull = listed.length === 0 || isObject(listed[0]);
  const transactions = isFull ? listed.map((each) => parseTransaction(each, where)) : null;
  return {
    height,
    hash: hashIn(value, 'hash', where),
    parentHash: hashIn(value, 'parentHash', where),
    timeMs: integerIn(value, 'timestamp', where) * 1000,
    transactions,
    transactionHashes:
      transactions?.map(({ hash }) => hash) ?? listed.map((each) => parseHash(each, where)),
    hasEmptyBloom: isEmptyBloom(value['logsBloom']),
    fields: value,
  };
}

function parseHash(value: unknown, where: string): string {
  if (!isHash(value)) throw malformed(where, 'transactions', value);
  return value;
}

/** A bloom that is absent proves nothing, so it counts as empty: it cannot contradict the logs. */
function isEmptyBloom(bloom: unknown): boolean {
  return typeof bloom !== 'string' || /^0x0*$/.test(bloom);
}

function parseTransaction(value: unknown, where: string): WireTransaction {
  if (!isObject(value)) throw malformed(where, 'transactions', value);
  const hash = hashIn(value, 'hash', where);
  const from = value['from'];
  if (typeof from !== 'string') throw malformed(`${where}, transaction ${hash}`, 'from', from);
  return Object.assign(value, { hash, from });
}

/** The receipts of a block. Null (the node does not know the block) stays null. */
export function parseReceipts(value: unknown, where: string): readonly WireReceipt[] | null {
  if (value === null) return null;
  if (!Array.isArray(value)) throw malformed(where, 'receipts', value);
  return value.map((each) => parseReceipt(each, where));
}

/** One receipt. */
export function parseReceipt(value: unknown, where: string): WireReceipt {
  if (!isObject(value)) throw malformed(where, 'receipt', value);
  const transactionHash = hashIn(value, 'transactionHash', where);
  const inside = `${where}, receipt of ${transactionHash}`;
  const blockHash = hashIn(value, 'blockHash', inside);
  // Some nodes give null for an empty list; the block's bloom tells whether it may be empty.
  const listed = value['logs'] === null ? [] : listIn(value, 'logs', inside);
  const logs = listed.map((log) => parseLog(log, inside));
  return Object.assign(value, { transactionHash, blockHash, logs });
}

function parseLog(value: unknown, where: string): WireLog {
  if (!isObject(value)) throw malformed(where, 'logs', value);
  const { address, data } = value;
  if (typeof address !== 'string') throw malformed(where, 'log.address', address);
  if (typeof data !== 'string') throw malformed(where, 'log.data', data);
  const topics = listIn(value, 'topics', where);
  const areHashes = topics.length <= 4 && topics.every(isHash);
  if (!areHashes) throw malformed(where, 'log.topics', topics);
  return Object.assign(value, {
    address,
    data,
    topics,
    blockHash: hashIn(value, 'blockHash', where),
    transactionHash: hashIn(value, 'transactionHash', where),
  });
}
