/** The datasets of this source: each message makes one row of the dataset that it names. */
import type { Event, Origin } from '../../model/event.ts';
import type { Channel } from '../source.ts';
import type { OxarchiveDataset, OxarchiveMessage } from './messages.ts';
import { bookRow, bookTopRow } from './rows/books.ts';
import { orderDiffRow, orderRow, orderSnapshotRow } from './rows/orders.ts';
import { mempoolRow, settlementRow } from './rows/others.ts';
import { candleRow, contextRow, fundingRow, openInterestRow, tickerRow } from './rows/states.ts';
import { liquidationRow, tradeRow } from './rows/trades.ts';

type MessageOf<D extends OxarchiveDataset> = Extract<OxarchiveMessage, { readonly dataset: D }>;

function channel<D extends OxarchiveDataset>(
  dataset: D,
  row: (message: MessageOf<D>, origin: Origin) => Event,
): Channel<OxarchiveMessage> {
  const isOurs = (message: OxarchiveMessage): message is MessageOf<D> =>
    message.dataset === dataset;
  return {
    subjects: [`oxarchive/${dataset}`],
    accepts: isOurs,
    normalize: (message, origin) => (isOurs(message) ? [row(message, origin)] : []),
  };
}

/** One channel per dataset. */
export const oxarchiveChannels: Readonly<Record<OxarchiveDataset, Channel<OxarchiveMessage>>> = {
  trades: channel('trades', tradeRow),
  liquidations: channel('liquidations', liquidationRow),
  funding: channel('funding', fundingRow),
  open_interest: channel('open_interest', openInterestRow),
  market_contexts: channel('market_contexts', contextRow),
  candles: channel('candles', candleRow),
  book_snapshots: channel('book_snapshots', bookRow),
  book_deltas: channel('book_deltas', bookRow),
  book_tops: channel('book_tops', bookTopRow),
  order_diffs: channel('order_diffs', orderDiffRow),
  orders: channel('orders', orderRow),
  order_snapshots: channel('order_snapshots', orderSnapshotRow),
  tickers: channel('tickers', tickerRow),
  mempool: channel('mempool', mempoolRow),
  settlements: channel('settlements', settlementRow),
};
