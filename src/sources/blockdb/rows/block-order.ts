/** The rows of one block and dataset in the order in which they are published. */
import { DataError } from '../../../model/errors.ts';
import type { RowValue } from '../../../model/event.ts';
import type { BlockdbDataset, BlockdbRow, WireFields } from '../messages.ts';
import { compiledTables, memberValue } from './compiled-table.ts';

/**
 * By transaction, log and call, or by bucket; rows that these do not tell apart stay as they came.
 * Counts the items of ERC-1155 batches. Throws `row.invalid` for a place that is no number, and for logs that share a
 * `log_index`: then it counts within transactions, and their keys would collide.
 */
export function inBlockOrder(
  dataset: BlockdbDataset,
  rows: readonly WireFields[],
): readonly BlockdbRow[] {
  const { order } = compiledTables[dataset];
  const placed = rows.map((data) => ({
    data,
    place: order.map((member) => member.valueIn(data)),
  }));
  placed.sort((a, b) => comparePlaces(a.place, b.place));
  const ordered = placed.map(({ data }) => data);
  if (dataset === 'logs') checkLogIndexes(ordered);
  const ordinals = dataset === 'token_transfers' ? batchOrdinals(ordered) : undefined;
  return ordered.map((data) => ({ dataset, data, ordinal: ordinals?.get(data) ?? null }));
}

function comparePlaces(a: readonly RowValue[], b: readonly RowValue[]): number {
  for (const [index, value] of a.entries()) {
    const order = compareValues(value, b[index] ?? null);
    if (order !== 0) return order;
  }
  return 0;
}

/** Null first; bytes by their text, paths of the call tree by their numbers. */
function compareValues(a: RowValue, b: RowValue): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [one, other] = [String(a), String(b)];
  if (one.startsWith('0x')) return Number(one > other) - Number(one < other);
  return comparePaths(stepsOf(one), stepsOf(other));
}

/** The top call has the empty path. */
function stepsOf(path: string): readonly string[] {
  return path === '' ? [] : path.split('.');
}

function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (const [depth, step] of a.entries()) {
    const other = b[depth];
    if (other === undefined) return 1;
    if (step !== other) return Number(step) - Number(other);
  }
  return a.length - b.length;
}

function checkLogIndexes(rows: readonly WireFields[]): void {
  const seen = new Map<RowValue, RowValue>();
  for (const data of rows) {
    const index = memberValue('logs', 'log_index', data);
    const transaction = memberValue('logs', 'tx_index', data);
    const other = seen.get(index);
    if (other !== undefined && other !== transaction) {
      throw new DataError('row.invalid', {
        stage: 'sources',
        message: `"log_index" ${index} is that of logs in transactions ${other} and ${transaction} of one block, expected positions in the block. BlockDB counts logs within transactions here: take the logs from an evm source.`,
        context: { dataset: 'logs', field: 'log_index', value: Number(index) },
      });
    }
    seen.set(index, transaction);
  }
}

/** Positions of the transfers of logs that hold several. */
function batchOrdinals(rows: readonly WireFields[]): ReadonlyMap<WireFields, number> {
  const byLog = new Map<RowValue, WireFields[]>();
  for (const data of rows) {
    const index = memberValue('token_transfers', 'log_index', data);
    const batch = byLog.get(index);
    if (batch === undefined) byLog.set(index, [data]);
    else batch.push(data);
  }
  byLog.delete(null);
  const batches = [...byLog.values()].filter((each) => each.length > 1);
  return new Map(batches.flatMap((each) => each.map((data, ordinal) => [data, ordinal] as const)));
}
