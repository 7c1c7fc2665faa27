/**
 * What a node tells, in its own words: wire shapes, and the one message of this source. Field values
 * stay as the wire has them; `rows/` converts them.
 */
import type { BlockHeader } from '../../model/block.ts';

/** Fields of an object of the wire that are not looked at before rows are made. */
export type WireFields = Readonly<Record<string, unknown>>;

/** A checked block. */
export interface EvmBlock extends BlockHeader {
  readonly transactionHashes: readonly string[];
  /** Null when only the hashes were asked for. */
  readonly transactions: readonly WireTransaction[] | null;
  readonly hasEmptyBloom: boolean;
  readonly fields: WireFields;
}

/** A checked transaction. */
export interface WireTransaction extends WireFields {
  readonly hash: string;
  readonly from: string;
}

/** A checked receipt. */
export interface WireReceipt extends WireFields {
  readonly transactionHash: string;
  readonly blockHash: string;
  readonly logs: readonly WireLog[];
}

/** A checked log. */
export interface WireLog extends WireFields {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
  readonly blockHash: string;
  readonly transactionHash: string;
}

/** One frame of a transaction's call tree, the same whichever trace method it came from. */
export interface EvmCall extends WireFields {
  /** Child positions from the top call down, joined by dots; empty for the top call. */
  readonly traceAddress: string;
  /** CALL, CALLCODE, DELEGATECALL, STATICCALL, CREATE, CREATE2 or SELFDESTRUCT. */
  readonly type: string;
  readonly from: string;
  readonly to: string | null;
  readonly value: unknown;
  readonly gas: unknown;
  readonly gasUsed: unknown;
  readonly input: string | null;
  /** Null when it failed or returned nothing. */
  readonly output: string | null;
  readonly error: string | null;
  /** True when it, or a frame around it, failed: its effects never happened. */
  readonly isReverted: boolean;
}

/** The call tree of one transaction, depth first; null when the node could not trace it. */
export type TransactionCalls = readonly EvmCall[] | null;

/** Everything fetched of one block: the message that each channel turns into rows. */
export interface EvmMessage {
  readonly block: EvmBlock;
  /** In transaction order; null when nobody asked for what is in them. */
  readonly receipts: readonly WireReceipt[] | null;
  /** In transaction order; null when the node cannot trace or nobody asked. */
  readonly calls: readonly TransactionCalls[] | null;
}
