/**
 * What the session yields: checked messages, each of which makes one row of its dataset. Prices and
 * quantities are canonical decimal text, times are milliseconds since the epoch.
 */
import type { BookLevel } from '../../model/book.ts';

/** Every message is about one market. */
interface MarketMessage {
  readonly symbol: string;
  /** The venue's time; where the venue tells none, when the frame was received. */
  readonly eventTimeMs: number;
  /** Members that no column holds, as canonical JSON; null when there are none. */
  readonly details: string | null;
}

/** `sell` is side A, `buy` is side B of the wire. */
export type Side = 'buy' | 'sell';

/** Where an event time comes from. */
export type TimeSource = 'exchange' | 'received';

/** One side of one trade: a trade has two of them, whatever form the wire has it in. */
export interface TradeMessage extends MarketMessage {
  readonly dataset: 'trades';
  readonly tradeId: number;
  readonly side: Side;
  /** 0, unless one trade has several rows of a side: then they are counted by order id. */
  readonly leg: number;
  readonly price: string;
  readonly quantity: string;
  readonly txHash: string | null;
  readonly orderId: number | null;
  /** True for the taker's leg; null where the wire does not tell. */
  readonly isTaker: boolean | null;
  /** Whose leg it is; null where the wire names both accounts and not which. */
  readonly account: string | null;
  /** Both accounts in the wire's order, as a JSON list; null where the row names one. */
  readonly users: string | null;
  readonly direction: string | null;
  readonly fee: string | null;
  readonly feeToken: string | null;
  readonly closedPnl: string | null;
  readonly startPosition: string | null;
  readonly isLiquidation: boolean | null;
  /** Of Lighter: `preliminary` until the settled copy arrives; null elsewhere. */
  readonly finality: 'preliminary' | 'final' | null;
}

/** A fill that liquidated somebody; the trades have it too. */
export interface LiquidationMessage extends MarketMessage {
  readonly dataset: 'liquidations';
  readonly tradeId: number;
  readonly side: Side;
  readonly leg: number;
  readonly price: string;
  readonly quantity: string;
  readonly txHash: string | null;
  readonly liquidatedUser: string | null;
  readonly liquidatorUser: string | null;
  /** Where the row names one account only, and not its part. */
  readonly account: string | null;
  readonly direction: string | null;
  readonly closedPnl: string | null;
  readonly markPrice: string | null;
}

export interface FundingMessage extends MarketMessage {
  readonly dataset: 'funding';
  readonly timeSource: TimeSource;
  readonly fundingRate: string;
  readonly premium: string | null;
}

/** What open interest and market contexts tell of prices and volumes. */
interface MarketFigures {
  readonly markPrice: string | null;
  readonly oraclePrice: string | null;
  readonly midPrice: string | null;
  readonly dayNotionalVolume: string | null;
  readonly dayBaseVolume: string | null;
  readonly previousDayPrice: string | null;
  readonly impactBidPrice: string | null;
  readonly impactAskPrice: string | null;
}

export interface OpenInterestMessage extends MarketMessage, MarketFigures {
  readonly dataset: 'open_interest';
  readonly timeSource: TimeSource;
  readonly openInterest: string;
}

/** The whole context of a market as the live socket sends it. */
export interface ContextMessage extends MarketMessage, MarketFigures {
  readonly dataset: 'market_contexts';
  readonly timeSource: TimeSource;
  readonly fundingRate: string | null;
  readonly premium: string | null;
  readonly openInterest: string | null;
}

/** One closed interval; `eventTimeMs` is its beginning. */
export interface CandleMessage extends MarketMessage {
  readonly dataset: 'candles';
  readonly interval: string;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
  readonly quoteVolume: string | null;
  readonly tradeCount: number | null;
}

/** One row of a book: bids and asks best first. */
export interface BookMessage extends MarketMessage {
  readonly dataset: 'book_snapshots' | 'book_deltas';
  /** Microseconds at which this unbroken life of the book began; grows with every one. */
  readonly epoch: number;
  /** From 0, without holes within a market, dataset and epoch. */
  readonly sequence: number;
  readonly change: 'snapshot' | 'delta' | 'unsafe';
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
  /** CRC-32 of the best 20 levels a side after this row; 0 when unsafe. */
  readonly checksum: number;
  readonly blockNumber: number | null;
  /** Why the book is unsafe; null otherwise. */
  readonly reason: string | null;
}

/** Best bid and ask, when either changed; null where a side is empty. */
export interface BookTopMessage extends MarketMessage {
  readonly dataset: 'book_tops';
  readonly epoch: number;
  readonly sequence: number;
  readonly change: 'snapshot' | 'unsafe';
  readonly bid: BookLevel | null;
  readonly ask: BookLevel | null;
  /** Of the book after this row, as the other book datasets have it; 0 when unsafe. */
  readonly checksum: number;
  readonly blockNumber: number | null;
  readonly reason: string | null;
}

/** One event of a single order's place in the book. */
export interface OrderDiffMessage extends MarketMessage {
  readonly dataset: 'order_diffs';
  readonly blockNumber: number;
  /** Position in the block; 0 on rows from before there was one. */
  readonly sequence: number;
  /** Counts rows of a block that sequence, order and kind do not tell apart; 0 for the first. */
  readonly occurrence: number;
  readonly orderId: number;
  readonly account: string | null;
  readonly side: Side;
  readonly price: string;
  readonly diffType: 'new' | 'update' | 'remove';
  readonly newQuantity: string | null;
  readonly insertBefore: number | null;
}

/** One step in an order's life. */
export interface OrderMessage extends MarketMessage {
  readonly dataset: 'orders';
  readonly blockNumber: number;
  readonly sequence: number;
  readonly occurrence: number;
  readonly orderId: number;
  readonly account: string | null;
  readonly status: string;
  readonly side: Side;
  readonly limitPrice: string | null;
  readonly quantity: string | null;
  readonly originalQuantity: string | null;
  readonly orderType: string | null;
  readonly triggerCondition: string | null;
  readonly isTrigger: boolean | null;
  readonly triggerPrice: string | null;
  readonly isPositionTpsl: boolean | null;
  readonly isReduceOnly: boolean | null;
  readonly timeInForce: string | null;
  readonly clientOrderId: string | null;
}

/** A resting order; orders of a price stand in the order of their priority. */
export interface RestingOrder {
  readonly orderId: number;
  readonly account: string | null;
  readonly price: string;
  readonly quantity: string;
}

/** A part of a snapshot of all orders: bids first, best first. */
export interface OrderSnapshotMessage extends MarketMessage {
  readonly dataset: 'order_snapshots';
  /** Whose snapshot it is: `l4_diffs`, `l4_orders` or `l3_orderbook`. */
  readonly channel: string;
  /** Last block that it contains; null where the venue has no blocks. */
  readonly blockNumber: number | null;
  /** From 0 to `chunkCount` - 1. */
  readonly chunkIndex: number;
  readonly chunkCount: number;
  readonly bids: readonly RestingOrder[];
  readonly asks: readonly RestingOrder[];
}

/** Opaque: the venue publishes no shape of it. */
export interface TickerMessage extends MarketMessage {
  readonly dataset: 'tickers';
  readonly timeSource: TimeSource;
  /** Canonical JSON. */
  readonly ticker: string;
}

/** An action that is not in a block yet. */
export interface MempoolMessage extends MarketMessage {
  readonly dataset: 'mempool';
  readonly timeSource: TimeSource;
  /** JSON list. */
  readonly symbols: string;
  /** As signed: the order of members matters to signatures, so it is the text of the frame. */
  readonly action: string;
  readonly nonce: number | null;
  readonly vaultAddress: string | null;
  readonly expiresAfterMs: number | null;
  /** `r/s/v`. */
  readonly signature: string;
}

/** The end of an outcome market. */
export interface SettlementMessage extends MarketMessage {
  readonly dataset: 'settlements';
  readonly timeSource: TimeSource;
  readonly outcomeId: number;
  /** Of the outcome, 0 or 1; the winning one where the frame names only that. */
  readonly outcomeSide: number;
  readonly isWinningSide: boolean | null;
  readonly settlementValue: string | null;
}

/** Closed: each kind makes a row of the dataset that it names. */
export type OxarchiveMessage =
  | TradeMessage
  | LiquidationMessage
  | FundingMessage
  | OpenInterestMessage
  | ContextMessage
  | CandleMessage
  | BookMessage
  | BookTopMessage
  | OrderDiffMessage
  | OrderMessage
  | OrderSnapshotMessage
  | TickerMessage
  | MempoolMessage
  | SettlementMessage;

/** Names of the datasets of this source. */
export type OxarchiveDataset = OxarchiveMessage['dataset'];
