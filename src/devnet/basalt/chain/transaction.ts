/** Transactions, their receipts and logs, as the chain keeps them. */
import type { TransactionType } from './transaction-types.ts';

/** A compliance proof; hashes are 0x-prefixed, bytes are upper-case hexadecimal without 0x. */
export interface ComplianceProof {
  readonly schemaId: string;
  readonly proof: string;
  readonly publicInputs: string;
  readonly nullifier: string;
}

/** What is signed. Amounts are u256 in base units; addresses and hashes are 0x and lower case. */
export interface UnsignedTransaction {
  readonly type: TransactionType;
  readonly nonce: number;
  readonly sender: string;
  readonly to: string;
  readonly value: bigint;
  /** A u64, now and then more than a double can hold. */
  readonly gasLimit: bigint;
  readonly gasPrice: bigint;
  /** null with a legacy price, which the raw form writes as 0. */
  readonly maxFeePerGas: bigint | null;
  readonly maxPriorityFeePerGas: bigint | null;
  /** Upper-case hexadecimal without 0x. */
  readonly data: string;
  readonly priority: number;
  readonly chainId: number;
  readonly proofs: readonly ComplianceProof[];
}

/** A signed transaction. The signature is of the right size, no more. */
export interface Transaction extends UnsignedTransaction {
  readonly hash: string;
  readonly signature: string;
  readonly senderPublicKey: string;
}

/** An event that a transaction emitted. */
export interface Log {
  readonly contract: string;
  readonly eventSignature: string;
  readonly topics: readonly string[];
  /** Upper-case hexadecimal without 0x; may be empty. */
  readonly data: string;
}

/** What became of a transaction. */
export interface Receipt {
  readonly transactionHash: string;
  readonly transactionIndex: number;
  readonly from: string;
  readonly to: string;
  readonly gasUsed: number;
  readonly success: boolean;
  readonly errorCode: string;
  readonly postStateRoot: string;
  readonly effectiveGasPrice: bigint;
  readonly logs: readonly Log[];
}
