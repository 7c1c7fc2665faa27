/** Which block may be called final now. It only moves up, whatever a node says. */
import type { BlockRef } from '../../model/block.ts';
import { finalByDepth } from '../following/final-by-depth.ts';
import type { SourceRuntime } from '../source.ts';
import type { EvmConfig } from './config.ts';
import type { Tips } from './node.ts';

/** Remembers the last height it gave. */
export class Finality {
  readonly #config: EvmConfig;
  readonly #runtime: SourceRuntime;
  #height: number;

  constructor(config: EvmConfig, runtime: SourceRuntime) {
    this.#config = config;
    this.#runtime = runtime;
    this.#height = runtime.finalizedHeight() ?? -1;
  }

  get usesTag(): boolean {
    return this.#config.finality === 'tag';
  }

  /** The new finalized block, or null when it did not move. `tip` is our own newest block. */
  advance(tips: Tips, tip: BlockRef | null): BlockRef | null {
    const block = this.usesTag ? tips.finalized : this.#atDepth(tips.head.height, tip);
    if (block === null || block.height <= this.#height) return null;
    this.#height = block.height;
    return { height: block.height, hash: block.hash };
  }

  #atDepth(headHeight: number, tip: BlockRef | null): BlockRef | null {
    const { finality, finalityDepth: depth } = this.#config;
    return finality === 'depth' ? finalByDepth({ headHeight, depth }, tip, this.#runtime) : null;
  }
}
