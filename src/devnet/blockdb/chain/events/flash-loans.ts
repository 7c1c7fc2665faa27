/** Flash loans: of a pool, or of a vault that no pool is known for and that lends several tokens. */
import type { SeededRandom } from '../../../traffic/seeded-random.ts';
import type { Cast } from '../cast.ts';
import type { TransactionPlan } from '../draft.ts';
import { decimalText, drawAmount, uintMax, word } from '../values.ts';
import { amounts, poolMembers } from './members.ts';

const flashTopic = 'bdbdb71d7860376ba52b25a5028beea23581364a40522f6bcfb86bb1f2dca633';
const feeRate = 5n * 10n ** 14n;
const one = 10n ** 18n;

/** A transaction that borrows and repays. */
export function drawFlashLoan(random: SeededRandom, cast: Cast, from: string): TransactionPlan {
  const pool = random.chance(0.5) ? random.pick(cast.pools) : undefined;
  const source = pool?.emitter ?? cast.vault;
  // The amount borrowed is never null: tokens of unknown decimals are not lent.
  const lent = (pool?.tokens ?? random.shuffle(cast.tokens)).filter(
    ({ decimals }) => decimals !== null,
  );
  const tokens = lent.slice(0, pool === undefined ? 2 : 1);
  const loans = tokens.map((token) => {
    const drawn = drawAmount(random, token.decimals);
    const amount = drawn === uintMax ? drawn / 2n : drawn;
    return { token, amount, fee: (amount * feeRate) / one };
  });
  const named =
    pool === undefined ? { pool_uid: null, exchange_id: null, type_id: null } : poolMembers(pool);
  return {
    to: source,
    write: (out) => {
      const index = out.log({
        address: source,
        topics: [flashTopic, word(from)],
        data: loans.map(({ amount }) => word(amount)).join(''),
      });
      for (const { token, amount, fee } of loans) {
        out.add('0305', {
          ...named,
          log_index: index,
          flash_loan_source: source,
          token: token.address,
          ...amounts('amount_borrowed', amount, token),
          ...amounts('amount_repaid', amount + fee, token),
          ...amounts('fee_amount', fee, token),
          fee_rate_exact: decimalText(feeRate),
        });
      }
    },
  };
}
