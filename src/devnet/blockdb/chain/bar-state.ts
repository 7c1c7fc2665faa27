/** What a bar has gathered so far, and how it looks as a row: OHLC, VWAP, dollars. */
import type { Item, Json } from '../../simulator/json.ts';
import { timeText } from './block.ts';
import { decimalText, product, ratio } from './values.ts';

/** The print that a bar begins or ends with. */
export interface Anchor {
  readonly height: number;
  readonly timeText: string;
  readonly txIndex: number;
  readonly logIndex: number;
}

/** Which bar. */
export interface BarPlace {
  readonly startMs: number;
  readonly seconds: number;
  /** Members that name what is priced. */
  readonly names: Item;
}

/** A trade as bars count it; decimals have 18 digits, null for unknown. */
export interface Tick {
  readonly anchor: Anchor;
  readonly price: bigint;
  readonly inRaw: bigint;
  readonly outRaw: bigint;
  readonly inAdjusted: bigint;
  readonly outAdjusted: bigint;
}

/** A bar. */
export interface BarState {
  readonly place: BarPlace;
  readonly first: Anchor;
  readonly last: Anchor;
  readonly open: bigint;
  readonly high: bigint;
  readonly low: bigint;
  readonly close: bigint;
  readonly inRaw: bigint;
  readonly outRaw: bigint;
  readonly inAdjusted: bigint;
  readonly outAdjusted: bigint;
  readonly count: number;
}

/** The bar with one more trade. */
export function withTick(place: BarPlace, state: BarState | undefined, tick: Tick): BarState {
  const { anchor, price, inRaw, outRaw, inAdjusted, outAdjusted } = tick;
  if (state === undefined) {
    const prices = { open: price, high: price, low: price, close: price };
    const volumes = { inRaw, outRaw, inAdjusted, outAdjusted };
    return { place, first: anchor, last: anchor, ...prices, ...volumes, count: 1 };
  }
  const isHighest = price > state.high;
  const isLowest = price < state.low;
  return {
    place,
    first: state.first,
    last: anchor,
    open: state.open,
    high: isHighest ? price : state.high,
    low: isLowest ? price : state.low,
    close: price,
    inRaw: state.inRaw + inRaw,
    outRaw: state.outRaw + outRaw,
    inAdjusted: state.inAdjusted + inAdjusted,
    outAdjusted: state.outAdjusted + outAdjusted,
    count: state.count + 1,
  };
}

/** The bar after a trade was found that had been missed: it counts, at the highest price. */
export function corrected(state: BarState): BarState {
  const missed = state.inAdjusted / 100n + 1n;
  return {
    ...state,
    high: state.high + 1n,
    inRaw: state.inRaw + state.inRaw / 100n + 1n,
    inAdjusted: state.inAdjusted + missed,
    outAdjusted: state.outAdjusted + product(missed, state.high),
    count: state.count + 1,
  };
}

/** A row of 0404. */
export function ohlcItem(state: BarState): Item {
  return {
    ...placeMembers(state),
    open: decimalText(state.open),
    high: decimalText(state.high),
    low: decimalText(state.low),
    close: decimalText(state.close),
    volume_in_raw: state.inRaw.toString(),
    volume_in: decimalText(state.inAdjusted),
    volume_out_raw: state.outRaw.toString(),
    volume_out: decimalText(state.outAdjusted),
    trades_count: state.count,
    ...anchorMembers(state),
  };
}

/** A row of 0405. */
export function vwapItem(state: BarState): Item {
  return {
    ...placeMembers(state),
    price_vwap: priceText(state),
    total_volume_in_raw: state.inRaw.toString(),
    total_volume_in: decimalText(state.inAdjusted),
    total_volume_out_raw: state.outRaw.toString(),
    total_volume_out: decimalText(state.outAdjusted),
    trade_count: state.count,
    ...anchorMembers(state),
  };
}

/** A row of 0501: `out` is in dollars. */
export function fiatItem(state: BarState): Item {
  return {
    ...anchorMembers(state),
    ...placeMembers(state),
    price_usd: priceText(state) ?? decimalText(0n),
    total_notional_usd: state.count % 13 === 0 ? null : decimalText(state.outAdjusted),
    hops: state.count % 11 === 0 ? null : 1,
    sources_count: state.count % 7 === 0 ? null : state.count,
  };
}

function priceText({ inAdjusted, outAdjusted }: BarState): string | null {
  const price = ratio(outAdjusted, inAdjusted);
  return price === null ? null : decimalText(price);
}

function placeMembers({ place: { startMs, seconds, names } }: BarState): Item {
  return {
    ...names,
    bucket_start: timeText(startMs),
    bucket_seconds: seconds,
    bucket_end: timeText(startMs + seconds * 1000),
  };
}

function anchorMembers({ first, last }: BarState): Item {
  const members: Record<string, Json> = {};
  for (const [prefix, anchor] of [
    ['first', first],
    ['last', last],
  ] as const) {
    members[`${prefix}_block_number`] = anchor.height;
    members[`${prefix}_block_time`] = anchor.timeText;
    members[`${prefix}_tx_index`] = anchor.txIndex;
    members[`${prefix}_log_index`] = anchor.logIndex;
  }
  return members;
}
