/** Where the content of one block comes from: seeded lots, the parties, and names used once. */
import type { SeededRandom } from '../../traffic/seeded-random.ts';
import type { Cast } from './cast.ts';

/** What a maker of operations may draw from. */
export interface Draw {
  readonly random: SeededRandom;
  readonly cast: Cast;
  readonly level: number;
  readonly cycle: number;
  /** A number that no other operation of this block has. */
  serial(): number;
  /** An operation hash that no other group of operations has. */
  operationHash(): string;
}
