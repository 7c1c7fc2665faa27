/** A block of the chain: header, transactions and receipts. Immutable. */
import type { Receipt, Transaction } from './transaction.ts';

/** What the block hash is made of, in the order of the wire. */
export interface BlockHeader {
  readonly number: number;
  readonly parentHash: string;
  readonly stateRoot: string;
  readonly transactionsRoot: string;
  readonly receiptsRoot: string;
  /** Unix milliseconds, above the parent's. */
  readonly timestamp: number;
  readonly proposer: string;
  readonly chainId: number;
  readonly gasUsed: number;
  readonly gasLimit: number;
  readonly baseFee: bigint;
  readonly protocolVersion: number;
  /** Hexadecimal without 0x. */
  readonly extraData: string;
}

/** A block. */
export interface Block extends BlockHeader {
  /** BLAKE3 of the serialized header. */
  readonly hash: string;
  readonly transactions: readonly Transaction[];
  /** One per transaction; undefined where no receipt is known. */
  readonly receipts: readonly (Receipt | undefined)[];
  /** Receipts of limit orders that were filled here: they belong to no transaction of the block. */
  readonly fills: readonly Receipt[];
}

/** 32 zero bytes: the parent of genesis. */
export const zeroHash = `0x${'0'.repeat(64)}`;

/** The address of nobody. */
export const zeroAddress = `0x${'0'.repeat(40)}`;
