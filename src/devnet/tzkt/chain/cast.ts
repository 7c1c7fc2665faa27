/**
 * Who takes part in a simulated chain: bakers, users, contracts, rollups. The same seed gives the
 * same addresses; some have an alias, one of them in many scripts.
 */

import type { Item } from '../../simulator/json.ts';
import { hashOf, type NameShape, tezosName } from './base58.ts';

/** Someone with an address. */
export interface Party {
  readonly address: string;
  readonly alias?: string;
}

/** A contract with code. */
export interface Contract extends Party {
  readonly codeHash: number;
  readonly typeHash: number;
}

/** All parties of one chain. */
export interface Cast {
  readonly seed: string;
  readonly bakers: readonly Party[];
  readonly users: readonly Party[];
  /** A token contract of standard FA2 with several token ids, one above 2^64. */
  readonly fa2: Contract;
  /** A token contract of standard FA1.2. */
  readonly fa12: Contract;
  /** Emits events and makes internal operations. */
  readonly exchange: Contract;
  /** Issues tickets. */
  readonly ticketer: Contract;
  /** Holds tokens, is nothing else. */
  readonly ghost: Party;
  readonly rollup: Party;
  readonly formerRollup: Party;
}

const userShapes: readonly NameShape[] = ['tz1', 'tz1', 'tz2', 'tz3'];
const bakerShapes: readonly NameShape[] = ['tz3', 'tz1', 'tz4', 'tz4'];

/** The parties that belong to this seed. */
export function createCast(seed: string): Cast {
  return {
    seed,
    bakers: bakerShapes.map((shape, n) => ({
      ...(n === 0 ? { alias: 'Example Baker' } : {}),
      address: tezosName(shape, `${seed}/baker/${n}`),
    })),
    users: Array.from({ length: 12 }, (_, n) => ({
      ...(n === 3 ? { alias: 'Ünïcødé 用户 🦊 "quoted" \u2028 עברית' } : {}),
      address: tezosName(userShapes[n % userShapes.length] ?? 'tz1', `${seed}/user/${n}`),
    })),
    fa2: contractOf(seed, 'fa2', 'Example FA2'),
    fa12: contractOf(seed, 'fa12'),
    exchange: contractOf(seed, 'exchange'),
    ticketer: contractOf(seed, 'ticketer', 'Ticket <office> & sons'),
    ghost: { address: tezosName('KT1', `${seed}/ghost`) },
    rollup: { address: tezosName('sr1', `${seed}/rollup`) },
    formerRollup: { address: tezosName('txr1', `${seed}/rollup`) },
  };
}

/** A contract that belongs to this seed and name. */
export function contractOf(seed: string, name: string, alias?: string): Contract {
  return {
    ...(alias === undefined ? {} : { alias }),
    address: tezosName('KT1', `${seed}/${name}`),
    codeHash: hashOf(`${seed}/${name}/code`),
    typeHash: hashOf(`${seed}/${name}/type`),
  };
}

/** How TzKT shows a party within other objects. */
export function shown(party: Party): Item {
  return party.alias === undefined
    ? { address: party.address }
    : { alias: party.alias, address: party.address };
}
