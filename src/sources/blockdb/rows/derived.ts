/** Columns that no single member gives: what tells a transfer or a snapshot from others of its block. */
import type { RowValue } from '../../../model/event.ts';
import type { BlockdbDataset } from '../messages.ts';

type Values = Record<string, RowValue>;

interface Derivation {
  readonly ordinal: number | null;
  readonly tracingId: RowValue;
  wireValue(name: string): RowValue;
}

/** Adds them to a row whose other columns are filled; `wireValue` gives members that have no column. */
export function derivedColumns(
  dataset: BlockdbDataset,
  row: Values,
  { ordinal, tracingId, wireValue }: Derivation,
): void {
  if (dataset === 'token_transfers') {
    row['batch_index'] = ordinal;
    row['transfer_ref'] = transferRef(row, ordinal);
  } else if (dataset === 'reserves') {
    row['snapshot_ref'] = snapshotRef(tracingId, wireValue);
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
function snapshotRef(tracingId: RowValue, wireValue: Derivation['wireValue']): string {
  if (tracingId !== null) return `trace/${tracingId}`;
  return `log/${wireValue('tx_index') ?? ''}/${wireValue('log_index') ?? ''}`;
}
