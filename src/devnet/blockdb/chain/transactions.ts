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
  const value = plan.write === undefined && plan.calls === undefined ? drawAmount(random, 18) : 0n;
  return {
    hash: random.hex(32),
    from,
    to: plan.to,
    value,
    created: isSuccess ? (plan.created ?? null) : null,
    isSuccess,
    members: drawMembers(random, isSuccess),
    calls: isSuccess ? (plan.calls ?? []) : [],
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

/** Calls below calls that move the native coin, one reverted. */
function drawCalls(random: SeededRandom, cast: Cast, from: string): TransactionPlan {
  const [router, vault, third] = [cast.factory, cast.vault, random.pick(cast.accounts)];
  const call = (
    path: string,
    type: string,
    to: string,
    rest: Partial<CallDraft> = {},
  ): CallDraft => {
    const gas = random.integer(2300, 90_000);
    const isOk = rest.error === undefined;
    const members = {
      gas: orNull(random, String(gas)),
      gas_used: orNull(random, String(Math.floor(gas / 2))),
      input: orNull(random, drawCallData(random)),
      output: isOk ? orNull(random, random.pick(['', random.hex(32)])) : null,
    };
    return { path, type, from: router, to, value: 0n, error: null, members, ...rest };
  };
  return {
    to: router,
    calls: [
      call('0', 'CALL', third, { value: drawAmount(random, 18) }),
      call('1', 'DELEGATECALL', vault),
      call('1.0', 'STATICCALL', third),
      call('2', 'CALL', from, {
        value: 1n,
        error: random.pick(['execution reverted', 'échec 🛑']),
      }),
      call('10', 'CALL', from, { value: 7n }),
    ],
  };
}
