/**
 * A book kept order by order: a snapshot of all that rest, then diffs by block (reference section 4.11).
 * Its rows are the levels that the orders add up to.
 */
import { type BookLevel, comparePrices } from '../../../model/book.ts';
import type { OrderDiffMessage, RestingOrder, Side } from '../messages.ts';
import type { WireOrders } from '../wire/orders.ts';
import { type BookMoment, BookRows, type BookRowsOptions } from './book-rows.ts';
import { LevelBook, levelsMax } from './level-book.ts';
import { type BookOutcome, impossible, lost, nothingNew } from './outcome.ts';
import { type BookProblem, problemOfBook } from './problem.ts';
import { quantityOf, unitsOf } from './units.ts';

/** More resting orders than any market has by far. */
const ordersMax = 1_000_000;

interface Order {
  readonly side: Side;
  readonly price: string;
  readonly units: bigint;
}

/** One market's book. */
export class OrderBook {
  readonly #rows: BookRows;
  readonly #symbol: string;
  readonly #book = new LevelBook();
  readonly #orders = new Map<number, Order>();
  /** Ids of the orders at each price. */
  readonly #atPrice = { buy: new Map<string, Set<number>>(), sell: new Map<string, Set<number>>() };
  #snapshotBlock = 0;
  #block = 0;
  #sequence = 0;

  constructor(options: BookRowsOptions) {
    this.#rows = new BookRows(options);
    this.#symbol = options.symbol;
  }

  /** The trustworthy epoch; null while none is. */
  get epoch(): number | null {
    return this.#rows.epoch;
  }

  /** All resting orders as of their block. */
  accept(snapshot: WireOrders, receivedAtUs: number): BookOutcome {
    const blockNumber = snapshot.blockNumber ?? 0;
    const moment = { eventTimeMs: snapshot.timeMs, receivedAtUs, blockNumber };
    const found = this.#load(snapshot);
    if (found !== undefined) return this.#lost(found, moment);
    this.#snapshotBlock = blockNumber;
    this.#block = blockNumber;
    this.#sequence = 0;
    const rows = this.#rows.open(this.#book.view, moment);
    const { lastEpoch: epoch } = this.#rows;
    return { rows, became: 'safe', epoch, reason: null, problem: null, ignored: 0 };
  }

  /** The diffs of a frame. While the book is unsafe they are of no use and ignored. */
  apply(diffs: readonly OrderDiffMessage[], moment: BookMoment): BookOutcome {
    if (this.#rows.epoch === null) return nothingNew(this.#rows, diffs.length);
    let ignored = 0;
    for (const diff of diffs.toSorted(inBlockOrder)) {
      const result = this.#step(diff);
      if (result === 'ignored') ignored += 1;
      else if (result !== 'applied') return this.#lost(result, moment);
    }
    return this.#changed(ignored, moment);
  }

  /** What was said before it may never have been published. */
  beginSession(): void {
    this.#rows.beginSession();
  }

  /** The book is not to be trusted any more, for a reason that is not in its frames. */
  unsafe(reason: string, moment: BookMoment): BookOutcome {
    const rows = this.#rows.unsafe(reason, moment);
    const { lastEpoch: epoch } = this.#rows;
    return { rows, became: 'unsafe', epoch, reason, problem: null, ignored: 0 };
  }

  /** Rules 2 and 3: nothing of the snapshot's blocks, nothing twice, each block in its order. */
  #step(diff: OrderDiffMessage): 'applied' | 'ignored' | BookProblem {
    const { blockNumber, sequence, newQuantity } = diff;
    if (blockNumber <= this.#snapshotBlock) return 'ignored';
    if (blockNumber < this.#block) {
      const problem = `has block ${blockNumber} after block ${this.#block}`;
      return { reason: 'out_of_order', problem };
    }
    if (blockNumber > this.#block) {
      const found = this.#problemNow();
      if (found !== undefined) return found;
      this.#sequence = 0;
      this.#block = blockNumber;
    }
    if (sequence > 0 && sequence <= this.#sequence) return 'ignored';
    this.#sequence = Math.max(sequence, this.#sequence);
    const units = newQuantity === null ? 0n : unitsOf(newQuantity);
    if (units !== undefined) return this.#applyOne(diff, units) ? 'applied' : 'ignored';
    const problem = `has a quantity of ${newQuantity}, with more than 18 digits after the point`;
    return { reason: 'impossible', problem };
  }

  #changed(ignored: number, moment: BookMoment): BookOutcome {
    const found = this.#problemNow();
    if (found !== undefined) return this.#lost(found, moment);
    const changes = this.#book.takeChanges();
    if (changes.bids.length + changes.asks.length === 0) return nothingNew(this.#rows, ignored);
    const rows = this.#rows.change(this.#book.view, changes, {
      ...moment,
      blockNumber: this.#block,
    });
    const { lastEpoch: epoch } = this.#rows;
    return { rows, became: null, epoch, reason: null, problem: null, ignored };
  }

  /** False for what changes nothing: an order that is not held, or a new one without a quantity. */
  #applyOne({ orderId, side, price, diffType }: OrderDiffMessage, units: bigint): boolean {
    if (diffType === 'remove') return this.#remove(orderId);
    if (diffType === 'update') {
      const order = this.#orders.get(orderId);
      if (order === undefined) return false;
      this.#remove(orderId);
      if (units > 0n) this.#insert(orderId, { ...order, units });
      return true;
    }
    if (units === 0n) return false;
    this.#removeCrossed(side, price);
    this.#remove(orderId);
    this.#insert(orderId, { side, price, units });
    return true;
  }

  /** Fills of what a new order crosses are not always announced as removals before it. */
  #removeCrossed(side: Side, price: string): void {
    const other = side === 'buy' ? 'sell' : 'buy';
    for (;;) {
      const best = this.#book.best(other);
      if (best === undefined) return;
      const distance = comparePrices(price, best.price);
      if (side === 'buy' ? distance < 0 : distance > 0) return;
      for (const orderId of [...(this.#atPrice[other].get(best.price) ?? [])])
        this.#remove(orderId);
    }
  }

  #insert(orderId: number, order: Order): void {
    const { side, price, units } = order;
    this.#orders.set(orderId, order);
    const ids = this.#atPrice[side].get(price);
    if (ids === undefined) this.#atPrice[side].set(price, new Set([orderId]));
    else ids.add(orderId);
    this.#addUp(side, price, units);
  }

  #remove(orderId: number): boolean {
    const order = this.#orders.get(orderId);
    if (order === undefined) return false;
    const { side, price, units } = order;
    this.#orders.delete(orderId);
    const ids = this.#atPrice[side].get(price);
    ids?.delete(orderId);
    if (ids?.size === 0) this.#atPrice[side].delete(price);
    this.#addUp(side, price, -units);
    return true;
  }

  #addUp(side: Side, price: string, units: bigint): void {
    const before = unitsOf(this.#book.at(side, price)?.quantity ?? '0') ?? 0n;
    const orders = this.#atPrice[side].get(price)?.size ?? 0;
    this.#book.set({ side, price, quantity: quantityOf(before + units), orders });
  }

  #load({ bids, asks }: WireOrders): BookProblem | undefined {
    this.#orders.clear();
    this.#atPrice.buy.clear();
    this.#atPrice.sell.clear();
    if (bids.length + asks.length > ordersMax) {
      const size = bids.length + asks.length;
      return { reason: 'too_large', problem: `has ${size} orders, more than ${ordersMax}` };
    }
    const sides = { bids: this.#loadSide('buy', bids), asks: this.#loadSide('sell', asks) };
    if (this.#orders.size < bids.length + asks.length) {
      return { reason: 'impossible', problem: 'has an order twice, or one without a quantity' };
    }
    const found = problemOfBook(sides, levelsMax);
    if (found === undefined) this.#book.replace(sides);
    return found;
  }

  /** The levels of a side, of orders in any order. */
  #loadSide(side: Side, orders: readonly RestingOrder[]): readonly BookLevel[] {
    const totals = new Map<string, bigint>();
    for (const { orderId, price, quantity } of orders) {
      const units = unitsOf(quantity) ?? 0n;
      if (units === 0n || this.#orders.has(orderId)) continue;
      this.#orders.set(orderId, { side, price, units });
      const ids = this.#atPrice[side].get(price);
      if (ids === undefined) this.#atPrice[side].set(price, new Set([orderId]));
      else ids.add(orderId);
      totals.set(price, (totals.get(price) ?? 0n) + units);
    }
    const direction = side === 'buy' ? -1 : 1;
    return [...totals]
      .sort(([a], [b]) => comparePrices(a, b) * direction)
      .map(([price, units]) => ({
        price,
        quantity: quantityOf(units),
        orders: this.#atPrice[side].get(price)?.size ?? 0,
      }));
  }

  /** What must hold after each block. */
  #problemNow(): BookProblem | undefined {
    const after = `block ${this.#block}`;
    if (this.#orders.size <= ordersMax) return this.#book.problemAfter(after);
    return { reason: 'too_large', problem: `has more than ${ordersMax} orders after ${after}` };
  }

  #lost({ reason, problem }: BookProblem, moment: BookMoment): BookOutcome {
    return lost(this.#rows, moment, { reason, problem: impossible(this.#symbol, problem) });
  }
}

/** By block and sequence; rows of before there was a sequence stay as they came. */
function inBlockOrder(a: OrderDiffMessage, b: OrderDiffMessage): number {
  if (a.blockNumber !== b.blockNumber) return a.blockNumber - b.blockNumber;
  return a.sequence === 0 || b.sequence === 0 ? 0 : a.sequence - b.sequence;
}
