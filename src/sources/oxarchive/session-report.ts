/** What the parts of a session find, as the updates that a source yields. */
import { type Cursor, tokenCursor } from '../../model/cursor.ts';
import type { ErrorCode } from '../../model/errors.ts';
import type { Clock } from '../../model/runtime.ts';
import type { SourceUpdate } from '../../model/update.ts';
import type { RowStreams, RowUpdate } from './holes/row-streams.ts';
import type { CandlePage } from './live/candles.ts';
import type { BookUpdate } from './live/live-books.ts';
import type { OxarchiveMessage } from './messages.ts';

type Update = SourceUpdate<OxarchiveMessage>;

const rawBytesMax = 65_536;

/** Knows the position, which the streams of rows hold. */
export class SessionReport {
  readonly #rows: RowStreams;
  readonly #clock: Clock;

  constructor(rows: RowStreams, clock: Clock) {
    this.#rows = rows;
    this.#clock = clock;
  }

  *rowUpdates(updates: Iterable<RowUpdate>): Generator<Update> {
    for (const update of updates) {
      if (update.kind === 'malformed') yield malformed(update.raw, update.code, update.reason);
      else if (update.kind === 'market') {
        // The position stands still from here on: the publication that tells the hole has it already.
        if (update.toMs === null) yield { kind: 'idle', cursor: this.cursor() };
        yield update;
      } else {
        const { rows, receivedAtUs } = update;
        const cursor = this.cursor();
        yield { kind: 'batch', cursor, messages: rows, isBackfill: true, receivedAtUs };
      }
    }
  }

  *candleUpdates(pages: Iterable<CandlePage>): Generator<Update> {
    for (const { candles, letters, receivedAtUs } of pages) {
      for (const { raw, code, reason } of letters) yield malformed(raw, code, reason);
      const cursor = this.cursor();
      const batch = { cursor, messages: candles, isBackfill: false, receivedAtUs };
      if (candles.length > 0) yield { kind: 'batch', ...batch };
    }
  }

  *bookUpdates(updates: Iterable<BookUpdate>, receivedAtUs?: number): Generator<Update> {
    for (const update of updates) {
      if (update.kind === 'malformed') yield malformed(update.raw, update.code, update.reason);
      else if (update.kind === 'market') yield update;
      else {
        // What this side says of a book by itself is no sign that the streams have come so far.
        if (receivedAtUs !== undefined) this.#rows.live(update.rows);
        const atUs = receivedAtUs ?? this.#clock.nowUs();
        const cursor = this.cursor();
        const batch = { cursor, messages: update.rows, isBackfill: false, receivedAtUs: atUs };
        yield { kind: 'batch', ...batch };
      }
    }
  }

  /** Rows that came live. */
  batch(
    messages: readonly OxarchiveMessage[],
    { isBackfill, receivedAtUs }: { readonly isBackfill: boolean; readonly receivedAtUs: number },
  ): Update {
    this.#rows.live(messages);
    return { kind: 'batch', cursor: this.cursor(), messages, isBackfill, receivedAtUs };
  }

  /** The position after what was reported. */
  cursor(): Cursor {
    return tokenCursor(String(this.#rows.watermarkMs));
  }
}

/** A frame may have tens of megabytes: its beginning tells enough. */
export function malformed(raw: Uint8Array, code: ErrorCode, reason: string): Update {
  return { kind: 'malformed', raw: raw.subarray(0, rawBytesMax), code, reason };
}
