/** A block of the simulated chain: its header and its rows per dataset. */
import type { Item } from '../../simulator/json.ts';
import { type DatasetId, datasetNamed } from './datasets.ts';
import type { TransactionDraft } from './draft.ts';

/** Where a block is. Hashes are hexadecimal without `0x`. */
export interface BlockHeader {
  readonly height: number;
  readonly hash: string;
  readonly parentHash: string;
  readonly timeMs: number;
}

/** Rows by dataset; those of a dataset are in their order within the block. */
export type RowsByDataset = ReadonlyMap<DatasetId, readonly Item[]>;

/** What a block holds before it is written: rows without lineage, bars excepted. */
export interface BlockContent {
  readonly header: BlockHeader;
  readonly rows: RowsByDataset;
  /** Transactions that may be mined again when the block falls. */
  readonly transactions: readonly TransactionDraft[];
}

/** A row with its lineage. */
export interface Row {
  readonly dataset: DatasetId;
  /** Natural key; unique in the dataset. */
  readonly key: string;
  readonly height: number;
  readonly item: Item;
}

/** A block of the chain. */
export interface ChainBlock {
  readonly content: BlockContent;
  readonly header: BlockHeader;
  /** Rows of the block itself, dataset by dataset. */
  readonly rows: readonly Row[];
  /** Bars that this block changed, as they were after it. */
  readonly bars: readonly Row[];
}

/** The natural key of a row. */
export function keyOf(dataset: DatasetId, item: Item): string {
  return JSON.stringify(datasetNamed(dataset).key.map((name) => item[name] ?? null));
}

/** The text of a time. */
export function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
