/** Columns that no single member gives: what tells a transfer or a snapshot from others of its block. */
import type { RowValue } from '../../../model/event.ts';
import type { BlockdbRow } from '../messages.ts';
import { memberValue } from './compiled-table.ts';

type Values = Record<string, RowValue>;

/** Adds them to the row of a message whose other columns are filled. */
export function derivedColumns(row: Values, { dataset, data, ordinal }: BlockdbRow): void {
  if (dataset === 'token_transfers') {
    row['batch_index'] = ordinal;
    row['transfer_ref'] = transferRef(row, ordinal);
  } else if (dataset === 'reserves') {
    row['snapshot_ref'] = snapshotRef((name) => memberValue(dataset, name, data));
  }
}

/** As the `evm` source writes it. */
function transferRef(row: Values, ordinal: number | null): string {
  if (row['log_index'] !== null) return `log/${row['log_index']}/${ordinal ?? 0}`;
  const place = `${row['tx_index']}`;
  return row['transfer_type'] === 'native_tx'
    ? `tx/${place}`
    : `call/${place}/${row['trace_address'] ?? ''}`;
}

/** Rows of the stream have no place in their block, rows of both have a tracing id. */
function snapshotRef(told: (member: string) => RowValue): string {
  const tracingId = told('_tracing_id');
  if (tracingId !== null) return `trace/${tracingId}`;
  return `log/${told('tx_index') ?? ''}/${told('log_index') ?? ''}`;
}
