/**
 * Reads the topics of a venue as their readers do, publication by publication, and compares them with
 * what really happened on the simulator: at no moment may they say more than is true.
 */
import assert from 'node:assert/strict';
import type { OxarchiveSimulator } from '../../../src/devnet/oxarchive/simulator.ts';
import type { EncodedRecord } from '../../../src/encoding/encoded-record.ts';
import type { ControlEvent } from '../../../src/model/control.ts';
import { parseCursor } from '../../../src/model/cursor.ts';
import type { MarketUpdate } from '../../../src/model/update.ts';
import type { TimeRange } from '../../../src/sources/oxarchive/archive/archive.ts';
import type { Venue } from '../../../src/sources/oxarchive/markets.ts';
import { parseChange, parseCheckpoint, type SimulatedChange } from '../simulation/encoders.ts';
import { BookReader } from './book-reader.ts';
import { assertSameBook } from './oxarchive-truth.ts';
import { TrueRows } from './true-rows.ts';

/** Which topics, and what they promise. */
export interface TopicScene {
  readonly simulator: OxarchiveSimulator;
  readonly venue: Venue;
  readonly symbols: readonly string[];
  readonly datasets: ReadonlySet<string>;
  readonly delivery: 'exactly_once' | 'low_latency';
  readonly depth: 'top' | 'full';
  /** Everything from then on is to be there. */
  readonly fromMs: number;
  /** How far the position may be ahead of what was compared with the archive. */
  readonly overlapMs: number;
}

const rowTopics = ['trades', 'liquidations'] as const;
const bookTopics = ['book_snapshots', 'book_deltas'] as const;

type RowTopic = (typeof rowTopics)[number];
type BookTopic = (typeof bookTopics)[number];

interface Live {
  readonly record: EncodedRecord;
  readonly change: SimulatedChange;
}

/** One reader of all topics. */
export class TopicJudge {
  readonly #scene: TopicScene;
  readonly #rows: Readonly<Record<RowTopic, TrueRows>>;
  readonly #books: Readonly<Record<BookTopic, BookReader>> = {
    book_snapshots: new BookReader(),
    book_deltas: new BookReader(),
  };
  readonly #live = new Map<string, Live>();
  readonly #seen = new Set<string>();
  readonly #final = new Set<string>();
  /** What was taken back, and must not come again as it was. */
  readonly #retracted = new Map<string, SimulatedChange['row']>();
  /** The last word of the control topic, by dataset and symbol. */
  readonly #told = new Map<string, MarketUpdate>();
  #closed: MarketUpdate[] = [];
  /** What was said of markets, for a failure's message. */
  readonly words: string[] = [];
  /** Up to when the last checkpoint says that all rows are there. */
  wholeToMs = 0;
  /** How many books could be trusted, and were compared. */
  compared = 0;
  corrections = 0;

  constructor(scene: TopicScene) {
    this.#scene = scene;
    this.#rows = {
      trades: new TrueRows('trades', scene),
      liquidations: new TrueRows('liquidations', scene),
    };
  }

  /** Markets whose books may be trusted in both topics. */
  get trusted(): readonly string[] {
    const { book_snapshots: snapshots, book_deltas: deltas } = this.#books;
    return deltas.trusted.filter((symbol) => snapshots.trusted.includes(symbol));
  }

  get #rowTopics(): readonly RowTopic[] {
    return rowTopics.filter((topic) => this.#scene.datasets.has(topic));
  }

  /** The archive lost the trades of this time, and does not tell. */
  lose(range: TimeRange): void {
    this.#rows.trades.lose(range);
  }

  /** Another process begins to publish. */
  begin(): void {
    for (const topic of rowTopics) this.#rows[topic].begin();
  }

  /** Takes the records of one publication, which readers see together or one after the other. */
  take(records: readonly EncodedRecord[]): void {
    for (const record of records) {
      if (record.value === null) continue;
      if (isOneOf(rowTopics, record.topic)) this.#row(record.topic, record, record.value);
      else if (isOneOf(bookTopics, record.topic)) this.#book(record.topic, record.value);
      else if (record.topic === 'control') this.#control(JSON.parse(String(record.value)));
      else if (record.topic === 'checkpoints') this.#checkpoint(record.value);
    }
    for (const { dataset, symbol, fromMs, toMs } of this.#closed) {
      if (!isOneOf(rowTopics, dataset) || fromMs === null || toMs === null) continue;
      this.#rows[dataset].assertClosed({ symbol, fromMs, toMs });
    }
    this.#closed = [];
  }

  /** All that happened up to then is there, once, or in a gap that is told. Nothing else is. */
  assertWhole(toMs: number): void {
    for (const topic of this.#rowTopics) {
      for (const symbol of this.#scene.symbols) {
        const range = { symbol, fromMs: this.#scene.fromMs, toMs };
        this.#rows[topic].assertWhole(range);
      }
      this.#rows[topic].assertTrue(toMs);
    }
  }

  #row(topic: RowTopic, record: EncodedRecord, value: Buffer): void {
    const change = parseChange(value);
    const { eventId, incarnation, op } = change;
    const id = `${op === 'd' ? '-' : '+'}${eventId}#${incarnation}`;
    if (this.#seen.has(id)) {
      assert.equal(this.#scene.delivery, 'low_latency', `${id} was published twice`);
      return;
    }
    this.#seen.add(id);
    const live = this.#live.get(eventId);
    if (op === 'd') {
      assert.ok(live, `${id} is retracted and does not live`);
      assert.deepEqual(change.row, live.change.row);
      assert.deepEqual([record.key, record.partition], [live.record.key, live.record.partition]);
      this.#live.delete(eventId);
      this.#rows[topic].remove(change.row);
      this.#retracted.set(eventId, change.row);
      this.corrections += 1;
      return;
    }
    assert.equal(live, undefined, `${id} is inserted while it lives`);
    this.#live.set(eventId, { record, change });
    // A crash between a retraction and what follows it may bring the old form back.
    if (this.#scene.delivery === 'exactly_once')
      assert.notDeepEqual(change.row, this.#retracted.get(eventId), `${id} corrects nothing`);
    const { finality } = change.row;
    assert.ok(finality !== 'preliminary' || !this.#final.has(eventId), `${id} was final before`);
    if (finality === 'final') this.#final.add(eventId);
    this.#rows[topic].add(change.row);
  }

  #book(topic: BookTopic, value: Buffer): void {
    const { row } = parseChange(value);
    const symbol = String(row['symbol']);
    const book = this.#books[topic].take({ row });
    if (book === undefined) return;
    this.compared += 1;
    const { simulator, venue, depth, delivery } = this.#scene;
    assertSameBook(book, simulator, { venue, symbol, depth });
    if (delivery === 'low_latency') return;
    const told = this.#told.get(`${topic}|${symbol}`);
    assert.notEqual(
      told?.epoch === book.epoch ? told.state : 'safe',
      'unsafe',
      `${topic} ${symbol}`,
    );
  }

  #control(event: ControlEvent): void {
    if (event.kind !== 'market') return;
    const { dataset, symbol, state, fromMs, toMs, reason, epoch } = event;
    this.words.push(`${dataset} ${symbol} ${state} ${fromMs}-${toMs} ${epoch} ${reason}`);
    if (state === 'safe' || state === 'unsafe') this.#told.set(`${dataset}|${symbol}`, event);
    if (!isOneOf(rowTopics, dataset)) return;
    if (state === 'gap') this.#rows[dataset].open(event);
    if (state !== 'closed') return;
    this.#rows[dataset].close(event);
    this.#closed.push(event);
  }

  /** What is before the position is there: who begins there again never comes back to it. */
  #checkpoint(value: Buffer): void {
    const { cursor } = parseCheckpoint(value);
    const position = cursor === null ? null : parseCursor(cursor);
    if (position?.kind !== 'token') return;
    const isMoved = Number(position.token) > this.wholeToMs && this.wholeToMs > 0;
    this.wholeToMs = Number(position.token);
    for (const topic of this.#rowTopics) this.#rows[topic].position(isMoved);
    const toMs = this.wholeToMs - this.#scene.overlapMs;
    for (const topic of this.#rowTopics) {
      for (const symbol of this.#scene.symbols) this.#rows[topic].assertUpTo(symbol, toMs);
    }
  }
}

function isOneOf<T extends string>(list: readonly T[], text: string): text is T {
  return list.some((each) => each === text);
}
