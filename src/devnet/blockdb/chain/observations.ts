/** Rows that belong to a block but to none of its transactions: calls made at its end, refreshes. */
import type { SeededRandom } from '../../traffic/seeded-random.ts';
import { timeText } from './block.ts';
import type { BlockWriter } from './block-writer.ts';
import type { Cast } from './cast.ts';
import { contractId } from './draft.ts';
import { drawAmount, word } from './values.ts';

const balanceOf = '70a08231';
/** Tokens of the cast were created long before the chain begins. */
const createdBefore = 1_000_000;

/** Draws them: most blocks have none. */
export function drawObservations(random: SeededRandom, cast: Cast, writer: BlockWriter): void {
  const token = random.pick(cast.tokens);
  const contract = contractId(token.address, createdBefore, 0);
  const { timeMs } = writer.header;
  if (random.chance(0.3)) {
    writer.add('0122', {
      contract_id: contract,
      call_data: `${balanceOf}${word(random.pick(cast.accounts))}`,
      signature_hash: balanceOf,
      result: word(drawAmount(random, token.decimals)),
      timestamp_utc: timeText(timeMs),
    });
  }
  if (random.chance(0.1)) {
    const { address, name, symbol, decimals } = token;
    writer.add('0201', {
      contract_id: contract,
      contract_address: address,
      tx_index: -1,
      name,
      symbol,
      decimals,
      address,
      log_index: null,
    });
  }
}
