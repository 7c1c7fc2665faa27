/** The trades or liquidations that a reader holds, beside those that there were, and the gaps told of them. */
import assert from 'node:assert/strict';
import type { OxarchiveSimulator } from '../../../src/devnet/oxarchive/simulator.ts';
import type { MarketUpdate } from '../../../src/model/update.ts';
import { canonicalDecimal } from '../../../src/sources/decimal.ts';
import type { Venue } from '../../../src/sources/oxarchive/markets.ts';

/** A stretch of one market, both ends included. */
export interface Stretch {
  readonly symbol: string;
  readonly fromMs: number;
  readonly toMs: number;
}

type Row = Readonly<Record<string, unknown>>;

/** Of one dataset. */
export class TrueRows {
  readonly #dataset: 'trades' | 'liquidations';
  readonly #scene: {
    readonly simulator: OxarchiveSimulator;
    readonly venue: Venue;
    readonly fromMs: number;
  };
  /** What is published now, and at what time it was. */
  readonly #held = new Map<string, number>();
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
    },
  ) {
    this.#dataset = dataset;
    this.#scene = scene;
  }

  add(row: Row): void {
    const text = textOf(row);
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
      const isWithin = start(gap) >= start(closed) && end(gap) <= end(closed);
      if (isWithin || isOpenOf(gap, symbol)) this.#leaving.add(gap);
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

  /** Everything of the stretch is there, or in a gap that is told. */
  assertThere({ symbol, fromMs, toMs }: Stretch, when: string): void {
    this.#assertThere({ symbol, fromMs, toMs }, { when, gaps: this.#gaps });
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
    this.#assertThere({ symbol, fromMs, toMs }, { when: 'the position is beyond it', gaps });
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
    { when, gaps }: { readonly when: string; readonly gaps: readonly MarketUpdate[] },
  ): void {
    const lacking = this.#truth({ symbol, fromMs, toMs }).filter(
      ({ text, timeMs }) => !this.#held.has(text) && !isInGap(gaps, symbol, timeMs),
    );
    assert.deepEqual(lacking, [], `when ${when} (${symbol} ${fromMs}-${toMs})`);
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

function isInGap(gaps: readonly MarketUpdate[], symbol: string, timeMs: number): boolean {
  return gaps.some((gap) => gap.symbol === symbol && timeMs >= start(gap) && timeMs <= end(gap));
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
