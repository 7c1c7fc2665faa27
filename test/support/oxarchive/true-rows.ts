/** The trades or liquidations that a reader holds, beside those that there were, and the gaps told of them. */
import assert from 'node:assert/strict';
import type { OxarchiveSimulator } from '../../../src/devnet/oxarchive/simulator.ts';
import type { MarketUpdate } from '../../../src/model/update.ts';
import { canonicalDecimal } from '../../../src/sources/decimal.ts';
import type { TimeRange } from '../../../src/sources/oxarchive/archive/archive.ts';
import type { Venue } from '../../../src/sources/oxarchive/markets.ts';

/** A stretch of one market, both ends included. */
export interface Stretch extends TimeRange {
  readonly symbol: string;
}

type Row = Readonly<Record<string, unknown>>;

/** Of one dataset. */
export class TrueRows {
  readonly #dataset: 'trades' | 'liquidations';
  readonly #scene: {
    readonly simulator: OxarchiveSimulator;
    readonly venue: Venue;
    readonly fromMs: number;
    readonly overlapMs: number;
  };
  /** What is published now, and at what time it was. */
  readonly #held = new Map<string, number>();
  /** What this process has published. */
  readonly #known = new Set<string>();
  /** What the archive lacks and does not tell. */
  readonly #lost: TimeRange[] = [];
  readonly #gaps: MarketUpdate[] = [];
  /** Closed in part: what stays missing is told before the position goes on. */
  readonly #leaving = new Set<MarketUpdate>();
  /** Markets whose gap was open at the last position, and is. */
  #standing: readonly string[] = [];
  readonly #checked = new Map<string, number>();

  constructor(
    dataset: 'trades' | 'liquidations',
    scene: {
      readonly simulator: OxarchiveSimulator;
      readonly venue: Venue;
      readonly fromMs: number;
      readonly overlapMs: number;
    },
  ) {
    this.#dataset = dataset;
    this.#scene = scene;
  }

  /** The archive lost what there was then. */
  lose(range: TimeRange): void {
    this.#lost.push(range);
  }

  /** A process begins that knows nothing of what was read before. */
  begin(): void {
    this.#known.clear();
  }

  add(row: Row): void {
    const text = textOf(row);
    this.#known.add(text);
    assert.ok(!this.#held.has(text), `${text} is there twice`);
    this.#held.set(text, Number(row['event_time']));
  }

  remove(row: Row): void {
    assert.ok(this.#held.delete(textOf(row)), `${textOf(row)} is not there`);
  }

  /** A market's dataset has one open gap: a further one is of it, and may begin earlier. */
  open(gap: MarketUpdate): void {
    const at = this.#gaps.findIndex(
      (each) => isOpenOf(each, gap.symbol) && !this.#leaving.has(each),
    );
    if (gap.toMs !== null || at < 0) this.#gaps.push(gap);
    else {
      const fromMs = Math.min(start(gap), start(this.#gaps[at] ?? gap));
      this.#gaps.splice(at, 1, { ...gap, fromMs });
    }
  }

  /** The open gap is over, and those that lie in what is closed; what stays missing is told after it. */
  close(closed: MarketUpdate): void {
    const { symbol, reason } = closed;
    this.#standing = this.#standing.filter((each) => each !== symbol);
    for (const gap of this.#gaps) {
      if (gap.symbol !== symbol) continue;
      const isInside = start(gap) >= start(closed) && end(gap) <= end(closed);
      if (isInside || isOpenOf(gap, symbol)) this.#leaving.add(gap);
    }
    if (reason !== 'partial') this.#leave();
  }

  /** A position that is published: it stands still while a gap is open that was told with one before it. */
  position(isMoved: boolean): void {
    if (isMoved) assert.deepEqual(this.#standing, [], 'the position moved over open holes');
    this.#standing = this.#gaps.flatMap((gap) =>
      gap.toMs === null && !this.#leaving.has(gap) ? [gap.symbol] : [],
    );
  }

  /**
   * Everything of the stretch is there, or in a gap that is told. What the archive lost is to be told where a
   * row of it is known, or it may lack nothing for all anybody can see.
   */
  assertClosed(closed: Stretch): void {
    const lost = this.#lost.filter((range) => !this.#isKnown(range, closed));
    this.#assertThere(closed, { when: 'a gap is told as closed', gaps: this.#gaps, lost });
  }

  /** The same when all is over. */
  assertWhole(stretch: Stretch): void {
    this.#assertThere(stretch, { when: 'all is over', gaps: this.#gaps, lost: this.#lost });
  }

  /**
   * From where it was called last everything is there, or in a gap that nobody waits for any more: a process
   * that begins now never comes back to it, whatever hole is open.
   */
  assertUpTo(symbol: string, toMs: number): void {
    const fromMs = this.#checked.get(symbol) ?? this.#scene.fromMs;
    if (toMs <= fromMs) return;
    this.#leave();
    const gaps = this.#gaps.filter((gap) => gap.toMs !== null);
    const when = 'the position is beyond it';
    this.#assertThere({ symbol, fromMs, toMs }, { when, gaps, lost: this.#lost });
    this.#checked.set(symbol, toMs);
  }

  /** Nothing is there that never was. */
  assertTrue(toMs: number): void {
    const { fromMs } = this.#scene;
    this.#leave();
    const symbols = new Set([...this.#held.keys()].map((text) => text.split(' ')[0] ?? ''));
    const truth = new Set(
      [...symbols].flatMap((symbol) =>
        this.#truth({ symbol, fromMs, toMs }).map(({ text }) => text),
      ),
    );
    const wrong = [...this.#held].filter(
      ([text, timeMs]) => timeMs >= fromMs && timeMs <= toMs && !truth.has(text),
    );
    assert.deepEqual(wrong, [], 'rows that never were');
  }

  #leave(): void {
    this.#gaps.splice(0, Infinity, ...this.#gaps.filter((gap) => !this.#leaving.has(gap)));
    this.#leaving.clear();
  }

  #assertThere(
    { symbol, fromMs, toMs }: Stretch,
    excuses: {
      readonly when: string;
      readonly gaps: readonly MarketUpdate[];
      readonly lost: readonly TimeRange[];
    },
  ): void {
    const { when, gaps, lost } = excuses;
    const lacking = this.#truth({ symbol, fromMs, toMs }).filter(
      ({ text, timeMs }) =>
        !this.#held.has(text) &&
        !gaps.some((gap) => gap.symbol === symbol && isWithin(timeMs, start(gap), end(gap))) &&
        !lost.some((range) => isWithin(timeMs, range.fromMs, range.toMs)),
    );
    assert.deepEqual(lacking, [], `when ${when} (${symbol} ${fromMs}-${toMs})`);
  }

  /** This process has a row of what was lost that touches what was closed. */
  #isKnown(lost: TimeRange, { symbol, fromMs, toMs }: Stretch): boolean {
    const both = {
      symbol,
      fromMs: Math.max(lost.fromMs, fromMs - this.#scene.overlapMs),
      toMs: Math.min(lost.toMs, toMs),
    };
    return this.#truth(both).some(({ text }) => this.#known.has(text));
  }

  #truth({ symbol, fromMs, toMs }: Stretch) {
    const { simulator, venue } = this.#scene;
    const legs = simulator.trades(venue, symbol, Math.max(fromMs, this.#scene.fromMs), toMs);
    return legs
      .filter((leg, at) => this.#dataset === 'trades' || (at % 2 === 0 && leg.isLiquidation))
      .map(({ tid, side, px, sz, time }) => ({
        text: `${symbol} ${tid} ${side === 'A' ? 'sell' : 'buy'} ${canonicalDecimal(px)} ${canonicalDecimal(sz)} ${time}`,
        timeMs: time,
      }));
  }
}

function textOf(row: Row): string {
  const { symbol, trade_id: id, side, price, quantity, event_time: timeMs } = row;
  return `${symbol} ${id} ${side} ${price} ${quantity} ${timeMs}`;
}

function isWithin(timeMs: number, fromMs: number, toMs: number): boolean {
  return timeMs >= fromMs && timeMs <= toMs;
}

function isOpenOf(gap: MarketUpdate, symbol: string): boolean {
  return gap.symbol === symbol && gap.toMs === null;
}

function start({ fromMs }: Pick<MarketUpdate, 'fromMs'>): number {
  return fromMs ?? 0;
}

function end({ toMs }: Pick<MarketUpdate, 'toMs'>): number {
  return toMs ?? Number.POSITIVE_INFINITY;
}
