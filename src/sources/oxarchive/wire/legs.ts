/** What tells the legs of one trade apart: usually their sides, else a count (reference section 4.5). */
import type { LiquidationMessage, TradeMessage } from '../messages.ts';

type Fill = TradeMessage | LiquidationMessage;

/**
 * Legs that share trade and side, and are of different orders or accounts, counted from 0 in the order
 * of these, however the frame has them. Repeats of one leg keep the number of the first.
 */
export function countLegs<F extends Fill>(fills: readonly F[]): readonly F[] {
  if (fills.length < 2) return fills;
  const groups = new Map<string, F[]>();
  for (const fill of fills) {
    const key = `${fill.tradeId}/${fill.side}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [fill]);
    else group.push(fill);
  }
  if (groups.size === fills.length) return fills;
  return fills.map((fill) => {
    const group = groups.get(`${fill.tradeId}/${fill.side}`) ?? [fill];
    const owners = [...new Set(group.map(ownerOf))].sort((a, b) => (a < b ? -1 : 1));
    const leg = owners.indexOf(ownerOf(fill));
    return leg === 0 ? fill : { ...fill, leg };
  });
}

/** Both sides of the trades that are one row: the other side follows, unless it has a row itself. */
export function withOtherSides(
  legs: readonly TradeMessage[],
  pairs: ReadonlySet<TradeMessage>,
): readonly TradeMessage[] {
  if (pairs.size === 0) return legs;
  const there = new Set(legs.map(({ tradeId, side }) => `${tradeId}/${side}`));
  return legs.flatMap((leg) => {
    const side = leg.side === 'buy' ? 'sell' : 'buy';
    const isMade = pairs.has(leg) && !there.has(`${leg.tradeId}/${side}`);
    return isMade ? [leg, { ...leg, ...ownMembers(leg), side }] : [leg];
  });
}

/** What a row tells of its own side only says nothing, or the opposite, of the other one. */
function ownMembers({ isTaker }: TradeMessage) {
  return {
    isTaker: isTaker === null ? null : !isTaker,
    orderId: null,
    direction: null,
    fee: null,
    feeToken: null,
    closedPnl: null,
    startPosition: null,
  };
}

/** Order ids have the same width within a venue but for old ones: padded, they sort as numbers. */
function ownerOf(fill: Fill): string {
  const orderId = fill.dataset === 'trades' ? (fill.orderId ?? '') : '';
  return `${String(orderId).padStart(16, '0')}/${fill.account ?? ''}`;
}
