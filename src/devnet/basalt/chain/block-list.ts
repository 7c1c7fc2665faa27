/** Linked blocks from genesis to a tip, without the oldest where too many came. */
import type { Block } from './block.ts';

/** Blocks by number and by hash. Genesis is always there. */
export class BlockList {
  readonly genesis: Block;
  readonly #blocksMax: number;
  /** From `#lowest` to the tip. */
  #blocks: Block[] = [];
  #lowest = 1;
  readonly #byHash = new Map<string, Block>();

  constructor(genesis: Block, blocksMax: number) {
    this.genesis = genesis;
    this.#blocksMax = blocksMax;
    this.#byHash.set(genesis.hash, genesis);
  }

  /** The last block. */
  get tip(): Block {
    return this.#blocks.at(-1) ?? this.genesis;
  }

  /** The lowest number above genesis that is kept. */
  get lowest(): number {
    return this.#lowest;
  }

  /** The block at this height; undefined when it was dropped or does not exist. */
  at(number: number): Block | undefined {
    return number === 0 ? this.genesis : this.#blocks[number - this.#lowest];
  }

  /** The block with this hash; undefined when it is not here. */
  withHash(hash: string): Block | undefined {
    return this.#byHash.get(hash);
  }

  /** True when this very block is here. */
  has(block: Block): boolean {
    return this.at(block.number)?.hash === block.hash;
  }

  /** Adds the block after the tip, or any after genesis, and drops the oldest above the limit. */
  push(block: Block): void {
    if (this.#blocks.length === 0) this.#lowest = block.number;
    this.#blocks.push(block);
    this.#byHash.set(block.hash, block);
    if (this.#blocks.length <= this.#blocksMax) return;
    for (const dropped of this.#blocks.splice(0, 1)) this.#byHash.delete(dropped.hash);
    this.#lowest += 1;
  }

  /** Removes all blocks above this height and gives them back, lowest first. */
  cut(number: number): readonly Block[] {
    const removed = this.#blocks.splice(Math.max(0, number + 1 - this.#lowest));
    for (const { hash } of removed) this.#byHash.delete(hash);
    if (this.#blocks.length === 0) this.#lowest = number + 1;
    return removed;
  }

  /** Forgets everything but genesis. */
  reset(): void {
    this.cut(0);
    this.#lowest = 1;
  }
}
