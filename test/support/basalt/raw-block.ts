/** Reads a raw block by the reference, byte for byte, without any code of the simulator's writer. */
import assert from 'node:assert/strict';
import { blake3 } from '@noble/hashes/blake3.js';
import { transactionTypes } from '../../../src/devnet/basalt/chain/transaction-types.ts';

class Reader {
  readonly #bytes: Buffer;
  offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.offset === this.#bytes.length;
  }

  take(sizeBytes: number): Buffer {
    const end = this.offset + sizeBytes;
    assert.ok(end <= this.#bytes.length, `${sizeBytes} bytes at ${this.offset}`);
    const part = this.#bytes.subarray(this.offset, end);
    this.offset = end;
    return part;
  }

  hex(sizeBytes: number): string {
    return `0x${this.take(sizeBytes).toString('hex')}`;
  }

  integer(sizeBytes: number): bigint {
    return BigInt(`0x${Buffer.from(this.take(sizeBytes)).reverse().toString('hex')}`);
  }

  number(sizeBytes: number): number {
    return Number(this.integer(sizeBytes));
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const [byte = 0] = this.take(1);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  bytes(): Buffer {
    return this.take(this.varint());
  }
}

/** Header and transactions of a raw block; hashes are computed from the bytes that were read. */
export function readRawBlock(raw: Buffer) {
  const reader = new Reader(raw);
  const header = {
    number: reader.number(8),
    parentHash: reader.hex(32),
    stateRoot: reader.hex(32),
    transactionsRoot: reader.hex(32),
    receiptsRoot: reader.hex(32),
    timestamp: reader.number(8),
    proposer: reader.hex(20),
    chainId: reader.number(4),
    gasUsed: reader.number(8),
    gasLimit: reader.number(8),
    baseFee: reader.integer(32),
    protocolVersion: reader.number(4),
    extraData: reader.bytes().toString('hex'),
  };
  const hash = blake3Of(raw.subarray(0, reader.offset));
  const count = reader.varint();
  const transactions = Array.from({ length: count }, () => readTransaction(reader.bytes()));
  assert.ok(reader.isAtEnd, 'bytes after the last transaction');
  return { header: { ...header, hash }, transactions };
}

function readTransaction(raw: Buffer) {
  const reader = new Reader(raw);
  const signed = {
    type: transactionTypes[reader.number(1)],
    nonce: reader.number(8),
    sender: reader.hex(20),
    to: reader.hex(20),
    value: reader.integer(32),
    gasLimit: reader.integer(8),
    gasPrice: reader.integer(32),
    maxFeePerGas: reader.integer(32),
    maxPriorityFeePerGas: reader.integer(32),
    data: reader.bytes().toString('hex').toUpperCase(),
    priority: reader.number(1),
    chainId: reader.number(4),
  };
  const payload = raw.subarray(0, reader.offset);
  const signature = reader.take(64).toString('hex');
  const senderPublicKey = reader.take(32).toString('hex');
  const proofCount = reader.varint();
  const proofsStart = reader.offset;
  const proofs = Array.from({ length: proofCount }, () => ({
    schemaId: reader.hex(32),
    proof: reader.bytes().toString('hex').toUpperCase(),
    publicInputs: reader.bytes().toString('hex').toUpperCase(),
    nullifier: reader.hex(32),
  }));
  assert.ok(reader.isAtEnd, 'bytes after the last proof');
  const digest = proofCount === 0 ? Buffer.alloc(32) : blake3(raw.subarray(proofsStart));
  const hash = blake3Of(Buffer.concat([payload, digest]));
  return { ...signed, proofs, hash, signature, senderPublicKey };
}

function blake3Of(bytes: Uint8Array): string {
  return `0x${Buffer.from(blake3(bytes)).toString('hex')}`;
}
