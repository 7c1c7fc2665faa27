/**
 * The rows of one append-only stream of a market that were yielded lately: what tells a row that is
 * read again from one that was missed. Bounded; what it has forgotten is yielded again, and the
 * pipeline leaves it alone.
 */
import type { LiquidationMessage, TradeMessage } from '../messages.ts';

/** A row that may be missed and fetched later. */
export type AppendMessage = TradeMessage | LiquidationMessage;

/** Datasets of such rows. */
export type AppendDataset = AppendMessage['dataset'];

/**
 * How a row compares with those of the trail: `other` is a correction of one that is there, `before` says
 * the same as one of an earlier session, which may have been lost on its way to the topics.
 */
export type Known = 'no' | 'same' | 'before' | 'other';

/** One per market and dataset. */
export class RowTrail {
  readonly #rowsMax: number;
  /** What a row says, after its session, by what identifies it; oldest first. */
  readonly #rows = new Map<string, string>();
  /** One for all: a new one would pass by the places of all that have left before. */
  readonly #oldest = this.#rows.keys();
  #session = 0;
  #newestMs: number | null = null;
  /** The market has ended, and all of it was read. */
  isOver = false;
  /** Where the hole begins that was open when the last session ended; null where none was. */
  lacksFromMs: number | null = null;

  constructor(rowsMax: number) {
    this.#rowsMax = rowsMax;
  }

  /** Time of the newest row so far; null before the first. */
  get newestMs(): number | null {
    return this.#newestMs;
  }

  /** True once a row was forgotten: a row that is not known may have been yielded then. */
  get isFull(): boolean {
    return this.#rows.size >= this.#rowsMax;
  }

  /** A session begins: what was yielded before it may never have been published. */
  beginSession(): void {
    this.#session += 1;
  }

  compare(row: AppendMessage): Known {
    const known = this.#rows.get(keyOf(row));
    if (known === undefined) return 'no';
    const content = contentOf(row);
    if (known === `${this.#session}:${content}`) return 'same';
    return known.slice(known.indexOf(':') + 1) === content ? 'before' : 'other';
  }

  /**
   * Trades that touch a stretch, and their times: those of the last moment at or before `fromMs`, no earlier
   * than `earliestMs`, and all that came after it, before `toMs`. Who reads the stretch must meet them again.
   */
  touching(stretch: {
    readonly earliestMs: number;
    readonly fromMs: number;
    readonly toMs: number;
  }): Map<number, number> {
    const { earliestMs, fromMs, toMs } = stretch;
    const timesMs = new Map<number, number>();
    let leftMs = earliestMs;
    for (const [key, known] of this.#rows) {
      const timeMs = timeIn(known);
      if (timeMs < earliestMs || timeMs >= toMs) continue;
      timesMs.set(Number.parseInt(key, 10), timeMs);
      if (timeMs <= fromMs) leftMs = Math.max(leftMs, timeMs);
    }
    for (const [id, timeMs] of timesMs) if (timeMs < leftMs) timesMs.delete(id);
    return timesMs;
  }

  add(row: AppendMessage): void {
    const key = flatText(keyOf(row));
    this.#rows.delete(key);
    this.#rows.set(key, flatText(`${this.#session}:${contentOf(row)}`));
    if (this.#newestMs === null || row.eventTimeMs > this.#newestMs) {
      this.#newestMs = row.eventTimeMs;
    }
    if (this.#rows.size <= this.#rowsMax) return;
    const oldest = this.#oldest.next();
    if (oldest.done !== true) this.#rows.delete(oldest.value);
  }
}

const scratch = Buffer.alloc(1_024);

/** The text in one piece: one that was joined of others keeps each of them in memory beside itself. */
function flatText(text: string): string {
  // A character has three bytes at most.
  if (text.length * 3 > scratch.length) return text;
  return scratch.toString('utf8', 0, scratch.write(text, 'utf8'));
}

function keyOf({ tradeId, side, leg }: AppendMessage): string {
  return `${tradeId}/${side}/${leg}`;
}

/**
 * What both ways to a row tell. Fees and accounts come with the archived copy only: the same trade is
 * no correction because of them (reference section 4.5).
 */
function contentOf(row: AppendMessage): string {
  const finality = row.dataset === 'trades' ? row.finality : null;
  return `${row.price}/${row.quantity}/${row.eventTimeMs}/${finality ?? ''}`;
}

/** Of what is kept of a row: `contentOf`, after its session. */
function timeIn(known: string): number {
  const [, , timeMs] = known.split('/', 3);
  return Number(timeMs);
}
