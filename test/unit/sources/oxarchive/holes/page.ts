/** Rows of history, for tests of holes and audits. */
import type { BackfillPage } from '../../../../../src/sources/oxarchive/holes/backfill.ts';
import type { AppendMessage } from '../../../../../src/sources/oxarchive/holes/row-trail.ts';

/** The trade of this millisecond, which is also its id. */
export function tradeAt(eventTimeMs: number): AppendMessage {
  return {
    dataset: 'trades',
    symbol: 'BTC',
    eventTimeMs,
    tradeId: eventTimeMs,
    side: 'buy',
    leg: 0,
    price: '5',
    quantity: '1',
    txHash: null,
    orderId: null,
    isTaker: null,
    account: null,
    users: null,
    direction: null,
    fee: null,
    feeToken: null,
    closedPnl: null,
    startPosition: null,
    isLiquidation: null,
    finality: null,
    details: null,
  };
}

/** One page with these rows. */
export function pageOf(...rows: readonly AppendMessage[]): BackfillPage {
  return { rows, letters: [], lacking: [], receivedAtUs: 1_060_000_000 };
}
