/**
 * What the node itself says of its token transfers, as the views that the examples print: totals and
 * extremes per token and totals per minute by `eth_getLogs`, and balances by `eth_call`.
 */
import { ask, quantity, transferRows, type WireLog } from '../end-to-end/node-truth.ts';
import type { Truth } from './reader.ts';

/** By name of the view and, in it, by key: the value's fields joined by spaces. */
export interface NodeTruth extends Truth {
  readonly views: Readonly<Record<ViewName, ReadonlyMap<string, string>>>;
}

/** `totals`, `finals` (of finalized blocks) and `minuteTotals`: count, sum, least, most. `counts` and `minutes`: count, sum. `balances`: one number. */
export type ViewName = 'totals' | 'counts' | 'finals' | 'minutes' | 'minuteTotals' | 'balances';

interface Transfer {
  readonly token: string;
  readonly minute: string;
  readonly height: number;
  readonly from: string;
  readonly to: string;
  readonly type: string;
  readonly amount: bigint;
}

/** The views of the chain from one height to another, both included. */
export async function viewsOfNode(
  url: string,
  range: { readonly from: number; readonly to: number; readonly finalized: number },
): Promise<NodeTruth> {
  const transfers = await transfersOf(url, range);
  const amounts = (key: (transfer: Transfer) => string, some = transfers) => {
    const groups = new Map<string, bigint[]>();
    for (const transfer of some) {
      const group = key(transfer);
      groups.set(group, [...(groups.get(group) ?? []), transfer.amount]);
    }
    return [...groups];
  };
  const final = transfers.filter(({ height }) => height <= range.finalized);
  const perToken = amounts(({ token }) => token);
  const finalPerToken = amounts(({ token }) => token, final);
  const perMinute = amounts(({ token, minute }) => `${token} ${minute}`);
  const { balances, unheld } = await balancesOf(url, transfers, range.to);
  return {
    views: {
      totals: new Map(perToken.map(([key, all]) => [key, totals(all)])),
      counts: new Map(perToken.map(([key, all]) => [key, countAndSum(all)])),
      finals: new Map(finalPerToken.map(([key, all]) => [key, totals(all)])),
      minutes: new Map(perMinute.map(([key, all]) => [key, countAndSum(all)])),
      minuteTotals: new Map(perMinute.map(([key, all]) => [key, totals(all)])),
      balances,
    },
    isUnknown: (view, key) => view === 'balances' && unheld.has(key.split(' ')[0] ?? ''),
  };
}

function countAndSum(amounts: readonly bigint[]): string {
  return `${amounts.length} ${amounts.reduce((sum, amount) => sum + amount, 0n)}`;
}

function totals(amounts: readonly bigint[]): string {
  const sorted = [...amounts].sort((a, b) => (a < b ? -1 : 1));
  return `${countAndSum(amounts)} ${sorted[0]} ${sorted.at(-1)}`;
}

/** The transfers from one height to another, both included, oldest first. */
export async function transfersOf(
  url: string,
  range: { readonly from: number; readonly to: number },
): Promise<Transfer[]> {
  const { from, to } = range;
  const heights = Array.from({ length: to - from + 1 }, (_, index) => quantity(from + index));
  const filter = { fromBlock: quantity(from), toBlock: quantity(to) };
  const [logs = []] = await ask<WireLog[]>(url, [{ method: 'eth_getLogs', params: [filter] }]);
  const blocks = await ask<WireHeader>(
    url,
    heights.map((height) => ({ method: 'eth_getBlockByNumber', params: [height, false] })),
  );
  const headers = new Map(blocks.map((block) => [block.hash, block]));
  return logs.flatMap((log) => {
    const block = headers.get(log.blockHash);
    if (block === undefined)
      throw new Error(`the node has a log of ${log.blockHash}, not its block`);
    const time = new Date(Number(block.timestamp) * 1000).toISOString();
    return transferRows(log).map((row) => ({
      minute: `${time.slice(0, 16)}:00Z`,
      height: Number(block.number),
      token: String(row['token_address']),
      from: String(row['from_address']),
      to: String(row['to_address']),
      type: String(row['transfer_type']),
      amount: BigInt(String(row['amount'])),
    }));
  });
}

interface WireHeader {
  readonly number: string;
  readonly hash: string;
  readonly timestamp: string;
}

const zeroAddress = `0x${'0'.repeat(40)}`;

/** `balanceOf` of everybody who ever moved one of the ERC-20 tokens, and contracts that know none. */
async function balancesOf(
  url: string,
  transfers: readonly Transfer[],
  height: number,
): Promise<{ readonly balances: Map<string, string>; readonly unheld: Set<string> }> {
  const erc20 = transfers.filter(({ type }) => type === 'erc20');
  const pairs = erc20.flatMap(({ token, from, to }) => [`${token} ${from}`, `${token} ${to}`]);
  const keys = [...new Set(pairs)].filter((key) => !key.endsWith(zeroAddress));
  const answers = await ask<string>(
    url,
    keys.map((key) => {
      const [token = '', holder = ''] = key.split(' ');
      const data = `0x70a08231${holder.slice(2).padStart(64, '0')}`;
      return { method: 'eth_call', params: [{ to: token, data }, quantity(height)] };
    }),
  );
  const balances = new Map<string, string>();
  const unheld = new Set<string>();
  for (const [index, key] of keys.entries()) {
    const answer = answers[index] ?? '';
    if (answer.length === 66) balances.set(key, BigInt(answer).toString());
    else unheld.add(key.split(' ')[0] ?? '');
  }
  return { balances, unheld };
}
