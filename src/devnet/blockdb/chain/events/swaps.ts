/** A swap: its transfers and log, and what is derived from them at the same place. */
import type { SeededRandom } from '../../../traffic/seeded-random.ts';
import type { Cast, Pool, Token } from '../cast.ts';
import type { TransactionPlan, TransactionSink } from '../draft.ts';
import { adjusted, decimalText, ratio, uintMax, word } from '../values.ts';
import { amounts, poolMembers } from './members.ts';
import { writeReserves } from './reserves.ts';
import { writePayment } from './transfers.ts';
import { drawYield, writeTvl } from './yields.ts';

const swapTopic = 'c42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67';
const ppm = 1_000_000n;

/** A trade with a pool. */
export interface Trade {
  readonly pool: Pool;
  readonly tokenIn: Token;
  readonly tokenOut: Token;
  readonly amountIn: bigint;
  readonly amountOut: bigint;
  readonly trader: string;
}

/** A transaction that trades once. */
export function drawSwap(random: SeededRandom, cast: Cast, trader: string): TransactionPlan {
  const trade = drawTrade(random, { pool: random.pick(cast.pools), trader });
  const hasTvl = random.chance(0.4);
  const yields = random.chance(0.3) ? drawYield(random, trade.pool) : undefined;
  const write = writerOfTrade(random, trade);
  return {
    to: cast.factory,
    write: (out) => {
      const place = write(out);
      if (hasTvl) writeTvl(out, place, trade.pool);
      yields?.(out, place);
    },
  };
}

/** A trade near the price of the tokens; now and then of the largest amount. */
export function drawTrade(
  random: SeededRandom,
  { pool, trader }: { readonly pool: Pool; readonly trader: string },
): Trade {
  const [tokenIn, tokenOut] = random.shuffle(pool.tokens);
  if (tokenIn === undefined || tokenOut === undefined) throw new RangeError('A pool has 2 tokens.');
  const microUsd = BigInt(random.integer(1_000_000, 90_000_000)) * 1000n;
  const noise = BigInt(random.integer(990_000, 1_010_000));
  const amountIn = random.chance(0.02) ? uintMax : unitsOf(tokenIn, microUsd);
  const amountOut = (unitsOf(tokenOut, microUsd) * noise) / ppm;
  return { pool, tokenIn, tokenOut, amountIn, amountOut, trader };
}

/** Draws what is left and returns what writes the trade; it returns the index of the swap's log. */
export function writerOfTrade(
  random: SeededRandom,
  trade: Trade,
): (out: TransactionSink) => number {
  const { pool, tokenIn, tokenOut, amountIn, amountOut, trader } = trade;
  return (out) => {
    writePayment(out, { token: tokenIn, from: trader, to: pool.emitter, amount: amountIn });
    writePayment(out, { token: tokenOut, from: pool.emitter, to: trader, amount: amountOut });
    const index = out.log({
      address: pool.emitter,
      topics: [swapTopic, word(trader), word(trader)],
      data: word(amountIn) + word(amountOut),
    });
    out.add('0302', {
      ...poolMembers(pool),
      log_index: index,
      token_in: tokenIn.address,
      token_out: tokenOut.address,
      ...amounts('amount_in', amountIn, tokenIn),
      ...amounts('amount_out', amountOut, tokenOut),
      exec_price: priceOf(trade),
      base_token_address: tokenIn.address,
      quote_token_address: tokenOut.address,
    });
    writeFees(out, index, trade);
    writeReserves(out, { index, pool, random: random.fork('reserves') });
    return index;
  };
}

/** Price in `token_out` per `token_in`; null when a token's decimals are unknown, or for extremes. */
export function priceOf({ tokenIn, tokenOut, amountIn, amountOut }: Trade): string | null {
  const [a, b] = [adjusted(amountIn, tokenIn.decimals), adjusted(amountOut, tokenOut.decimals)];
  if (a === null || b === null || amountIn === uintMax) return null;
  const price = ratio(b, a);
  return price === null ? null : decimalText(price);
}

function writeFees(out: TransactionSink, index: number, trade: Trade): void {
  const { pool, tokenIn, tokenOut, amountIn, amountOut } = trade;
  const total = (amountIn * BigInt(pool.feePpm)) / ppm;
  const user = (total * 5n) / 6n;
  const protocol = (total - user) / 2n;
  out.add('0303', {
    ...poolMembers(pool),
    log_index: index,
    token_in: tokenIn.address,
    token_out: tokenOut.address,
    fee_token: tokenIn.address,
    ...amounts('amount_in', amountIn, tokenIn),
    ...amounts('amount_out', amountOut, tokenOut),
    ...amounts('fee_amount_total', total, tokenIn),
    ...amounts('fee_amount_user', user, tokenIn),
    ...amounts('fee_amount_protocol', protocol, tokenIn),
    ...amounts('fee_amount_extra', total - user - protocol, tokenIn),
  });
}

function unitsOf({ decimals, microUsd }: Token, worth: bigint): bigint {
  return (worth * 10n ** BigInt(decimals ?? 9)) / BigInt(microUsd) + 1n;
}
