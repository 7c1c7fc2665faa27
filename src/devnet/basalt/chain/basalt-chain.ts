/**
 * The chain that the validators agree on, in memory. Nodes follow it, each at its own pace. Same seed
 * and same calls: same bytes.
 */
import { SeededRandom } from '../../traffic/seeded-random.ts';
import type { Block } from './block.ts';
import { BlockList } from './block-list.ts';
import { type BlockRequest, makeBlock, makeGenesis } from './block-maker.ts';
import { type Cast, createCast } from './cast.ts';
import type { Transaction } from './transaction.ts';

/** What kind of chain. */
export interface ChainOptions {
  readonly seed: string;
  readonly chainId: number;
  readonly blockTimeMs: number;
  /** Time of block 1 where no clock is given. */
  readonly startTimeMs: number;
  /** The time now; undefined: one block time after the parent. */
  readonly now?: () => number | undefined;
  /** How many blocks are kept; older ones are forgotten, by the nodes too. */
  readonly blocksMax: number;
}

/** The deepest rollback that the nodes know how to make. */
const rollbackMax = 1000;
const comesBackChance = 0.7;

/** The chain. */
export class BasaltChain {
  readonly #options: ChainOptions;
  readonly #cast: Cast;
  readonly #blocks: BlockList;
  #nonces = new Map<string, number>();
  /** Transactions that a rollback took and no block has again yet, in order. */
  #lost: readonly Transaction[] = [];
  /** Counts rollbacks, so that no new branch equals an earlier one. */
  #branch = 0;

  constructor(options: ChainOptions) {
    this.#options = options;
    this.#cast = createCast(options.seed);
    this.#blocks = new BlockList(makeGenesis(options.chainId), options.blocksMax);
  }

  /** The blocks of the chain now; to be read only. */
  get blocks(): Omit<BlockList, 'push' | 'cut' | 'reset'> {
    return this.#blocks;
  }

  get head(): Block {
    return this.#blocks.tip;
  }

  /** How deep a rollback can go now. */
  get depthMax(): number {
    return Math.min(rollbackMax, this.head.number - this.#blocks.lowest + 1);
  }

  /** Adds a block. */
  append(request: BlockRequest = {}): Block {
    const { seed } = this.#options;
    const parent = this.head;
    const random = new SeededRandom(`${seed}/${parent.number + 1}/${this.#branch}`);
    const returning = request.comesBack === false ? [] : this.#drawReturning(random);
    this.#lost = [];
    const block = makeBlock(
      {
        random,
        cast: this.#cast,
        parent,
        timestamp: this.#timeAfter(parent),
        branch: this.#branch,
        returning,
        nonceOf: (sender) => this.#nonces.get(sender) ?? 0,
      },
      request,
    );
    this.put(block);
    return block;
  }

  /** Adds a block that was made before. Throws when it does not follow the head. */
  put(block: Block): void {
    if (block.parentHash !== this.head.hash) {
      throw new RangeError(`Block ${block.number} does not follow ${this.head.number}.`);
    }
    for (const { sender, nonce } of block.transactions) this.#nonces.set(sender, nonce + 1);
    this.#blocks.push(block);
  }

  /** Takes the last blocks away and gives them back, lowest first. */
  rollback(depth: number): readonly Block[] {
    if (!Number.isInteger(depth) || depth < 1 || depth > this.depthMax) {
      throw new RangeError(`A depth of 1 to ${this.depthMax} is possible now, not ${depth}.`);
    }
    const removed = this.#blocks.cut(this.head.number - depth);
    const transactions = removed.flatMap((block) => block.transactions);
    for (const { sender, nonce } of [...transactions].reverse()) this.#nonces.set(sender, nonce);
    this.#lost = [...transactions, ...this.#lost];
    this.#branch += 1;
    return removed;
  }

  /** Begins again after the same genesis; no later block equals an earlier one. */
  startAgain(): void {
    this.#blocks.reset();
    this.#nonces = new Map();
    this.#lost = [];
    this.#branch += 1;
  }

  /** A sender's transactions come back in order and without holes, or not at all. */
  #drawReturning(random: SeededRandom): readonly Transaction[] {
    const next = new Map(this.#nonces);
    return this.#lost.filter(({ sender, nonce }) => {
      if (nonce !== (next.get(sender) ?? 0) || !random.chance(comesBackChance)) return false;
      next.set(sender, nonce + 1);
      return true;
    });
  }

  #timeAfter(parent: Block): number {
    const { now, startTimeMs, blockTimeMs } = this.#options;
    const expected = parent.number === 0 ? startTimeMs : parent.timestamp + blockTimeMs;
    return Math.max(parent.timestamp + 1, now?.() ?? expected);
  }
}
