/** Draws transactions of every kind; what each does with logs is in the files of `events/`. */
import type { SeededRandom } from '../../traffic/seeded-random.ts';
import type { Cast } from './cast.ts';
import type { CallDraft, TransactionDraft, TransactionPlan } from './draft.ts';
import { drawArbitrage } from './events/arbitrage.ts';
import { drawCreation } from './events/creations.ts';
import { drawFlashLoan } from './events/flash-loans.ts';
import { drawFeeChange, drawPoolCreation } from './events/pools.ts';
import { drawSwap } from './events/swaps.ts';
import { drawTransfers } from './events/transfers.ts';
import { drawAmount, drawCallData, orNull } from './values.ts';

type Draw = (random: SeededRandom, cast: Cast, from: string) => TransactionPlan;

/** How often each kind comes. */
const kinds: readonly (readonly [number, Draw])[] = [
  [12, (random, cast) => ({ to: random.pick(cast.accounts) })],
  [24, drawTransfers],
  [26, drawSwap],
  [8, drawCalls],
  [10, drawCreation],
  [6, drawPoolCreation],
  [5, drawFeeChange],
  [5, drawFlashLoan],
  [8, drawArbitrage],
];
const weights = kinds.reduce((sum, [weight]) => sum + weight, 0);
const failureChance = 0.06;

/** Draws a transaction. */
export function drawTransaction(random: SeededRandom, cast: Cast): TransactionDraft {
  const from = random.pick(cast.accounts);
  const plan = pickKind(random)(random, cast, from);
  const isSuccess = !random.chance(failureChance);
  const value = plan.write === undefined ? drawAmount(random, 18) : 0n;
  const top: CallDraft = {
    path: '0',
    type: plan.created === undefined ? 'CALL' : 'CREATE',
    from,
    to: plan.to ?? (isSuccess ? (plan.created ?? null) : null),
    value,
    error: isSuccess ? null : random.pick(['execution reverted', 'out of gas', 'échec 🛑']),
  };
  return {
    hash: random.hex(32),
    from,
    to: plan.to,
    value,
    created: isSuccess ? (plan.created ?? null) : null,
    isSuccess,
    members: drawMembers(random, isSuccess),
    calls: isSuccess ? [top, ...(plan.calls ?? [])] : [top],
    write: (out) => {
      if (isSuccess) plan.write?.(out);
    },
  };
}

function pickKind(random: SeededRandom): Draw {
  let left = random.integer(0, weights - 1);
  for (const [weight, draw] of kinds) {
    left -= weight;
    if (left < 0) return draw;
  }
  return drawTransfers;
}

function drawMembers(random: SeededRandom, isSuccess: boolean): TransactionDraft['members'] {
  const type = random.pick([0, 1, 2, 2, 2, 3, 4]);
  const isOld = random.chance(0.02);
  const gasUsed = random.integer(21_000, 900_000);
  const price = BigInt(random.integer(1, 90)) * 1_000_000_000n;
  return {
    gas_used: String(gasUsed),
    effective_gas_price_wei: orNull(random, price.toString(), 0.03),
    root: isOld ? random.hex(32) : null,
    ...(isOld ? { status_success: null } : { status_success: isSuccess }),
    tx_type: isOld ? null : type,
    trace_failed: random.pick([false, false, false, true, null]),
    input: orNull(random, drawCallData(random), 0.03),
    nonce: orNull(random, random.integer(0, 2_000_000), 0.03),
    gas_limit: orNull(random, String(gasUsed + random.integer(0, 200_000)), 0.03),
    max_fee_per_gas_wei: type >= 2 ? (price * 2n).toString() : null,
    max_priority_fee_per_gas_wei: type >= 2 ? '100000000' : null,
  };
}

/** Calls below calls that move the native coin, some reverted. */
function drawCalls(random: SeededRandom, cast: Cast, from: string): TransactionPlan {
  const [router, second, third] = [cast.factory, cast.vault, random.pick(cast.accounts)];
  const value = drawAmount(random, 18);
  return {
    to: router,
    calls: [
      { path: '0.0', type: 'CALL', from: router, to: third, value, error: null },
      { path: '0.1', type: 'DELEGATECALL', from: router, to: second, value: 0n, error: null },
      { path: '0.1.0', type: 'STATICCALL', from: router, to: third, value: 0n, error: null },
      { path: '0.2', type: 'CALL', from: router, to: from, value: 1n, error: 'execution reverted' },
      { path: '0.10', type: 'CALL', from: second, to: from, value: 7n, error: null },
    ],
    write: () => undefined,
  };
}
