/**
 * The other end of a market source in a test: lends it a runtime, takes its updates over as the
 * pipeline does, and keeps what a reader of the topics would know.
 */
import assert from 'node:assert/strict';
import { silentLogger } from '../../../src/consumer/silent-logger.ts';
import { type Cursor, parseCursor } from '../../../src/model/cursor.ts';
import type { Event, Origin } from '../../../src/model/event.ts';
import type { Clock } from '../../../src/model/runtime.ts';
import type { MarketUpdate, SourceUpdate } from '../../../src/model/update.ts';
import { createNormalizer } from '../../../src/normalization/normalizer.ts';
import { oxarchiveChannels } from '../../../src/sources/oxarchive/channels.ts';
import type { OxarchiveMessage } from '../../../src/sources/oxarchive/messages.ts';
import type { Source, SourceRuntime } from '../../../src/sources/source.ts';

type Update = SourceUpdate<OxarchiveMessage>;

/** A row as it is published now. */
export interface HeldRow {
  readonly event: Event;
  /** How often it was inserted anew with other content. */
  readonly corrections: number;
  readonly isBackfill: boolean;
}

/** A reader of one source. */
export class MarketFold {
  readonly updates: Update[] = [];
  /** Rows by dataset and index; the newest content of each. */
  readonly held = new Map<string, HeldRow>();
  /** Log lines of what the stream was doing. */
  readonly states: Readonly<Record<string, unknown>>[] = [];
  readonly warnings: string[] = [];
  readonly counted = new Map<string, number>();
  cursor: Cursor | null = null;
  /** Hears each row as it is published. */
  onRow: ((event: Event) => void) | undefined;
  /** Rows that are told to be missing, by dataset and symbol. */
  readonly #holes = new Set<string>();
  readonly #clock: Clock;
  readonly #normalize;

  constructor(clock: Clock, datasets: ReadonlySet<string>) {
    this.#clock = clock;
    this.#normalize = createNormalizer(oxarchiveChannels, datasets);
  }

  get runtime(): SourceRuntime {
    const note = (fields: Readonly<Record<string, unknown>>, message: string) => {
      if (message === 'stream state') this.states.push(fields);
      else this.warnings.push(message);
    };
    return {
      name: 'test',
      clock: this.#clock,
      logger: { ...silentLogger, info: note, warn: note, error: note },
      metrics: {
        add: (name, { reason = '' }, value = 1) => {
          const key = `${name} ${reason}`.trim();
          this.counted.set(key, (this.counted.get(key) ?? 0) + value);
        },
        set: () => undefined,
        observe: () => undefined,
      },
      random: () => 0.5,
      canonicalHash: () => undefined,
      finalizedHeight: () => undefined,
    };
  }

  /** What was said of markets, in order. */
  get told(): readonly MarketUpdate[] {
    return this.updates.filter((update) => update.kind === 'market');
  }

  /** Up to when all trades are there, by the cursor. */
  get wholeToMs(): number {
    return timeOf(this.cursor);
  }

  /** Codes of the dead letters. */
  get letters(): readonly string[] {
    return this.updates.flatMap((update) => (update.kind === 'malformed' ? [update.code] : []));
  }

  /** Rows of a dataset that are published now. */
  rows(dataset: string): readonly Event[] {
    return [...this.held.values()].flatMap(({ event }) =>
      event.dataset === dataset ? [event] : [],
    );
  }

  take(update: Update): void {
    this.updates.push(update);
    if (update.kind === 'idle') this.#moveTo(update.cursor);
    if (update.kind === 'market') this.#note(update);
    if (update.kind !== 'batch') return;
    const { messages, isBackfill, receivedAtUs } = update;
    const origin: Origin = {
      chain: 'test',
      source: 'test',
      height: 0,
      blockHash: 'oxarchive',
      blockTimeMs: 0,
      isBackfill,
      receivedAtUs,
    };
    const events = this.#normalize(messages, origin, (error) => {
      throw error;
    });
    for (const event of events) {
      this.onRow?.(event);
      this.#hold(event, isBackfill);
    }
    this.#moveTo(update.cursor);
  }

  /** Goes on where another reader was, as after a restart of the source. */
  takeOver(other: MarketFold): void {
    this.cursor = other.cursor;
    this.updates.push(...other.updates);
    for (const [id, row] of other.held) this.held.set(id, row);
  }

  /** Runs one session until `until` holds after an update, or until it throws. */
  async run(source: Source<OxarchiveMessage>, until: (update: Update) => boolean): Promise<void> {
    const stop = new AbortController();
    const deadline = setTimeout(() => stop.abort(new Error('deadline')), 60_000);
    let isDone = false;
    try {
      for await (const update of source.updates(this.cursor, stop.signal)) {
        this.take(update);
        isDone ||= until(update);
        if (isDone) stop.abort();
      }
    } finally {
      clearTimeout(deadline);
    }
    assert(isDone, `The session ended without what was waited for. Seen: ${this.picture}`);
  }

  /** What was said, for a failure's message. */
  get picture(): string {
    const lines = this.updates.flatMap((update) => {
      if (update.kind === 'market') {
        const { dataset, symbol, state, fromMs, toMs, rows, reason } = update;
        return [`${dataset} ${symbol} ${state} ${fromMs}-${toMs} rows ${rows}: ${reason}`];
      }
      return update.kind === 'malformed' ? [`${update.code}: ${update.reason}`] : [];
    });
    const states = this.states.map(({ state }) => state).join(' ');
    return [`states ${states}`, ...lines.slice(-60)].join('\n');
  }

  #hold(event: Event, isBackfill: boolean): void {
    const id = `${event.dataset}/${event.index}`;
    const was = this.held.get(id);
    if (was === undefined) {
      this.held.set(id, { event, corrections: 0, isBackfill });
      return;
    }
    if (JSON.stringify(was.event.row) === JSON.stringify(event.row)) return;
    this.held.set(id, { event, corrections: was.corrections + 1, isBackfill });
  }

  #note({ dataset, symbol, state, toMs }: MarketUpdate): void {
    if (state === 'gap' && toMs === null) this.#holes.add(`${dataset} ${symbol}`);
    if (state === 'closed') this.#holes.delete(`${dataset} ${symbol}`);
  }

  #moveTo(cursor: Cursor): void {
    if (this.#holes.size > 0 && this.cursor !== null) {
      assert.equal(cursor, this.cursor, `cursor moved over holes of ${[...this.#holes]}`);
    }
    assert(
      timeOf(cursor) >= timeOf(this.cursor),
      `cursor went back from ${this.cursor} to ${cursor}`,
    );
    this.cursor = cursor;
  }
}

function timeOf(cursor: Cursor | null): number {
  const position = cursor === null ? null : parseCursor(cursor);
  return position?.kind === 'token' ? Number(position.token) : 0;
}
