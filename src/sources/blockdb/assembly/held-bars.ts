/**
 * The newest word on each bar whose bucket is open or whose block is not final: a block that takes
 * another's place has the bars of its span, also those that nobody tells again.
 */
import type { BlockHeader } from '../../../model/block.ts';
import { bucketEndMs, type Span } from '../bars.ts';
import { contentHash, saysSame } from '../rows/identity.ts';
import type { HeldBlock } from './held-block.ts';
import type { RowOutcome } from './held-rows.ts';
import type { KeyedRow, SaidBar } from './said-row.ts';

interface HeldBar {
  row: KeyedRow;
  /** REST has heard what is said here once it shows this height. */
  servedFrom: number;
  /** What the bar said since its bucket closed. */
  readonly past: Set<string>;
}

/** Versions of one bar that are remembered. */
const versionsMax = 8;

/** Owns its bars. */
export class HeldBars {
  readonly #byEnd = new Map<number, Map<string, HeldBar>>();
  readonly #confirmations: number;
  #final: BlockHeader | undefined;
  #newestTimeMs = Number.NEGATIVE_INFINITY;
  /** The first block that this session heard of. */
  #firstHeight: number | undefined;

  constructor(confirmations: number) {
    this.#confirmations = confirmations;
  }

  /** The stream told a block. */
  announced(height: number): void {
    this.#firstHeight ??= height;
  }

  get size(): number {
    let count = 0;
    for (const bars of this.#byEnd.values()) count += bars.size;
    return count;
  }

  /**
   * Takes over what the stream says. A version that comes again without a flag is not believed, nor is
   * what was said later: REST decides, once it shows the height `servedFrom`. `open`: the bucket may
   * still fill; `final`: it closed with the final block, or below it.
   */
  take(said: SaidBar, servedFrom: number): RowOutcome | 'open' | 'final' {
    const { key, dataset, data, endMs, isCorrection } = said;
    if (this.#final !== undefined && endMs <= this.#final.timeMs) return 'final';
    const isOpen = endMs > this.#newestTimeMs;
    const row = { key, dataset, data };
    const bars = this.#endingAt(endMs);
    const held = bars.get(key);
    if (held === undefined) bars.set(key, { row, servedFrom, past: new Set() });
    if (held === undefined) return isOpen ? 'open' : 'added';
    if (saysSame(dataset, held.row.data, data)) return 'known';
    held.servedFrom = servedFrom;
    if (!isOpen && !isCorrection && held.past.has(contentHash(dataset, data))) return 'outdated';
    if (!isOpen) remember(held);
    held.row = row;
    return isOpen ? 'open' : 'changed';
  }

  /**
   * Gives a block the bars that it closes, as they were told last, where its parent is known. Returns
   * whether anything changed.
   */
  fill(block: HeldBlock, parent: BlockHeader | undefined): boolean {
    this.#newestTimeMs = Math.max(this.#newestTimeMs, block.header.timeMs);
    const final = this.#final?.hash === block.header.parentHash ? this.#final : undefined;
    block.parentTimeMs ??= (parent ?? final)?.timeMs ?? null;
    const { span, rows } = block;
    if (span === undefined || rows === null) return false;
    const outcomes = this.#within(span).map(([, { row }]) =>
      rows.take({ ...row, isCorrection: true }),
    );
    return outcomes.some((outcome) => outcome !== 'known');
  }

  /**
   * The height that REST must show for its word on the bars of a span, up to this height, to be the
   * newest one: that of what the stream said of them, and of what it may have said before it was heard.
   */
  servedFrom(span: Span, height: number): number {
    const first = this.#firstHeight;
    const isDeep = first !== undefined && height <= first - this.#confirmations;
    const unheard = isDeep ? -1 : (first ?? height + this.#confirmations);
    return Math.max(unheard, ...this.#within(span).map(([, { servedFrom }]) => servedFrom));
  }

  /** True when these are what is held of a span, of the datasets that `covers` names. */
  agrees(span: Span, rows: readonly KeyedRow[], covers: ReadonlySet<string>): boolean {
    const held = this.#within(span).filter(([, { row }]) => covers.has(row.dataset));
    const said = new Map(rows.map((row) => [row.key, row]));
    if (held.length !== said.size) return false;
    return held.every(([, { row }]) => {
      const other = said.get(row.key);
      return other !== undefined && saysSame(row.dataset, row.data, other.data);
    });
  }

  /** Makes these the bars of a span, of the datasets that `covers` names. */
  settle(span: Span, rows: readonly KeyedRow[], covers: ReadonlySet<string>): void {
    const said = new Map(rows.map((row) => [row.key, row]));
    for (const [endMs, { row }] of this.#within(span)) {
      if (covers.has(row.dataset) && !said.has(row.key)) this.#byEnd.get(endMs)?.delete(row.key);
    }
    for (const row of rows) {
      const bars = this.#endingAt(bucketEndMs(row.dataset, row.data));
      const held = bars.get(row.key);
      if (held === undefined) bars.set(row.key, { row, servedFrom: -1, past: new Set() });
      else held.row = row;
    }
  }

  /** What ended with this block, or below it, can change no more: forgets it, and returns it. */
  endWith(header: BlockHeader): readonly KeyedRow[] {
    this.#final = header;
    const ended = this.#within({ afterMs: Number.NEGATIVE_INFINITY, toMs: header.timeMs });
    for (const [endMs] of ended) this.#byEnd.delete(endMs);
    return ended.map(([, { row }]) => row);
  }

  #within({ afterMs, toMs }: Span): readonly (readonly [number, HeldBar])[] {
    const found: (readonly [number, HeldBar])[] = [];
    for (const [endMs, bars] of this.#byEnd) {
      if (endMs <= afterMs || endMs > toMs) continue;
      for (const bar of bars.values()) found.push([endMs, bar]);
    }
    return found;
  }

  #endingAt(endMs: number): Map<string, HeldBar> {
    let bars = this.#byEnd.get(endMs);
    if (bars === undefined) {
      bars = new Map();
      this.#byEnd.set(endMs, bars);
    }
    return bars;
  }
}

function remember({ row: { dataset, data }, past }: HeldBar): void {
  past.add(contentHash(dataset, data));
  const [oldest = ''] = past;
  if (past.size > versionsMax) past.delete(oldest);
}
