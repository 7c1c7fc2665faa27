/** Value locked in a pool and what it yields, as of a swap. */
import type { SeededRandom } from '../../../traffic/seeded-random.ts';
import { timeText } from '../block.ts';
import type { Pool } from '../cast.ts';
import type { TransactionSink } from '../draft.ts';
import { decimalText, drawAmount, orNull } from '../values.ts';
import { poolMembers } from './members.ts';

const horizons = [1, 3, 7, 14, 30, 90, 365];
const dayMs = 86_400_000;
const microUsd = 10n ** 12n;

/** Writes the value locked. */
export function writeTvl(out: TransactionSink, index: number, pool: Pool): void {
  const worth = BigInt(out.height % 997) * BigInt(index + 1) * 1_234_567n;
  out.add('0601', {
    ...poolMembers(pool),
    log_index: index,
    token_amounts: pool.tokens.map((_, n) => decimalText(worth * BigInt(n + 3) * microUsd)),
    tvl_usd: index % 17 === 0 ? null : decimalText(worth * microUsd),
  });
}

/** Draws the yields over some horizons and returns what writes them. */
export function drawYield(
  random: SeededRandom,
  pool: Pool,
): (out: TransactionSink, index: number) => void {
  const first = random.integer(0, horizons.length - 2);
  const rows = horizons.slice(first, first + 2).map((target) => {
    const observed = random.chance(0.5) ? target : random.integer(1, target);
    const perToken = () =>
      orNull(
        random,
        pool.tokens.map(() => decimalText(drawAmount(random, 18))),
      );
    return {
      target_period_days: target,
      observed_period_days: observed,
      is_full_period: observed === target,
      is_extrapolated: observed < target,
      extrapolation_factor: orNull(
        random,
        decimalText(BigInt(target * 1_000_000) / BigInt(observed), 6),
      ),
      tokens: pool.tokens.map(({ address }) => address),
      current_reserves: perToken(),
      volume_observed: perToken(),
      volume_predicted: perToken(),
      user_fees_observed: perToken(),
      user_fees_predicted: perToken(),
      roi_predicted: perToken(),
    };
  });
  return (out, index) => {
    for (const row of rows) {
      out.add('0411', {
        ...poolMembers(pool),
        log_index: index,
        window_start_time: timeText(out.timeMs - row.observed_period_days * dayMs),
        window_end_time: out.timeText,
        ...row,
      });
    }
  };
}
