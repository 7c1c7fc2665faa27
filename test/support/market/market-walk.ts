/**
 * A venue whose trades come once, again or corrected, the ledger that follows it, and the topics it
 * publishes to, with a crash possible at every record.
 */
import assert from 'node:assert/strict';
import type { EncodedRecord } from '../../../src/encoding/encoded-record.ts';
import { parseCursor } from '../../../src/model/cursor.ts';
import type { Ledger } from '../../../src/pipeline/ledger.ts';
import { SimulatedKafka } from '../simulation/kafka.ts';
import type { MarketMessage } from './market-datasets.ts';
import {
  assertBooks,
  assertFinal,
  assertState,
  assertTrades,
  type Delivery,
} from './market-judge.ts';
import { batch, firstLedger, HandClock, restoredLedger } from './market-ledger.ts';

export type MarketStep =
  | { readonly kind: 'trades'; readonly symbols: readonly number[] }
  | { readonly kind: 'again' | 'correct'; readonly picks: readonly number[] }
  | { readonly kind: 'book'; readonly symbol: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'publish'; readonly isFlushed: boolean }
  | { readonly kind: 'crash'; readonly at: number; readonly overlap: number };

/** Rows that the window holds at least. */
const heldMin = 40;
const undoRowsMax = 60;
const correctionsMs = 10_000;

interface Told {
  readonly message: MarketMessage;
  /** How many rows and how much time had gone when it was told last. */
  readonly rows: number;
  readonly ms: number;
}

export class MarketWalk {
  readonly kafka = new SimulatedKafka();
  readonly #delivery: Delivery;
  readonly #clock = new HandClock();
  #epoch = this.kafka.fence();
  /** What the venue told, batch by batch. */
  readonly #batches: (readonly MarketMessage[])[] = [];
  readonly #trades = new Map<number, Told>();
  readonly #books: MarketMessage[] = [];
  /** Without transactions: sealed records that wait. */
  #waiting: EncodedRecord[] = [];
  #made = 0;
  #rows = 0;
  #ledger: Ledger<MarketMessage>;

  constructor(delivery: Delivery) {
    this.#delivery = delivery;
    this.#ledger = opened(firstLedger(this.#options()));
    this.publish(true);
  }

  async take(step: MarketStep): Promise<void> {
    if (step.kind === 'trades') this.#tell(step.symbols.map((symbol) => this.#trade(symbol)));
    if (step.kind === 'again') this.#tell(this.#pick(step.picks));
    if (step.kind === 'correct') {
      this.#tell(this.#pick(step.picks).map((message) => ({ ...message, price: this.#next() })));
    }
    if (step.kind === 'book') this.#tell([this.#book(step.symbol)]);
    if (step.kind === 'wait') this.#clock.ms += step.ms;
    if (step.kind === 'publish') this.publish(step.isFlushed);
    if (step.kind === 'crash') await this.#crash(step.at, step.overlap);
    assert.ok(this.#ledger.undoRows <= undoRowsMax + 20, 'the window is bounded');
  }

  /** Publishes what is ready, and judges the topics as they are then. */
  publish(isFlushed: boolean): void {
    if (this.#ledger.isReady) this.#append(Number.POSITIVE_INFINITY, isFlushed);
    const told = new Map([...this.#trades].map(([id, { message }]) => [id, message]));
    assertTrades(this.kafka, told, this.#delivery);
    assertBooks(this.kafka, this.#books, this.#delivery);
    if (this.#waiting.length === 0) {
      assertState(this.kafka, told, this.#books);
      assertFinal(this.kafka, told);
    }
  }

  /** What a restored ledger publishes for the same news is what one publishes that never stopped. */
  async assertSameAfterRestart(): Promise<void> {
    this.publish(true);
    const running = this.#ledger;
    const restored = await this.#restored();
    const picks = [...this.#trades.keys()];
    const news = this.#pick(picks).map((message, index) =>
      index % 2 === 0 ? message : { ...message, price: 'news' },
    );
    const [one, other] = [running, restored].map((ledger) => {
      ledger.take(batch(1, news));
      return ledger.draft.records;
    });
    assert.deepEqual(other, one);
  }

  /** The first `recordsMax` records are appended; all of them: the publication is whole. */
  #append(recordsMax: number, isFlushed: boolean): void {
    const { records, seal } = this.#ledger.close();
    const isWhole = recordsMax >= records.length;
    const written = records.slice(0, recordsMax);
    if (this.#delivery === 'exactly_once') {
      const transaction = this.kafka.begin(this.#epoch);
      const offsets = written.map((record) => this.kafka.append(record, transaction));
      if (!isWhole) return;
      for (const record of seal(Float64Array.from(offsets))) this.kafka.append(record, transaction);
      this.kafka.commit(transaction);
      return;
    }
    const offsets = written.map((record) => this.kafka.append(record, null));
    if (isWhole) this.#waiting.push(...seal(Float64Array.from(offsets)));
    if (!isWhole || !isFlushed) return;
    const transaction = this.kafka.begin(this.#epoch);
    for (const record of this.#waiting) this.kafka.append(record, transaction);
    this.kafka.commit(transaction);
    this.#waiting = [];
  }

  /** The process dies; its successor asks for what comes after its cursor, and some of what was before. */
  async #crash(at: number, overlap: number): Promise<void> {
    if (this.#ledger.isReady) this.#append(at, false);
    this.#waiting = [];
    this.#epoch = this.kafka.fence();
    this.#ledger = opened(await this.#restored());
    const position = parseCursor(this.#ledger.cursor ?? '1:token:0');
    const done = position.kind === 'token' ? Number(position.token) : 0;
    const before = this.#batches.slice(Math.max(0, done - overlap), done).flat();
    const known = before.filter(({ id, dataset }) => dataset === 'trades' && this.#isHeld(id));
    const now = known.flatMap(({ id }) => this.#trades.get(id)?.message ?? []);
    if (now.length > 0) this.#ledger.take(batch(done, now, true));
    for (const [index, messages] of this.#batches.slice(done).entries()) {
      this.#ledger.take(batch(done + index + 1, messages));
    }
  }

  async #restored(): Promise<Ledger<MarketMessage>> {
    const readsPastCheckpoint = this.#delivery === 'low_latency';
    return restoredLedger(this.kafka, { ...this.#options(), readsPastCheckpoint });
  }

  #options() {
    return { clock: this.#clock, change: { undoRowsMax, correctionsMs } };
  }

  #tell(messages: readonly MarketMessage[]): void {
    if (messages.length === 0) return;
    this.#batches.push(messages);
    for (const message of messages) {
      const { dataset, id, price } = message;
      if (dataset === 'books') this.#books.push(message);
      else if (this.#trades.get(id)?.message.price !== price) {
        this.#rows += 1;
        this.#trades.set(id, { message, rows: this.#rows, ms: this.#clock.ms });
      }
    }
    this.#ledger.take(batch(this.#batches.length, messages));
  }

  #isHeld(id: number): boolean {
    const told = this.#trades.get(id);
    if (told === undefined) return false;
    return this.#rows - told.rows < heldMin && this.#clock.ms - told.ms < correctionsMs / 2;
  }

  #pick(picks: readonly number[]): MarketMessage[] {
    const held = [...this.#trades.keys()].filter((id) => this.#isHeld(id));
    const ids = new Set(picks.flatMap((pick) => held[pick % held.length] ?? []));
    return [...ids].flatMap((id) => this.#trades.get(id)?.message ?? []);
  }

  #trade(symbol: number): MarketMessage {
    const id = Number(this.#next());
    return { dataset: 'trades', symbol: `S${symbol}`, id, timeMs: id * 10, price: this.#next() };
  }

  #book(symbol: number): MarketMessage {
    const id = Number(this.#next());
    return { dataset: 'books', symbol: `S${symbol}`, id, timeMs: id * 10, price: this.#next() };
  }

  #next(): string {
    this.#made += 1;
    return String(this.#made);
  }
}

/** As a task does it: the first publication tells of the new instance. */
function opened(ledger: Ledger<MarketMessage>): Ledger<MarketMessage> {
  ledger.announce({ kind: 'session', state: 'opened', generation: 1, reason: 'started' });
  return ledger;
}
