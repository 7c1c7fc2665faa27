/** A value that wanders around a base: for any block, the same each time it is asked for. */
import { SeededRandom } from '../../traffic/seeded-random.ts';
import { BoundedCache } from './bounded-cache.ts';

/** Waves laid over each other: how many blocks between two knots, how many units either way. */
const waves: readonly (readonly [blocks: number, units: number])[] = [
  [10, 1.5],
  [100, 5],
  [600, 15],
  [6000, 40],
  [36_000, 150],
];
const knotsMax = 4000;
const unitsMin = 20;

/** The path of one value, in its smallest units and parts of one. */
export class ValuePath {
  readonly #base: number;
  readonly #knots: readonly BoundedCache<number, number>[];

  constructor(seed: string, base: number) {
    this.#base = base;
    this.#knots = waves.map(
      ([blocks, units]) =>
        new BoundedCache(knotsMax, (n) => {
          const random = new SeededRandom(`${seed}/${blocks}/${n}`);
          return (random.next() * 2 - 1) * units;
        }),
    );
  }

  /** The value in a block; 20 units at least. */
  at(block: number): number {
    let value = this.#base;
    for (const [index, [blocks]] of waves.entries()) {
      const place = block / blocks;
      const left = Math.floor(place);
      const knots = this.#knots[index];
      if (knots === undefined) continue;
      const before = knots.get(left);
      value += before + (knots.get(left + 1) - before) * (place - left);
    }
    return Math.max(value, unitsMin);
  }
}

/** The highest price in ticks that a resting buy order can have around a middle; a sell: 2 more. */
export function bidMaxOf(middleTicks: number): number {
  return Math.ceil(middleTicks) - 1;
}
