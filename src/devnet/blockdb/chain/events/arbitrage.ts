/** Trades around a cycle of pools, and what BlockDB says about the cycle at their last log. */
import type { SeededRandom } from '../../../traffic/seeded-random.ts';
import type { Cast } from '../cast.ts';
import type { TransactionPlan } from '../draft.ts';
import { decimalText, orNull } from '../values.ts';
import { drawTrade, writerOfTrade } from './swaps.ts';

/** A transaction that trades with each pool of a cycle. */
export function drawArbitrage(random: SeededRandom, cast: Cast, trader: string): TransactionPlan {
  const path = random.pick(cast.paths);
  const writers = path.pools.map((pool, n) => {
    const lots = random.fork(`trade${n}`);
    return writerOfTrade(lots, drawTrade(lots, { pool, trader }));
  });
  const isReversed = random.chance(0.5);
  const isActive = random.chance(0.7);
  const order = <T>(list: readonly T[]): readonly T[] => (isReversed ? [...list].reverse() : list);
  const profit = BigInt(random.integer(-9_000_000, 90_000_000)) * 10n ** 9n;
  const opportunity = {
    path_id: path.id,
    is_reversed: isReversed,
    pool_uids: order(path.pools).map(({ uid }) => uid),
    token_path: order(path.tokens).map(({ address }) => address),
    amounts: path.tokens.map(() => decimalText(BigInt(random.integer(1, 9_999)) * 10n ** 15n)),
    profit_in_tokens: orNull(random, decimalText(profit)),
    token_vwap_usd: orNull(random, decimalText(10n ** 18n)),
    profit_in_usd: orNull(random, decimalText(profit)),
  };
  const trigger = orNull(random, path.pools[0]?.uid ?? null);
  return {
    to: cast.factory,
    write: (out) => {
      let index = 0;
      for (const write of writers) index = write(out);
      out.add('0801', { log_index: index, ...opportunity });
      out.add('0702', {
        path_id: path.id,
        log_index: index,
        is_active: isActive,
        trigger_pool_uid: trigger,
      });
    },
  };
}
