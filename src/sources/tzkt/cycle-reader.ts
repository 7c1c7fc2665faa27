/**
 * Cycles with the block they are published with: the one a given number of levels after the first.
 * The hub's own message comes at that level too, but only if the indexer took no two blocks at once.
 */

import { isObject } from '../wire-object.ts';
import type { TzktBlock, WireFields } from './messages.ts';
import type { TzktRest } from './rest.ts';
import { isLevel, malformed } from './wire.ts';

/** Remembers where the newest cycles begin: that never changes. */
export class CycleReader {
  readonly #rest: TzktRest;
  readonly #delayBlocks: number;
  #index = -1;
  #firstLevel = -1;

  constructor(rest: TzktRest, delayBlocks: number) {
    this.#rest = rest;
    this.#delayBlocks = delayBlocks;
  }

  /** The cycle that is published with this block, if any; or that REST has not come to the block. */
  async at(block: TzktBlock, signal: AbortSignal): Promise<readonly WireFields[] | 'lagging'> {
    if (block.cycle === this.#index && !this.#isPublishedAt(block)) return [];
    const { value, level } = await this.#rest.get(
      { path: `/v1/cycles/${block.cycle}`, params: {} },
      signal,
    );
    if ((level ?? block.level) < block.level) return 'lagging';
    // An indexer that has not made the cycle's rights yet does not have it (204).
    if (value === null) return [];
    const firstLevel = isObject(value) ? value['firstLevel'] : undefined;
    if (!isObject(value) || !isLevel(firstLevel)) {
      throw malformed(`/v1/cycles/${block.cycle}`, 'firstLevel', firstLevel);
    }
    this.#index = block.cycle;
    this.#firstLevel = firstLevel;
    return this.#isPublishedAt(block) ? [value] : [];
  }

  #isPublishedAt(block: TzktBlock): boolean {
    return block.level === this.#firstLevel + this.#delayBlocks;
  }
}
