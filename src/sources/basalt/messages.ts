/**
 * What a node tells, in the words of its REST API: wire shapes, and the one message of this source.
 * Raw blocks are turned into the same shapes. Field values stay as the wire has them; `rows/`
 * converts them.
 */
import type { BlockHeader } from '../../model/block.ts';

/** Members of an object of the wire that are not looked at before rows are made. */
export type WireFields = Readonly<Record<string, unknown>>;

/** A checked block, without its transactions. */
export interface BasaltBlock extends BlockHeader {
  readonly transactionCount: number;
  readonly fields: WireFields;
  /**
   * Reads what a raw block holds of its transactions: no receipts. Absent where REST gave the block.
   * Throws `source.malformed_frame`.
   */
  readonly rawTransactions?: () => readonly WireTransaction[];
}

/** A checked transaction, with what its receipt says. */
export interface WireTransaction extends WireFields {
  /** Null where a raw block does not tell it: with compliance proofs it cannot be computed. */
  readonly hash: string | null;
  readonly sender: string;
  /** Null where no receipt is known. */
  readonly logs: readonly WireLog[] | null;
}

/** A checked log. */
export interface WireLog extends WireFields {
  readonly contract: string;
  readonly topics: readonly string[];
}

/** Everything fetched of one block: the message that each channel turns into rows. */
export interface BasaltMessage {
  readonly block: BasaltBlock;
  /** In the block's order; null when nobody asked for what is in them. */
  readonly transactions: readonly WireTransaction[] | null;
}
