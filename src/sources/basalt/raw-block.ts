/**
 * Blocks as `/v1/sync/blocks` gives them: the node's own serialization (Basalt reference 6), the one
 * form in which old blocks can be had. Its header is what the block hash is made of, so it is proven.
 */
import { blake3 } from '@noble/hashes/blake3.js';
import { formatBlock } from '../../model/block.ts';
import { TransientError } from '../../model/errors.ts';
import { ByteReader, ShortBytesError } from './byte-reader.ts';
import type { BasaltBlock, WireTransaction } from './messages.ts';
import { hashIn, heightIn, malformed, objectIn, timeMsOf } from './wire.ts';

/** Names of the transaction types by their code (Basalt reference 5). */
const transactionTypes: readonly string[] = [
  'Transfer',
  'ContractDeploy',
  'ContractCall',
  'StakeDeposit',
  'StakeWithdraw',
  'ValidatorRegister',
  'ValidatorExit',
  'DexCreatePool',
  'DexAddLiquidity',
  'DexRemoveLiquidity',
  'DexSwapIntent',
  'DexLimitOrder',
  'DexCancelOrder',
  'DexTransferLp',
  'DexApproveLp',
  'DexMintPosition',
  'DexBurnPosition',
  'DexCollectFees',
  'DexEncryptedSwapIntent',
  'DexAdminPause',
  'DexSetParameter',
];
const noProofs = Buffer.alloc(32);

/**
 * One entry of the answer. Throws `source.malformed_frame` for bytes of another form and
 * `source.inconsistent_block` when they do not hash to what the entry says.
 */
export function parseRawBlock(value: unknown, asked: string): BasaltBlock {
  const entry = objectIn(value, asked);
  const height = heightIn(entry, 'number', asked);
  const where = `raw block ${height}`;
  const hash = hashIn(entry, 'hash', where);
  const { rawHex } = entry;
  if (typeof rawHex !== 'string' || !/^(?:[0-9a-fA-F]{2})+$/.test(rawHex)) {
    throw malformed(where, 'rawHex', rawHex);
  }
  const orMalformed = <T>(read: () => T): T => {
    try {
      return read();
    } catch (error) {
      if (error instanceof ShortBytesError) throw malformed(where, 'rawHex', rawHex);
      throw error;
    }
  };
  return orMalformed(() => {
    const reader = new ByteReader(Buffer.from(rawHex, 'hex'));
    const { blobs, ...block } = readBlock(reader, hash);
    if (block.height !== height || !reader.isAtEnd) throw malformed(where, 'rawHex', rawHex);
    // Most blocks have their transactions in memory too, with receipts: then these are not needed.
    const rawTransactions = () =>
      orMalformed(() => blobs.map((blob, index) => readTransaction(blob, { height, hash, index })));
    return { ...block, rawTransactions };
  });
}

function readBlock(
  reader: ByteReader,
  hash: string,
): BasaltBlock & { readonly blobs: readonly Buffer[] } {
  const height = Number(reader.u64());
  const parentHash = reader.hex(32);
  const stateRoot = reader.hex(32);
  // Roots of transactions and receipts: REST does not show them, so no row has them.
  reader.take(64);
  const timeMs = timeMsOf(Number(reader.i64()));
  const proposer = reader.hex(20);
  reader.u32();
  const gasUsed = reader.u64();
  const gasLimit = reader.u64();
  const baseFee = reader.u256();
  reader.u32();
  reader.bytes();
  const computed = hashOf(reader.before());
  if (computed !== hash) throw notTheHash({ height, hash }, computed);
  const transactionCount = reader.varint();
  const blobs: Buffer[] = [];
  for (let index = 0; index < transactionCount; index += 1) blobs.push(reader.bytes());
  const fields = {
    stateRoot,
    proposer,
    gasUsed: Number(gasUsed),
    gasLimit,
    baseFee: baseFee.toString(),
  };
  return { height, hash, parentHash, timeMs, transactionCount, fields, blobs };
}

/** In the shape of REST, with what it calls absent left out: a raw block holds no receipts. */
function readTransaction(
  blob: Buffer,
  block: { readonly height: number; readonly hash: string; readonly index: number },
): WireTransaction {
  const reader = new ByteReader(blob);
  const type = reader.u8();
  const nonce = Number(reader.u64());
  const sender = reader.hex(20);
  const to = reader.hex(20);
  const value = reader.u256().toString();
  const gasLimit = reader.u64();
  const gasPrice = reader.u256().toString();
  const maxFeePerGas = reader.u256().toString();
  const maxPriorityFeePerGas = reader.u256().toString();
  const data = reader.bytes();
  const priority = reader.u8();
  reader.u32();
  const signed = reader.before();
  reader.take(96);
  const complianceProofCount = reader.varint();
  return {
    hash: complianceProofCount === 0 ? hashOf(Buffer.concat([signed, noProofs])) : null,
    type: transactionTypes[type] ?? `Unknown${type}`,
    nonce,
    sender,
    to,
    value,
    gasLimit,
    gasPrice,
    maxFeePerGas,
    maxPriorityFeePerGas,
    priority,
    blockNumber: block.height,
    blockHash: block.hash,
    transactionIndex: block.index,
    data: data.length === 0 ? null : data.toString('hex'),
    dataSize: data.length,
    complianceProofCount,
    logs: null,
  };
}

/** BLAKE3-256. */
function hashOf(bytes: Uint8Array): string {
  return `0x${Buffer.from(blake3(bytes)).toString('hex')}`;
}

function notTheHash(block: { height: number; hash: string }, computed: string): TransientError {
  return new TransientError('source.inconsistent_block', {
    stage: 'sources',
    message: `The raw block ${formatBlock(block)} hashes to ${computed}: its bytes are not that block's. Nothing of it was published. If asking again does not help, check the node's disk or use another endpoint.`,
    context: { height: block.height, hash: block.hash },
  });
}
