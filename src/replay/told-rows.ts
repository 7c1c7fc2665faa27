/**
 * What the control topic tells of some heights: where their inserts and retractions lie. Walks the
 * topic once, forward, beside a replay that goes through ascending heights.
 */
import type { ControlRecord, ControlTally } from '../encoding/control-decoder.ts';
import type { StoredChange } from '../encoding/encoded-record.ts';
import type { HeightRange } from '../sources/source.ts';

/** A control record of the source and where it lies. */
export interface ControlEntry {
  readonly offset: number;
  readonly record: ControlRecord;
}

/** Reads the control records of one source, in order. */
export interface ControlReader {
  forward(from: number): AsyncIterable<ControlEntry>;
}

/** Records of one step on one topic-partition: from `firstOffset` on there are `count` that match. */
export interface ToldTally {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: number;
  readonly count: number;
  matches(change: StoredChange): boolean;
}

/** A control record that concerns heights of the range, as much of it as is needed. */
interface Told {
  readonly range: HeightRange;
  readonly isBlock: boolean;
  readonly tallies: readonly ToldTally[];
}

/** What is told of a few heights. */
export interface ToldHeights {
  readonly tallies: readonly ToldTally[];
  /** Heights that some record tells of as published or put right. */
  readonly heights: ReadonlySet<number>;
}

/** A stretch of the control topic written by earlier replays, with the heights in it. */
interface Stretch extends HeightRange {
  readonly firstOffset: number;
  readonly lastOffset: number;
}

const stretchRecordsMax = 256;

/** Holds what lies between the first and the last record about the heights asked for. */
export class ToldRows {
  readonly #control: ControlReader;
  readonly #records: AsyncIterator<ControlEntry>;
  readonly #replays: readonly Stretch[];
  #told: Told[] = [];
  #finalizedHeight = Number.NEGATIVE_INFINITY;
  #isOver = false;

  private constructor(control: ControlReader, from: number, replays: readonly Stretch[]) {
    this.#control = control;
    this.#records = control.forward(from)[Symbol.asyncIterator]();
    this.#replays = replays;
  }

  /**
   * `from` is at or before the first control record about the heights to come, `replayed` are the
   * parts of the topic that earlier replays wrote.
   */
  static async open(
    control: ControlReader,
    options: {
      readonly from: number;
      readonly replayed: readonly { readonly firstOffset: number; readonly lastOffset: number }[];
      readonly signal: AbortSignal;
    },
  ): Promise<ToldRows> {
    const stretches: Stretch[] = [];
    for (const { firstOffset, lastOffset } of options.replayed) {
      options.signal.throwIfAborted();
      stretches.push(...(await stretchesOf(control, firstOffset, lastOffset)));
    }
    return new ToldRows(control, options.from, stretches);
  }

  /** Each call asks for heights above those of the call before, all of them final. */
  async of(range: HeightRange): Promise<ToldHeights> {
    this.#told = this.#told.filter((told) => told.range.to >= range.from);
    // Nothing of the chain's own progress is said of a height after it was called final.
    while (!this.#isOver && this.#finalizedHeight < range.to) await this.#step(range.from);
    const own = this.#told.filter((told) => meets(told.range, range));
    const all = [...own, ...(await this.#replayed(range))];
    const blocks = all.filter(({ isBlock }) => isBlock);
    return {
      tallies: all.flatMap(({ tallies }) => tallies),
      heights: new Set(blocks.map((told) => told.range.from)),
    };
  }

  /** True when an earlier replay may have written rows of this height. */
  isReplayed(height: number): boolean {
    return this.#replays.some((stretch) => meets(stretch, { from: height, to: height }));
  }

  /** Gives the control topic's reader back. */
  async close(): Promise<void> {
    await this.#records.return?.();
  }

  async #step(fromHeight: number): Promise<void> {
    const { value: found, done } = await this.#records.next();
    if (done === true) {
      this.#isOver = true;
      return;
    }
    const { kind, height } = found.record;
    if (kind === 'finalized' && height !== null) {
      this.#finalizedHeight = Math.max(this.#finalizedHeight, height);
    }
    const told = kind === 'replay' ? undefined : toldBy(found.record);
    if (told !== undefined && told.range.to >= fromHeight) this.#told.push(told);
  }

  async #replayed(range: HeightRange): Promise<Told[]> {
    const found: Told[] = [];
    for (const stretch of this.#replays) {
      if (!meets(stretch, range)) continue;
      for await (const { offset, record } of this.#control.forward(stretch.firstOffset)) {
        if (offset > stretch.lastOffset) break;
        const told = record.kind === 'replay' ? toldBy(record) : undefined;
        if (told !== undefined && meets(told.range, range)) found.push(told);
      }
    }
    return found;
  }
}

function toldBy(record: ControlRecord): Told | undefined {
  const { kind, height, hash, block, reorg } = record;
  if (
    (kind === 'block' || kind === 'revision' || kind === 'replay') &&
    block !== null &&
    height !== null
  ) {
    const range = { from: height, to: height };
    const isOfBlock = (change: StoredChange): boolean =>
      kind === 'replay'
        ? change.height === height
        : change.blockHash === hash && (kind === 'revision' || !change.isRetraction);
    return { range, isBlock: true, tallies: told(block.tallies, isOfBlock) };
  }
  const heights = reorg?.reverted.map((ref) => ref.height) ?? [];
  if (kind !== 'reorg' || reorg === null || heights.length === 0) return undefined;
  const range = { from: Math.min(...heights), to: Math.max(...heights) };
  const isTakenBack = ({ isRetraction, height: of }: StoredChange): boolean =>
    isRetraction && of >= range.from && of <= range.to;
  return { range, isBlock: false, tallies: told(reorg.tallies, isTakenBack) };
}

function told(tallies: readonly ControlTally[], matches: ToldTally['matches']): ToldTally[] {
  return tallies.map(({ topic, partition, inserts, retractions, first_offset: firstOffset }) => ({
    topic,
    partition,
    firstOffset,
    count: inserts + retractions,
    matches,
  }));
}

function meets(a: HeightRange, b: HeightRange): boolean {
  return a.from <= b.to && b.from <= a.to;
}

/** Cut so that a look at a few heights reads a few records. */
async function stretchesOf(
  control: ControlReader,
  firstOffset: number,
  lastOffset: number,
): Promise<Stretch[]> {
  const stretches: Stretch[] = [];
  let records = 0;
  for await (const { offset, record } of control.forward(firstOffset)) {
    if (offset > lastOffset) break;
    const { kind, height } = record;
    if (kind !== 'replay' || height === null) continue;
    const last = stretches.at(-1);
    if (last === undefined || height < last.to || records >= stretchRecordsMax) {
      stretches.push({ from: height, to: height, firstOffset: offset, lastOffset: offset });
      records = 1;
    } else {
      stretches[stretches.length - 1] = { ...last, to: height, lastOffset: offset };
      records += 1;
    }
  }
  return stretches;
}
