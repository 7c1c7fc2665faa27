/**
 * Blocks for the scripted node, with hashes that can be read: `3a` is height 3 on branch a. Every
 * block holds the transactions it is given, each of which emits one ERC-20 transfer.
 */
const zeros = (digits: number): string => '0'.repeat(digits);

/** `3a` → a 32-byte hash that ends in it. The letter is the branch: a to f. */
export function hashOf(name: string): string {
  return `0x${name.padStart(64, '0')}`;
}

/** ERC-20's Transfer(address,address,uint256). */
export const transferTopic = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef';

/** An address that ends in the digits. */
export function addressOf(digits: string): string {
  return `0x${digits.padStart(40, '0')}`;
}

/** A topic or word that ends in the digits. */
export function wordOf(digits: string): string {
  return `0x${digits.padStart(64, '0')}`;
}

export type WireObject = Record<string, unknown>;

/** A block with its receipts and call trees, as a node would give them. */
export interface FakeBlock {
  readonly height: number;
  readonly hash: string;
  readonly parentHash: string;
  readonly transactions: readonly string[];
}

/** `5b` on `4a`, with transactions by name. */
export function fakeBlock(
  name: string,
  parent: string,
  transactions: readonly string[] = [],
): FakeBlock {
  return {
    height: Number.parseInt(name, 10),
    hash: hashOf(name),
    parentHash: hashOf(parent),
    transactions: transactions.map(hashOf),
  };
}

const hex = (value: number): string => `0x${value.toString(16)}`;

/** As `eth_getBlockBy…` answers. */
export function wireBlock(block: FakeBlock, isFull: boolean): WireObject {
  return {
    hash: block.hash,
    parentHash: block.parentHash,
    number: hex(block.height),
    timestamp: hex(1_700_000_000 + block.height),
    miner: addressOf('fee'),
    logsBloom: `0x${block.transactions.length > 0 ? '1' : '0'}${zeros(511)}`,
    gasLimit: '0x1c9c380',
    gasUsed: hex(21_000 * block.transactions.length),
    baseFeePerGas: '0x3b9aca00',
    difficulty: '0x0',
    extraData: '0x',
    nonce: '0x0000000000000000',
    transactions: isFull
      ? block.transactions.map((hash, index) => wireTransaction(block, hash, index))
      : block.transactions,
  };
}

function wireTransaction(block: FakeBlock, hash: string, index: number): WireObject {
  return {
    hash,
    blockHash: block.hash,
    blockNumber: hex(block.height),
    transactionIndex: hex(index),
    from: addressOf('a'),
    to: addressOf('c0'),
    nonce: hex(index),
    value: '0xde0b6b3a7640000',
    gas: '0x5208',
    gasPrice: '0x3b9aca00',
    input: '0x',
    type: '0x2',
    maxFeePerGas: '0x77359400',
    maxPriorityFeePerGas: '0x1',
  };
}

/** As `eth_getBlockReceipts` answers. */
export function wireReceipts(block: FakeBlock): WireObject[] {
  return block.transactions.map((hash, index) => ({
    transactionHash: hash,
    transactionIndex: hex(index),
    blockHash: block.hash,
    blockNumber: hex(block.height),
    from: addressOf('a'),
    to: addressOf('c0'),
    contractAddress: null,
    status: '0x1',
    type: '0x2',
    gasUsed: '0x5208',
    cumulativeGasUsed: hex(21_000 * (index + 1)),
    effectiveGasPrice: '0x3b9aca01',
    logs: [
      {
        address: addressOf('c0'),
        topics: [transferTopic, wordOf('a'), wordOf('b')],
        data: wordOf(hex(index + 1).slice(2)),
        blockHash: block.hash,
        blockNumber: hex(block.height),
        transactionHash: hash,
        transactionIndex: hex(index),
        logIndex: hex(index),
        removed: false,
      },
    ],
  }));
}

/** As `debug_traceBlockByHash` answers: each transaction calls once and creates once. */
export function wireTraces(block: FakeBlock): WireObject[] {
  return block.transactions.map((txHash) => ({
    txHash,
    result: {
      type: 'CALL',
      from: addressOf('a'),
      to: addressOf('c0'),
      value: '0xde0b6b3a7640000',
      gas: '0x5208',
      gasUsed: '0x5208',
      input: '0x',
      calls: [
        { type: 'STATICCALL', from: addressOf('c0'), to: addressOf('c1'), input: '0x', gas: '0x1' },
      ],
    },
  }));
}
