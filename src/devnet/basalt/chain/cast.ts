/** Who takes part in a simulated chain. The same seed gives the same addresses. */
import { hashOf } from './serialize.ts';

/** All addresses of one chain, 0x and 40 lower-case digits. */
export interface Cast {
  readonly proposers: readonly string[];
  readonly users: readonly string[];
  readonly contracts: readonly string[];
  /** The exchange that is built into the chain. */
  readonly dex: string;
}

/** The parties that belong to this seed. */
export function createCast(seed: string): Cast {
  const address = (name: string): string => `0x${hashOf(`${seed}/${name}`).slice(-40)}`;
  const several = (name: string, count: number): readonly string[] =>
    Array.from({ length: count }, (_, n) => address(`${name}/${n}`));
  return {
    proposers: several('proposer', 4),
    users: several('user', 12),
    contracts: several('contract', 5),
    dex: `0x${'100a'.padStart(40, '0')}`,
  };
}
