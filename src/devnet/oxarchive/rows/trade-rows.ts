/** Trades and liquidations as live rows, as archived rows and as rows of REST. */
import type { Item } from '../../simulator/json.ts';
import type { Profile } from '../profile.ts';
import { venues } from '../venues.ts';
import { camelCase, restTime } from './casing.ts';
import type { Trade, TradeLeg } from './trade-leg.ts';

/** The live rows of a trade: two legs, or one row with both accounts, as the profile says. */
export function liveTradeRows(trade: Trade, profile: Profile): readonly Item[] {
  const { maker, taker } = trade;
  if (venues[maker.venue].isLighter) return [lighterRow(maker, false), lighterRow(taker, false)];
  if (profile.tradeRows === 'pair') return [pairRow(trade, profile)];
  return [legRow(maker), legRow(taker)];
}

/** The live row of a liquidation: the liquidated account, then the liquidator. */
export function liveLiquidationRow({ maker, taker }: Trade): Item {
  const { coin, side, px, sz, time, hash, tid, dir, closed_pnl } = legRow(maker);
  const users = [maker.user, taker.user];
  return { coin, side, px, sz, time, hash, tid, dir, closed_pnl, users, is_liquidation: true };
}

/** The `data` of archived rows, one for each leg. */
export function archivedTradeRows(
  { maker, taker }: Trade,
  { profile, isLegacy }: { readonly profile: Profile; readonly isLegacy: boolean },
): readonly (Item | readonly Item[])[] {
  return [maker, taker].map((leg) => {
    if (venues[leg.venue].isLighter && !isLegacy) return [lighterRow(leg, true)];
    const row = storageRow(leg, profile);
    return profile.archivedTrades === 'array' ? [row] : row;
  });
}

/** The `data` of an archived liquidation. */
export function archivedLiquidationRow(trade: Trade, profile: Profile): Item {
  const row = { ...storageRow(trade.maker, profile), is_liquidation: true };
  return { ...row, users: [trade.maker.user, trade.taker.user] };
}

/** The rows of REST, one for each leg. Without `isFinal` what the venue tells later is null. */
export function restTradeRows({ maker, taker }: Trade, isFinal: boolean): readonly Item[] {
  return [maker, taker].map((leg) => ({
    coin: leg.symbol,
    symbol: leg.symbol,
    side: leg.side,
    price: leg.px,
    size: leg.sz,
    ...restTime(leg.time),
    trade_id: leg.tid,
    tx_hash: leg.hash,
    order_id: leg.oid,
    crossed: leg.crossed,
    fee: isFinal ? leg.fee : null,
    fee_token: isFinal ? leg.feeToken : null,
    closed_pnl: isFinal ? leg.closedPnl : null,
    direction: venues[leg.venue].isLighter ? null : leg.dir,
    start_position: leg.startPosition,
    user_address: leg.user,
    maker_address: maker.user,
    taker_address: taker.user,
  }));
}

/** The row of REST for a liquidation. */
export function restLiquidationRow({ maker, taker }: Trade): Item {
  return {
    coin: maker.symbol,
    liquidated_user: maker.user,
    liquidator_user: taker.user,
    price: maker.px,
    size: maker.sz,
    side: maker.side,
    mark_price: maker.px,
    closed_pnl: maker.closedPnl,
    direction: maker.dir,
    trade_id: maker.tid,
    tx_hash: maker.hash,
    ...restTime(maker.time),
  };
}

function lighterRow(leg: TradeLeg, isFinal: boolean): Item {
  const { side, px, sz, time, hash, tid, oid, crossed } = leg;
  return {
    coin: leg.symbol,
    ...{ side, px, sz, time, hash, tid, oid, crossed },
    dir: null,
    fee: isFinal ? leg.fee : null,
    fee_token: null,
    closed_pnl: isFinal ? leg.closedPnl : null,
    start_position: leg.startPosition,
    users: [leg.user],
    ...(leg.isLiquidation ? { is_liquidation: true } : {}),
  };
}

function legRow(leg: TradeLeg): Item {
  const { side, px, sz, time, hash, tid, oid, crossed, dir, fee } = leg;
  return {
    coin: leg.symbol,
    ...{ side, px, sz, time, hash, tid, oid, crossed, dir, fee },
    fee_token: leg.feeToken,
    closed_pnl: leg.closedPnl,
    start_position: leg.startPosition,
    users: [leg.user],
    ...(leg.isLiquidation ? { is_liquidation: true } : {}),
  };
}

/** The taker's side. */
function pairRow({ maker, taker }: Trade, { userOrder }: Profile): Item {
  const { symbol: coin, side, px, sz, time, hash, tid } = taker;
  const [buyer, seller] = side === 'B' ? [taker, maker] : [maker, taker];
  const pair = userOrder === 'buyer-seller' ? [buyer, seller] : [maker, taker];
  const users = pair.map(({ user }) => user);
  const flag = maker.isLiquidation ? { is_liquidation: true } : {};
  return { coin, side, px, sz, time, hash, tid, users, ...flag };
}

function storageRow(leg: TradeLeg, { archivedCase }: Profile): Item {
  const row: Item = {
    coin: leg.symbol,
    side: leg.side,
    price: leg.px,
    size: leg.sz,
    time: leg.time,
    hash: leg.hash,
    trade_id: leg.tid,
    order_id: leg.oid,
    user_address: leg.user,
    crossed: leg.crossed,
    fee: leg.fee,
    fee_token: leg.feeToken,
    closed_pnl: leg.closedPnl,
    direction: leg.dir,
    start_position: leg.startPosition,
    ...(leg.isLiquidation ? { is_liquidation: true } : {}),
  };
  return archivedCase === 'camel' ? camelCase(row) : row;
}
