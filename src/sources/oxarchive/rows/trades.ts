/** Rows of trades and liquidations: one per side of a fill. */
import type { Event, Origin } from '../../../model/event.ts';
import type { LiquidationMessage, TradeMessage } from '../messages.ts';

/** The row of one leg. */
export function tradeRow(message: TradeMessage, origin: Origin): Event {
  const row = {
    chain: origin.chain,
    symbol: message.symbol,
    event_time: message.eventTimeMs,
    trade_id: message.tradeId,
    side: message.side,
    leg: message.leg,
    price: message.price,
    quantity: message.quantity,
    tx_hash: message.txHash,
    order_id: message.orderId,
    is_taker: message.isTaker,
    account: message.account,
    users: message.users,
    direction: message.direction,
    fee: message.fee,
    fee_token: message.feeToken,
    closed_pnl: message.closedPnl,
    start_position: message.startPosition,
    is_liquidation: message.isLiquidation,
    finality: message.finality,
    details: message.details,
  };
  return { dataset: 'trades', index: fillIndex(message), row, timeMs: message.eventTimeMs };
}

/** The row of one liquidated fill. */
export function liquidationRow(message: LiquidationMessage, origin: Origin): Event {
  const row = {
    chain: origin.chain,
    symbol: message.symbol,
    event_time: message.eventTimeMs,
    trade_id: message.tradeId,
    side: message.side,
    leg: message.leg,
    price: message.price,
    quantity: message.quantity,
    tx_hash: message.txHash,
    liquidated_user: message.liquidatedUser,
    liquidator_user: message.liquidatorUser,
    account: message.account,
    direction: message.direction,
    closed_pnl: message.closedPnl,
    mark_price: message.markPrice,
    details: message.details,
  };
  return { dataset: 'liquidations', index: fillIndex(message), row, timeMs: message.eventTimeMs };
}

/** Identity of a leg (reference section 4.5); neither finality nor the way it came is part of it. */
function fillIndex({ symbol, tradeId, side, leg }: TradeMessage | LiquidationMessage): string {
  return `${symbol}/${tradeId}/${side}/${leg}`;
}
