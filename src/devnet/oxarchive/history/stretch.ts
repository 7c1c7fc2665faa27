/** What happens in one stretch of blocks, block by block, from the orders that can be alive in it. */
import { SeededRandom } from '../../traffic/seeded-random.ts';
import type { Market } from '../market.ts';
import { venues } from '../venues.ts';
import { blockTimeMs } from './block-time.ts';
import { idsPerBlock, oidOf, stretchBlocks, usersOf } from './draw-orders.ts';
import type { BlockEvents, Fill, Order } from './order.ts';

/** A stretch. */
export interface Stretch {
  readonly firstBlock: number;
  /** Orders that rest in some block of it, by id. */
  readonly orders: readonly Order[];
  /** The blocks in which something happens, by number. */
  readonly blocks: ReadonlyMap<number, BlockEvents>;
}

interface Draft {
  fills: { order: Order; lots: number; left: number }[];
  canceled: Order[];
  placed: Order[];
}

/** Trade ids near 2^50 as Hyperliquid has them, smaller ones on Lighter. */
const tidBase = 2 ** 50 - 2 ** 44;
const tidBaseLighter = 30_000_000_000;

/** Puts the orders of this stretch and of the one before into the blocks of this one. */
export function stretchOf(
  firstBlock: number,
  orders: readonly Order[],
  { market, seed }: { readonly market: Market; readonly seed: string },
): Stretch {
  const drafts = new Map<number, Draft>();
  const at = (block: number): Draft | undefined => {
    if (block < firstBlock || block >= firstBlock + stretchBlocks) return undefined;
    const draft = drafts.get(block) ?? { fills: [], canceled: [], placed: [] };
    drafts.set(block, draft);
    return draft;
  };
  for (const order of orders) {
    at(order.bornBlock)?.placed.push(order);
    const { part, lots } = order;
    if (part !== null) {
      at(part.block)?.fills.push({ order, lots: part.lots, left: lots - part.lots });
    }
    if (order.end !== 'filled') at(order.endBlock)?.canceled.push(order);
    else at(order.endBlock)?.fills.push({ order, lots: lots - (part?.lots ?? 0), left: 0 });
  }
  const random = new SeededRandom(`${seed}/fills/${firstBlock}`);
  const users = usersOf(market, seed);
  const numbers = [...drafts.keys()].sort((a, b) => a - b);
  const blocks = new Map<number, BlockEvents>();
  for (const block of numbers) {
    const draft = drafts.get(block);
    if (draft === undefined) continue;
    const fills = draft.fills.map((fill, place) =>
      fillOf({ ...fill, block, place }, { market, random, users }),
    );
    blocks.set(block, { block, fills, canceled: draft.canceled, placed: draft.placed });
  }
  return { firstBlock, orders, blocks };
}

function fillOf(
  fill: Pick<Fill, 'order' | 'lots' | 'left' | 'block'> & { readonly place: number },
  draw: {
    readonly market: Market;
    readonly random: SeededRandom;
    readonly users: readonly string[];
  },
): Fill {
  const { order, lots, left, block, place } = fill;
  const { market, random, users } = draw;
  const { isLighter } = venues[market.venue];
  const base = isLighter ? tidBaseLighter : tidBase;
  const hash = random.hex(32);
  const isHashless = random.chance(0.03);
  return {
    order,
    lots,
    left,
    block,
    tid: base + block * idsPerBlock + place,
    taker: random.pick(users.filter((user) => user !== order.user)),
    takerOid: oidOf(block, idsPerBlock / 2 + place),
    hash: isHashless ? null : `${isLighter ? '' : '0x'}${hash}`,
    isLiquidation: market.isPerpetual && random.chance(0.02),
    lot: random.next(),
  };
}

/** The time of a fill. */
export function fillTimeMs({ block }: Fill): number {
  return blockTimeMs(block);
}
