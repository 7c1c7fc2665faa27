/** Funding and open interest as live rows, as archived rows and as rows of REST. */
import type { Item } from '../../simulator/json.ts';
import type { MarketContext } from '../history/context.ts';
import type { Market } from '../market.ts';
import type { Profile } from '../profile.ts';
import { venues } from '../venues.ts';
import { camelCase, restTime } from './casing.ts';

/** Which half of a context an archived row tells. */
export type ContextKind = 'funding' | 'open_interest';

/** The `data` of the live feed: the same on both channels, and without a time. */
export function liveContextRow({ symbol }: Market, context: MarketContext): Item {
  return { coin: symbol, ctx: { ...context } };
}

/** The `data` of an archived row. */
export function archivedContextRow(
  market: Market,
  context: MarketContext,
  { kind, timeMs, profile }: { kind: ContextKind; timeMs: number; profile: Profile },
): Item {
  const { symbol: coin } = market;
  if (venues[market.venue].isLighter) return { coin, ctx: halfOf(context, kind) };
  const row = { coin, ...storedMembers(context, kind), timestamp: timeMs };
  return profile.archivedCase === 'camel' ? camelCase(row) : row;
}

/** A row of REST. */
export function restContextRow(
  { symbol: coin }: Market,
  context: MarketContext,
  { kind, timeMs }: { kind: ContextKind; timeMs: number },
): Item {
  return { coin, ...restTime(timeMs), ...storedMembers(context, kind) };
}

function storedMembers(context: MarketContext, kind: ContextKind): Item {
  const { funding, premium } = context;
  if (kind === 'funding') return { funding_rate: funding, premium };
  const [bid = null, ask = null] = context.impactPxs ?? [];
  return {
    open_interest: context.openInterest,
    mark_price: context.markPx,
    oracle_price: context.oraclePx,
    day_ntl_volume: context.dayNtlVlm,
    prev_day_price: context.prevDayPx,
    mid_price: context.midPx,
    impact_bid_price: bid,
    impact_ask_price: ask,
  };
}

const ofFunding: ReadonlySet<string> = new Set(['funding', 'premium']);

function halfOf(context: MarketContext, kind: ContextKind): Item {
  const entries = Object.entries(context).map(([name, value]) => [
    name,
    ofFunding.has(name) === (kind === 'funding') ? value : null,
  ]);
  return Object.fromEntries(entries);
}
