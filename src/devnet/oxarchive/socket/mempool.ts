/** Unconfirmed actions as the stream host shows them; one in four comes a second time. */

import type { Item } from '../../simulator/json.ts';
import { SeededRandom } from '../../traffic/seeded-random.ts';
import type { Listing } from '../exchange.ts';

/** The rows of a block; only those of a symbol when one is given. */
export function mempoolRows(
  seed: string,
  listings: readonly Listing[],
  { timeMs, symbol }: { readonly timeMs: number; readonly symbol: string | null },
): readonly Item[] {
  const random = new SeededRandom(`${seed}/mempool/${timeMs}`);
  const here = listings.filter(({ market }) => market.venue === 'hyperliquid');
  if (here.length === 0 || !random.chance(0.3)) return [];
  const { market } = random.pick(here);
  if (symbol !== null && market.symbol !== symbol) return [];
  const row = {
    received_at: new Date(timeMs).toISOString().replace('Z', '123456Z'),
    received_at_ms: timeMs,
    symbols: [market.symbol],
    action: {
      type: 'order',
      orders: [{ a: 1, b: true, p: '1', s: '1.0', r: false }],
      grouping: 'na',
    },
    nonce: timeMs,
    vault_address: null,
    expires_after_ms: null,
    signature: { r: `0x${random.hex(32)}`, s: `0x${random.hex(32)}`, v: 27 },
  };
  return random.chance(0.25) ? [row, row] : [row];
}
