/** Who appears on the simulated chain: accounts, tokens and pools that were there before it begins. */
import { SeededRandom } from '../../traffic/seeded-random.ts';
import { awkwardNames } from './values.ts';

/** A token contract. */
export interface Token {
  readonly address: string;
  readonly name: string | null;
  readonly symbol: string | null;
  readonly decimals: number | null;
  /** Dollars of one token, in millionths; 1,000,000 for the stable coin. */
  readonly microUsd: number;
}

/** How a pool keeps its liquidity. */
export type PoolKind = 'even' | 'concentrated' | 'singleton' | 'stable' | 'weighted' | 'bins';

/** A pool. */
export interface Pool {
  readonly uid: string;
  readonly kind: PoolKind;
  readonly exchangeId: number;
  readonly typeId: number;
  /** null for pools that live inside a manager contract. */
  readonly address: string | null;
  readonly poolId: string | null;
  /** Contract that emits its events. */
  readonly emitter: string;
  readonly tokens: readonly Token[];
  /** Millionths. */
  readonly feePpm: number;
}

/** A cycle of pools. */
export interface Path {
  readonly id: string;
  readonly pools: readonly Pool[];
  readonly tokens: readonly Token[];
}

/** The cast. */
export interface Cast {
  readonly accounts: readonly string[];
  /** Fungible; the first one is the stable coin. */
  readonly tokens: readonly Token[];
  readonly collections: readonly string[];
  readonly multiTokens: readonly string[];
  readonly pools: readonly Pool[];
  readonly paths: readonly Path[];
  readonly factory: string;
  readonly vault: string;
}

/** Numbers of exchange and type by kind. */
export const poolKinds: Readonly<
  Record<PoolKind, { readonly exchangeId: number; readonly typeId: number }>
> = {
  even: { exchangeId: 2, typeId: 2 },
  concentrated: { exchangeId: 3, typeId: 301 },
  singleton: { exchangeId: 4, typeId: 302 },
  stable: { exchangeId: 11, typeId: 201 },
  weighted: { exchangeId: 21, typeId: 3303 },
  bins: { exchangeId: 31, typeId: 401 },
};

/** The same seed gives the same cast. */
export function createCast(seed: string): Cast {
  const random = new SeededRandom(`${seed}/cast`);
  const list = (count: number): string[] => Array.from({ length: count }, () => random.hex(20));
  const token = (
    symbol: string | null,
    decimals: number | null,
    options: { name: string | null; microUsd: number },
  ): Token => ({ address: random.hex(20), symbol, decimals, ...options });
  const usd = token('USDX', 6, { name: 'Simulated Dollar', microUsd: 1_000_000 });
  const eth = token('WSIM', 18, { name: 'Wrapped Sim', microUsd: 2_450_310_000 });
  const btc = token('SBTC', 8, { name: 'Sim Bitcoin', microUsd: 61_002_500_000 });
  const odd = token('🦊', 0, { name: awkwardNames[0] ?? null, microUsd: 12_500 });
  const mute = token(null, null, { name: null, microUsd: 1 });
  const pools: Pool[] = (
    [
      ['even', [eth, usd], 3000],
      ['concentrated', [btc, usd], 500],
      ['singleton', [eth, btc], 3000],
      ['stable', [usd, odd], 400],
      ['weighted', [eth, odd, usd], 10_000],
      ['bins', [mute, eth], 2000],
    ] as const
  ).map(([kind, tokens, feePpm]) => drawPool(random, { kind, tokens, feePpm }));
  const vault = random.hex(20);
  return {
    accounts: list(12),
    tokens: [usd, eth, btc, odd, mute],
    collections: list(2),
    multiTokens: list(2),
    pools,
    paths: pathsOf(random, pools, [usd, eth, btc]),
    factory: random.hex(20),
    vault,
  };
}

/** A new pool. Its id is its address with zeros behind it, or drawn where it has no contract. */
export function drawPool(
  random: SeededRandom,
  { kind, tokens, feePpm }: Pick<Pool, 'kind' | 'tokens' | 'feePpm'>,
): Pool {
  const address = random.hex(20);
  const poolId = random.hex(32);
  const isSingleton = kind === 'singleton';
  return {
    ...poolKinds[kind],
    uid: isSingleton ? poolId : address.padEnd(64, '0'),
    kind,
    address: isSingleton ? null : address,
    poolId: isSingleton || kind === 'weighted' ? poolId : null,
    emitter: address,
    tokens,
    feePpm,
  };
}

function pathsOf(
  random: SeededRandom,
  pools: readonly Pool[],
  tokens: readonly Token[],
): readonly Path[] {
  return [pools.slice(0, 3), pools.slice(0, 3).reverse()].map((some) => ({
    id: random.hex(32),
    pools: some,
    tokens: [...tokens, ...tokens.slice(0, 1)],
  }));
}
