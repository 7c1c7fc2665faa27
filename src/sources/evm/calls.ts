/**
 * Call trees of a block as one flat, depth-first list per transaction: the same rows whether they
 * came from callTracer's nested frames or from trace_block's flat traces.
 */

import { isObject } from '../wire-object.ts';
import { inconsistent, usedGas } from './consistency.ts';
import type { EvmBlock, EvmCall, TransactionCalls } from './messages.ts';
import { malformed } from './wire.ts';

type Fields = Record<string, unknown>;

/** Nodes word the same failure differently; the reader shall not have to know which node it was. */
const sameErrors: Readonly<Record<string, string>> = {
  Reverted: 'execution reverted',
  'Out of gas': 'out of gas',
};

/**
 * Answer of debug_traceBlockByHash with callTracer. Throws `source.malformed_frame` when it is not
 * about this block's transactions, and `source.inconsistent_block` when it is about none of them.
 */
export function callsOfTracer(answer: unknown, block: EvmBlock): readonly TransactionCalls[] {
  const where = `traces of block ${block.height} (${block.hash})`;
  if (!Array.isArray(answer)) throw malformed(where, 'result', answer);
  checkTraced(block, answer.length > 0);
  const entries = answer.map((entry: unknown): Fields => {
    if (!isObject(entry)) throw malformed(where, 'result', entry);
    return entry;
  });
  let next = 0;
  const traced = block.transactionHashes.map((hash): TransactionCalls => {
    const entry = entries[next];
    // Some nodes leave out the chain's own transactions: then each entry says whose it is.
    const isOurs = entry !== undefined && (entry['txHash'] ?? hash) === hash;
    if (!isOurs) return null;
    next += 1;
    if (entry['result'] === undefined || entry['result'] === null) return null;
    const calls: EvmCall[] = [];
    addFrame(calls, entry['result'], { traceAddress: '', isReverted: false, where });
    return calls;
  });
  const unknown = entries[next];
  if (unknown !== undefined) throw malformed(where, 'txHash', unknown['txHash']);
  const areNamed = entries.every((entry) => entry['txHash'] !== undefined);
  if (entries.length < traced.length && !areNamed) {
    throw malformed(where, 'result.length', entries.length);
  }
  return traced;
}

/** Throws for a block without any trace, unless nothing ran in it. */
function checkTraced(block: EvmBlock, hasTraces: boolean): void {
  if (hasTraces || block.transactionHashes.length === 0 || !usedGas(block)) return;
  throw inconsistent(block, 'it has transactions and not one trace');
}

interface Place {
  readonly traceAddress: string;
  /** A frame around this one failed. */
  readonly isReverted: boolean;
  readonly where: string;
}

function addFrame(calls: EvmCall[], frame: unknown, place: Place): void {
  if (!isObject(frame)) throw malformed(place.where, 'frame', frame);
  const type = String(frame['type']).toUpperCase();
  const error = errorOf(frame['error']);
  const isReverted = place.isReverted || error !== null;
  const isCreation = type.startsWith('CREATE');
  calls.push({
    traceAddress: place.traceAddress,
    type,
    from: textOf(frame['from']) ?? '',
    to: isCreation && error !== null ? null : textOf(frame['to']),
    value: type === 'STATICCALL' ? null : frame['value'],
    gas: frame['gas'],
    gasUsed: frame['gasUsed'],
    input: textOf(frame['input']),
    output: error === null ? outputOf(frame['output']) : null,
    error,
    isReverted,
  });
  const children = frame['calls'];
  if (!Array.isArray(children)) return;
  const prefix = place.traceAddress === '' ? '' : `${place.traceAddress}.`;
  children.forEach((child, index) => {
    addFrame(calls, child, { ...place, traceAddress: `${prefix}${index}`, isReverted });
  });
}

/** Answer of trace_block. Rewards, which belong to no transaction, are left out. */
export function callsOfTraceBlock(answer: unknown, block: EvmBlock): readonly TransactionCalls[] {
  const where = `traces of block ${block.height} (${block.hash})`;
  if (!Array.isArray(answer)) throw malformed(where, 'result', answer);
  const calls = block.transactionHashes.map((): EvmCall[] => []);
  const failed = new Set<string>();
  for (const trace of answer) {
    if (!isObject(trace)) throw malformed(where, 'result', trace);
    if (trace['transactionHash'] === undefined || trace['transactionHash'] === null) continue;
    const position = trace['transactionPosition'];
    const own = typeof position === 'number' ? calls[position] : undefined;
    if (own === undefined || typeof position !== 'number') {
      throw malformed(where, 'transactionPosition', position);
    }
    const isOurs =
      trace['blockHash'] === block.hash &&
      trace['transactionHash'] === block.transactionHashes[position];
    // Asked by height, so the node may have switched branches since the block was read.
    if (!isOurs) throw inconsistent(block, 'its traces are those of another block');
    own.push(callOfTrace(trace, { where, position, failed }));
  }
  checkTraced(
    block,
    calls.some((own) => own.length > 0),
  );
  // Every transaction has a top call; without one the node could not trace it.
  return calls.map((own) => (own.length === 0 ? null : own));
}

function callOfTrace(
  trace: Fields,
  scope: { where: string; position: number; failed: Set<string> },
): EvmCall {
  const { where, position, failed } = scope;
  const { action, result, traceAddress: path } = trace;
  if (!isObject(action)) throw malformed(where, 'action', action);
  if (!Array.isArray(path)) throw malformed(where, 'traceAddress', path);
  const error = errorOf(trace['error']);
  const key = (length: number) => `${position}:${path.slice(0, length).join('.')}`;
  // Parents come before their children, so the nearest one knows of all around it.
  const isReverted = error !== null || (path.length > 0 && failed.has(key(path.length - 1)));
  if (isReverted) failed.add(key(path.length));
  const outcome = isObject(result) ? result : {};
  return {
    traceAddress: path.join('.'),
    ...describeAction(trace, action, outcome),
    gas: action['gas'],
    gasUsed: outcome['gasUsed'],
    output: error === null ? outputOf(outcome['output'] ?? outcome['code']) : null,
    ...(error === null ? {} : failedCreation(trace['type'])),
    error,
    isReverted,
  };
}

function failedCreation(type: unknown): { to?: null } {
  return type === 'create' ? { to: null } : {};
}

function describeAction(
  trace: Fields,
  action: Fields,
  outcome: Fields,
): Pick<EvmCall, 'type' | 'from' | 'to' | 'value' | 'input'> {
  if (trace['type'] === 'create') {
    return {
      type: String(action['creationMethod'] ?? 'create').toUpperCase(),
      from: textOf(action['from']) ?? '',
      to: textOf(outcome['address']),
      value: action['value'],
      input: textOf(action['init']),
    };
  }
  if (trace['type'] === 'suicide' || trace['type'] === 'selfdestruct') {
    return {
      type: 'SELFDESTRUCT',
      from: textOf(action['address']) ?? '',
      to: textOf(action['refundAddress']),
      value: action['balance'],
      input: null,
    };
  }
  const type = String(action['callType'] ?? trace['type']).toUpperCase();
  return {
    type,
    from: textOf(action['from']) ?? '',
    to: textOf(action['to']),
    value: type === 'STATICCALL' ? null : action['value'],
    input: textOf(action['input']),
  };
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function outputOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '0x' ? value : null;
}

function errorOf(value: unknown): string | null {
  if (typeof value !== 'string' || value === '') return null;
  return sameErrors[value] ?? value;
}
