/** Headers, transactions and blocks as bytes, and the hashes made of them. */
import { blake3 } from '@noble/hashes/blake3.js';
import { type Block, type BlockHeader, zeroHash } from './block.ts';
import type { Transaction, UnsignedTransaction } from './transaction.ts';
import { transactionTypes } from './transaction-types.ts';
import { WireWriter } from './wire-writer.ts';

/** BLAKE3-256 as 0x and 64 lower-case digits; text is taken as UTF-8. */
export function hashOf(value: Uint8Array | string): string {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  return `0x${Buffer.from(blake3(bytes)).toString('hex')}`;
}

/** 220 fixed bytes and the extra data; the block hash is BLAKE3 of exactly these. */
export function serializeHeader(header: BlockHeader): Buffer {
  return new WireWriter()
    .u64(header.number)
    .hex(header.parentHash)
    .hex(header.stateRoot)
    .hex(header.transactionsRoot)
    .hex(header.receiptsRoot)
    .i64(header.timestamp)
    .hex(header.proposer)
    .u32(header.chainId)
    .u64(header.gasUsed)
    .u64(header.gasLimit)
    .u256(header.baseFee)
    .u32(header.protocolVersion)
    .hexBytes(header.extraData)
    .finish();
}

/** BLAKE3 of what is signed and a digest of the proofs, which is zero without proofs. */
export function hashTransaction(transaction: UnsignedTransaction): string {
  const proofs = new WireWriter();
  writeProofs(proofs, transaction);
  const digest = transaction.proofs.length === 0 ? zeroHash : hashOf(proofs.finish());
  const payload = new WireWriter();
  writeSigned(payload, transaction);
  return hashOf(payload.hex(digest).finish());
}

/** The raw form that `/v1/sync/blocks` gives. It has no receipts. */
export function serializeBlock(block: Block): Buffer {
  const writer = new WireWriter().raw(serializeHeader(block)).varint(block.transactions.length);
  for (const transaction of block.transactions) writer.bytes(serializeTransaction(transaction));
  return writer.finish();
}

function serializeTransaction(transaction: Transaction): Buffer {
  const writer = new WireWriter();
  writeSigned(writer, transaction);
  writer.hex(transaction.signature).hex(transaction.senderPublicKey);
  writer.varint(transaction.proofs.length);
  writeProofs(writer, transaction);
  return writer.finish();
}

function writeSigned(writer: WireWriter, transaction: UnsignedTransaction): void {
  writer
    .byte(transactionTypes.indexOf(transaction.type))
    .u64(transaction.nonce)
    .hex(transaction.sender)
    .hex(transaction.to)
    .u256(transaction.value)
    .u64(transaction.gasLimit)
    .u256(transaction.gasPrice)
    .u256(transaction.maxFeePerGas ?? 0n)
    .u256(transaction.maxPriorityFeePerGas ?? 0n)
    .hexBytes(transaction.data)
    .byte(transaction.priority)
    .u32(transaction.chainId);
}

function writeProofs(writer: WireWriter, { proofs }: UnsignedTransaction): void {
  for (const { schemaId, proof, publicInputs, nullifier } of proofs) {
    writer.hex(schemaId).hexBytes(proof).hexBytes(publicInputs).hex(nullifier);
  }
}
