/** Transactions before they have a place: what they do is written when a block takes them. */
import type { Item } from '../../simulator/json.ts';
import type { DatasetId } from './datasets.ts';

/** A log before it has an index. Data and topics are hexadecimal without `0x`. */
export interface LogDraft {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
}

/** Where a transaction of a block writes its rows. */
export interface TransactionSink {
  readonly height: number;
  readonly timeMs: number;
  readonly timeText: string;
  readonly txIndex: number;
  /** Adds a row; block, time and position of the transaction are put before the members given. */
  add(dataset: DatasetId, members: Item): void;
  /** Adds a log and returns its index in the block. */
  log(draft: LogDraft): number;
}

/** A frame of the call tree below the transaction itself, which is no row: its first one is `0`. */
export interface CallDraft {
  readonly path: string;
  readonly type: string;
  readonly from: string;
  readonly to: string | null;
  readonly value: bigint;
  readonly error: string | null;
  /** True when it, or a frame around it, failed. Default: when it has an error. */
  readonly isReverted?: boolean;
  /** Gas, input and output of its row. */
  readonly members?: Item;
}

/** A transaction. The same draft can be mined at one place and, after a reorg, at another. */
export interface TransactionDraft {
  readonly hash: string;
  readonly from: string;
  readonly to: string | null;
  readonly value: bigint;
  /** The contract that it created itself. */
  readonly created: string | null;
  readonly isSuccess: boolean;
  /** Members of the transaction's row that do not depend on its place. */
  readonly members: Item;
  readonly calls: readonly CallDraft[];
  /** Writes the logs and what is derived from them. */
  write(out: TransactionSink): void;
}

/** What one kind of transaction adds to what all have. */
export interface TransactionPlan {
  readonly to: string | null;
  readonly created?: string;
  /** Frames below its own. */
  readonly calls?: readonly CallDraft[];
  write?(out: TransactionSink): void;
}

/** The id of a contract: its address, the height of its creation and the transaction's index. */
export function contractId(address: string, height: number, txIndex: number): string {
  return `${address}${height.toString(16).padStart(8, '0')}${txIndex.toString(16).padStart(4, '0')}`;
}
