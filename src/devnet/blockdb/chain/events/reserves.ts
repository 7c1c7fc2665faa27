/** What a pool holds after an event: even reserves, a tick with a root of the price, or a bin. */
import type { Item, Json } from '../../../simulator/json.ts';
import type { SeededRandom } from '../../../traffic/seeded-random.ts';
import type { Pool } from '../cast.ts';
import type { TransactionSink } from '../draft.ts';
import { adjustedText, drawAmount } from '../values.ts';
import { poolMembers } from './members.ts';

/** Where and of which pool. */
export interface ReservesPlace {
  readonly index: number;
  readonly pool: Pool;
  readonly random: SeededRandom;
}

/** Writes the row of the reserves. */
export function writeReserves(out: TransactionSink, { index, pool, random }: ReservesPlace): void {
  const { kind, tokens } = pool;
  const held = tokens.map(({ decimals }) => drawAmount(random, decimals));
  const isEven = kind === 'even' || kind === 'stable' || kind === 'weighted';
  const ticks = kind === 'concentrated' || kind === 'singleton';
  const adjustedHeld: readonly Json[] = tokens.map(({ decimals }, n) =>
    adjustedText(held[n] ?? 0n, decimals),
  );
  const members: Item = {
    ...poolMembers(pool),
    log_index: index,
    reserves: isEven ? held.map(String) : null,
    reserves_decimals_adjusted: isEven && !adjustedHeld.includes(null) ? adjustedHeld : null,
    current_tick: ticks ? random.integer(-887_272, 887_272) : null,
    current_sqrt_price: ticks ? (2n ** 96n + BigInt(random.integer(0, 2 ** 31))).toString() : null,
    current_bin: kind === 'bins' ? random.integer(8_380_000, 8_390_000) : null,
    details: ticks ? { ticks: [{ tick: -60, liquidity_net: '-1' }] } : null,
  };
  out.add('0301', members);
}
