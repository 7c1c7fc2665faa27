/** Transfers of tokens: ERC-20, ERC-721, ERC-1155 single and in batches; and logs that nobody knows. */
import type { SeededRandom } from '../../../traffic/seeded-random.ts';
import type { Cast, Token } from '../cast.ts';
import type { TransactionPlan, TransactionSink } from '../draft.ts';
import { adjustedText, drawAmount, uintMax, word } from '../values.ts';

/** keccak-256 of the events' signatures. */
export const eventTopics = {
  transfer: 'ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef',
  transferSingle: 'c3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62',
  transferBatch: '4a39dc06d4c0dbc64b70af90fd698a233a518aa5d07e595d983b8c0526c8f7fb',
} as const;

/** A transfer of an ERC-20 token. */
export interface Payment {
  readonly token: Token;
  readonly from: string;
  readonly to: string;
  readonly amount: bigint;
}

/** Writes the log and the row of an ERC-20 transfer. */
export function writePayment(out: TransactionSink, { token, from, to, amount }: Payment): void {
  const index = out.log({
    address: token.address,
    topics: [eventTopics.transfer, word(from), word(to)],
    data: word(amount),
  });
  out.add('0304', {
    log_index: index,
    trace_address: null,
    from_address: from,
    to_address: to,
    token_address: token.address,
    amount_raw: amount.toString(),
    amount_adj: adjustedText(amount, token.decimals),
    token_id: null,
    transfer_type: 2,
  });
}

/** A transaction that does nothing but transfer. */
export function drawTransfers(random: SeededRandom, cast: Cast, from: string): TransactionPlan {
  const to = random.pick(cast.accounts);
  switch (random.integer(0, 5)) {
    case 0:
      return drawCollectible(random, cast, { from, to });
    case 1:
      return drawBatch(random, cast, { from, to });
    case 2:
      return drawStrangeLogs(random, cast);
    default: {
      const payments = Array.from({ length: random.integer(1, 3) }, () => {
        const token = random.pick(cast.tokens);
        return { token, from, to, amount: drawAmount(random, token.decimals) };
      });
      return {
        to: cast.factory,
        write: (out) => {
          for (const payment of payments) writePayment(out, payment);
        },
      };
    }
  }
}

interface Parties {
  readonly from: string;
  readonly to: string;
}

function drawCollectible(random: SeededRandom, cast: Cast, { from, to }: Parties): TransactionPlan {
  const address = random.pick(cast.collections);
  const id = random.chance(0.1) ? uintMax : BigInt(random.integer(0, 99_999));
  return {
    to: address,
    write: (out) => {
      const topics = [eventTopics.transfer, word(from), word(to), word(id)];
      out.add('0304', {
        log_index: out.log({ address, topics, data: '' }),
        trace_address: null,
        from_address: from,
        to_address: to,
        token_address: address,
        amount_raw: '1',
        amount_adj: null,
        token_id: id.toString(),
        transfer_type: 3,
      });
    },
  };
}

function drawBatch(random: SeededRandom, cast: Cast, { from, to }: Parties): TransactionPlan {
  const address = random.pick(cast.multiTokens);
  const first = random.integer(0, 9999);
  const ids = Array.from({ length: random.integer(1, 4) }, (_, n) => BigInt(first + n));
  const amounts = ids.map(() => drawAmount(random, null));
  const count = BigInt(ids.length);
  const data = [64n, 96n + 32n * count, count, ...ids, count, ...amounts].map(word).join('');
  return {
    to: address,
    write: (out) => {
      const topics = [eventTopics.transferBatch, word(from), word(from), word(to)];
      const index = out.log({ address, topics, data });
      for (const [n, id] of ids.entries()) {
        out.add('0304', {
          log_index: index,
          trace_address: null,
          from_address: from,
          to_address: to,
          token_address: address,
          amount_raw: String(amounts[n]),
          amount_adj: null,
          token_id: id.toString(),
          transfer_type: 4,
        });
      }
    },
  };
}

/** An anonymous log without data, and one with four topics and much data. */
function drawStrangeLogs(random: SeededRandom, cast: Cast): TransactionPlan {
  const address = random.pick(cast.accounts);
  const topics = Array.from({ length: 4 }, () => random.hex(32));
  const data = random.hex(32 * random.integer(0, 40));
  return {
    to: address,
    write: (out) => {
      out.log({ address, topics: [], data: '' });
      out.log({ address, topics, data });
    },
  };
}
