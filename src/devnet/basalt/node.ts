/**
 * One node: its copy of the chain, what of it is in memory, the receipts on its disk, and when it
 * announces a block. It follows the chain when told to; it tells nobody of a rollback.
 */
import type { BasaltChain } from './chain/basalt-chain.ts';
import type { Block } from './chain/block.ts';
import { BlockList } from './chain/block-list.ts';
import type { Receipt } from './chain/transaction.ts';
import { createFaults, type Faults } from './faults.ts';
import { BlockStream } from './stream/block-stream.ts';
import type { StreamTiming } from './stream/client.ts';

/** What a node is there for. */
export type NodeMode = 'standalone' | 'validator' | 'rpc';

/** How a node is set up; everything has a default. */
export interface NodeOptions {
  /** Default `standalone`. */
  readonly mode?: NodeMode;
  /** Default: true, false for `standalone`. Without one a restart forgets everything. */
  readonly hasDataDir?: boolean;
  /** Blocks below the tip that stay in memory. Default 10,000. */
  readonly memoryBlocksMax?: number;
  /** Sockets at a time. Default 1,000. */
  readonly connectionsMax?: number;
  /** Per remote address. Default 100; 1,000 for `rpc`. */
  readonly requestsPerMinuteMax?: number;
  readonly timing?: Partial<StreamTiming>;
}

/** A receipt and where it was made; the block may have been rolled back since. */
export interface StoredReceipt extends Receipt {
  readonly blockHash: string;
  readonly blockNumber: number;
}

/** What a node of each mode does by itself. */
const modes = {
  standalone: { hasDataDir: false, requestsPerMinuteMax: 100, batchBlocks: 1 },
  validator: { hasDataDir: true, requestsPerMinuteMax: 100, batchBlocks: 50 },
  rpc: { hasDataDir: true, requestsPerMinuteMax: 1000, batchBlocks: 100 },
} as const;
const memoryBlocksMaxDefault = 10_000;
const connectionsMaxDefault = 1000;
const scanBlocksMax = 1000;
const receiptsMax = 200_000;

/** A node. */
export class BasaltNode {
  readonly mode: NodeMode;
  readonly hasDataDir: boolean;
  readonly requestsPerMinuteMax: number;
  readonly faults: Faults = createFaults();
  readonly stream: BlockStream;
  /** It stays this many blocks behind the chain; infinity: it stands still. */
  lagBlocks = 0;
  readonly #chain: BasaltChain;
  readonly #blocks: BlockList;
  readonly #memoryBlocksMax: number;
  /** Below this height only genesis is in memory, since the last restart. */
  #memoryFrom = 0;
  readonly #receipts = new Map<string, StoredReceipt>();

  constructor(chain: BasaltChain, blocksMax: number, options: NodeOptions = {}) {
    const { mode = 'standalone', connectionsMax = connectionsMaxDefault, timing = {} } = options;
    this.mode = mode;
    this.hasDataDir = options.hasDataDir ?? modes[mode].hasDataDir;
    this.requestsPerMinuteMax = options.requestsPerMinuteMax ?? modes[mode].requestsPerMinuteMax;
    this.#memoryBlocksMax = options.memoryBlocksMax ?? memoryBlocksMaxDefault;
    this.#chain = chain;
    this.#blocks = new BlockList(chain.blocks.genesis, blocksMax);
    this.stream = new BlockStream({
      faults: this.faults,
      connectionsMax,
      timing,
      tip: () => this.tip,
      at: (number) => this.#blocks.at(number),
    });
    this.follow();
  }

  /** The last block that this node applied. */
  get tip(): Block {
    return this.#blocks.tip;
  }

  /** How many blocks the chain is ahead. */
  get syncLag(): number {
    return Math.max(0, this.#chain.head.number - this.tip.number);
  }

  /**
   * Follows the chain: first a rollback, silently, where its own blocks are not on the chain any
   * more; then the missing blocks. A standalone node announces each, a validator too when it is one
   * block behind; otherwise they are applied in batches, and of each batch the last is announced.
   */
  follow(): void {
    if (this.lagBlocks === Number.POSITIVE_INFINITY) return;
    const { blocks, head } = this.#chain;
    let common = this.tip.number;
    while (common > head.number || !this.#isOnChain(common)) common -= 1;
    const hasRolledBack = common < this.tip.number;
    if (hasRolledBack) this.#rollback(common);
    const target = head.number - this.lagBlocks;
    const isSteady = this.mode !== 'rpc' && !hasRolledBack && target - common === 1;
    const batchBlocks = isSteady ? 1 : modes[this.mode].batchBlocks;
    // A node that fell behind what is kept begins anew there, as one restored from a snapshot.
    if (common + 1 < blocks.lowest) this.forget();
    for (let number = Math.max(common + 1, blocks.lowest); number <= target; number += 1) {
      const block = blocks.at(number);
      if (block === undefined) throw new RangeError(`The chain has no block ${number}.`);
      this.#apply(block);
      if ((number - common) % batchBlocks === 0 || number === target) this.stream.announce(block);
    }
  }

  /**
   * The process ends and starts again: all sockets are aborted. From disk, genesis and the tip come
   * back to memory; without a data directory, genesis alone. Then it follows the chain when told to.
   */
  restart(): void {
    this.stream.dropAll();
    if (this.hasDataDir) this.#memoryFrom = this.tip.number;
    else this.forget();
  }

  /** Begins at genesis again, with no block and no receipt. */
  forget(): void {
    this.#blocks.reset();
    this.#receipts.clear();
    this.#memoryFrom = 0;
  }

  /** A block by number, if it is in memory. */
  inMemory(number: number): Block | undefined {
    if (number === 0) return this.#blocks.genesis;
    const lowest = Math.max(this.#memoryFrom, this.tip.number - this.#memoryBlocksMax);
    return number < lowest ? undefined : this.#blocks.at(number);
  }

  /** A block by hash, if it is in memory. */
  inMemoryByHash(hash: string): Block | undefined {
    const block = this.#blocks.withHash(hash);
    return block === undefined ? undefined : this.inMemory(block.number);
  }

  /** A block by number on disk. */
  onDisk(number: number): Block | undefined {
    return this.hasDataDir ? this.#blocks.at(number) : undefined;
  }

  /** The blocks in memory that a search for transactions looks at, newest first. */
  recentBlocks(): readonly Block[] {
    const recent: Block[] = [];
    for (let number = this.tip.number; number > this.tip.number - scanBlocksMax; number -= 1) {
      const block = number < 0 ? undefined : this.inMemory(number);
      if (block !== undefined) recent.push(block);
    }
    return recent;
  }

  /**
   * The receipt of a transaction: from disk, where a rollback does not remove it, else from the
   * recent blocks in memory.
   */
  receipt(hash: string): StoredReceipt | undefined {
    if (this.hasDataDir) return this.#receipts.get(hash);
    for (const block of this.recentBlocks()) {
      const found = storedReceipts(block).find((receipt) => receipt.transactionHash === hash);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #isOnChain(number: number): boolean {
    const block = this.#blocks.at(number);
    return block !== undefined && this.#chain.blocks.has(block);
  }

  #rollback(toNumber: number): void {
    this.#blocks.cut(toNumber);
    this.#memoryFrom = Math.min(this.#memoryFrom, toNumber);
  }

  #apply(block: Block): void {
    this.#blocks.push(block);
    if (!this.hasDataDir) return;
    for (const receipt of storedReceipts(block)) {
      // The latest receipt of a hash replaces the earlier one, and is the youngest of the map.
      this.#receipts.delete(receipt.transactionHash);
      this.#receipts.set(receipt.transactionHash, receipt);
    }
    for (const hash of this.#receipts.keys()) {
      if (this.#receipts.size <= receiptsMax) break;
      this.#receipts.delete(hash);
    }
  }
}

function storedReceipts({ hash, number, receipts, fills }: Block): readonly StoredReceipt[] {
  return [...receipts, ...fills]
    .filter((receipt) => receipt !== undefined)
    .map((receipt) => ({ ...receipt, blockHash: hash, blockNumber: number }));
}
