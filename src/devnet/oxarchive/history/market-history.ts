/**
 * The history of one market, addressed by time: whatever asks for a block, now or later, live or from
 * the archive, gets the same. Nothing is stored; a bounded part of what was computed is kept.
 */
import { SeededRandom } from '../../traffic/seeded-random.ts';
import type { Market } from '../market.ts';
import { blockAt } from './block-time.ts';
import { BoundedCache } from './bounded-cache.ts';
import { drawOrders, stretchBlocks } from './draw-orders.ts';
import { type BlockEvents, type Fill, lotsAfter, type Order } from './order.ts';

import { type Stretch, stretchOf } from './stretch.ts';
import { ValuePath } from './value-path.ts';

/** An order that rests, with what is left of it. */
export interface RestingOrder {
  readonly order: Order;
  readonly lots: number;
}

const stretchesMax = 4;

/** The history of a market. */
export class MarketHistory {
  readonly market: Market;
  readonly path: ValuePath;
  /** What everything of this market is drawn from. */
  readonly seed: string;
  /** Stretches of different markets begin at different times, so that they are not all drawn at once. */
  readonly #offset: number;
  readonly #orders: BoundedCache<number, readonly Order[]>;
  readonly #stretches: BoundedCache<number, Stretch>;

  constructor(seed: string, market: Market) {
    this.market = market;
    this.seed = `${seed}/${market.venue}/${market.symbol}`;
    this.path = new ValuePath(`${this.seed}/price`, market.baseTicks);
    this.#offset = new SeededRandom(`${this.seed}/offset`).integer(0, stretchBlocks - 1);
    const draw = { market, seed: this.seed, path: this.path };
    this.#orders = new BoundedCache(stretchesMax, (first) => drawOrders(first, draw));
    this.#stretches = new BoundedCache(stretchesMax, (first) => {
      const orders = [...this.#orders.get(first - stretchBlocks), ...this.#orders.get(first)];
      return stretchOf(first, orders, draw);
    });
  }

  /** What happens in a block; undefined when nothing does. */
  events(block: number): BlockEvents | undefined {
    return this.#stretchAt(block).blocks.get(block);
  }

  /** Blocks in which something happens, ascending, from `from` to `to`, both included. */
  *eventsBetween(from: number, to: number): Generator<BlockEvents> {
    let block = from;
    while (block <= to) {
      const { firstBlock, blocks } = this.#stretchAt(block);
      for (const events of blocks.values()) {
        if (events.block >= block && events.block <= to) yield events;
      }
      block = firstBlock + stretchBlocks;
    }
  }

  /** Fills of a window of time, both ends included, ascending. */
  *fills(fromMs: number, toMs: number): Generator<Fill> {
    for (const { fills } of this.eventsBetween(blockAt(fromMs - 1) + 1, blockAt(toMs))) {
      yield* fills;
    }
  }

  /** The orders that rest after a block: by id, those that are queued ahead first. */
  resting(block: number): readonly RestingOrder[] {
    const resting: RestingOrder[] = [];
    for (const order of this.#stretchAt(block).orders) {
      const lots = lotsAfter(order, block);
      if (lots > 0) resting.push({ order, lots });
    }
    return resting.sort((a, b) => Number(b.order.isAhead) - Number(a.order.isAhead));
  }

  #stretchAt(block: number): Stretch {
    const place = (block + this.#offset) % stretchBlocks;
    return this.#stretches.get(block - place);
  }
}
