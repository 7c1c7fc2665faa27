/**
 * One publication in the making: records of whole steps, and what the control topic and the
 * checkpoint will say of them once they have offsets. Pure but for what `seal` notes in the undo
 * window.
 */
import type { HeldBlock } from '../continuity/chain-update.ts';
import type { EncodedRecord, InsertRecord } from '../encoding/encoded-record.ts';
import type { BlockRef } from '../model/block.ts';
import type { UndoRange } from '../model/checkpoint.ts';
import type { ControlEvent, PartitionTally } from '../model/control.ts';
import type { Reorg } from '../model/event.ts';
import type { UndoBlock } from '../normalization/undo-window.ts';
import { PartitionMap } from './partition-map.ts';
import { undoRanges } from './undo-ranges.ts';

/** Records `from` to `to` (exclusive) of a draft belong to one step; its inserts begin at `inserts`. */
type Segment =
  | {
      readonly kind: 'block' | 'revision';
      readonly block: HeldBlock;
      readonly isBackfill: boolean;
      readonly undo: UndoBlock<InsertRecord>;
      readonly from: number;
      readonly inserts: number;
      readonly to: number;
    }
  | {
      readonly kind: 'reorg';
      readonly reorg: Reorg;
      readonly reverted: readonly BlockRef[];
      readonly from: number;
      readonly to: number;
    }
  | { readonly kind: 'event'; readonly event: ControlEvent };

type StepPlaces = Pick<Extract<Segment, { kind: 'block' | 'revision' }>, 'from' | 'inserts' | 'to'>;

/** How many records a topic-partition got, and which offsets. */
interface Tally extends PartitionTally {
  readonly lastOffset: number;
}

/** A tally while it is counted: changed in place, because every record passes here twice. */
interface Counted {
  readonly topic: string;
  readonly partition: number;
  inserts: number;
  retractions: number;
  readonly firstOffset: number;
  lastOffset: number;
}

/** A block whose rows were put right. */
export interface RevisedBlock {
  readonly block: HeldBlock;
  readonly undo: UndoBlock<InsertRecord>;
  readonly isBackfill: boolean;
}

/** Collects in publication order. One draft becomes one transaction. */
export class Draft {
  readonly #records: EncodedRecord[] = [];
  readonly #segments: Segment[] = [];
  #finalized: BlockRef | null = null;
  #blocks = 0;

  get records(): readonly EncodedRecord[] {
    return this.#records;
  }

  get blocks(): number {
    return this.#blocks;
  }

  /** True when publishing it would say nothing new. */
  get isEmpty(): boolean {
    return this.#records.length === 0 && this.#segments.length === 0 && this.#finalized === null;
  }

  addBlock(block: HeldBlock, undo: UndoBlock<InsertRecord>, isBackfill: boolean): void {
    const from = this.#append(undo.records);
    const places = { from, inserts: from, to: this.#records.length };
    this.#segments.push({ kind: 'block', block, isBackfill, undo, ...places });
    this.#blocks += 1;
  }

  /** Of a block that this draft or an earlier one has: the retractions come first. */
  addRevision(
    { block, undo, isBackfill }: RevisedBlock,
    retractions: readonly EncodedRecord[],
    added: readonly InsertRecord[],
  ): void {
    const from = this.#append(retractions);
    const inserts = this.#append(added);
    const places = { from, inserts, to: this.#records.length };
    this.#segments.push({ kind: 'revision', block, isBackfill, undo, ...places });
  }

  addReorg(reorg: Reorg, reverted: readonly BlockRef[], records: readonly EncodedRecord[]): void {
    const from = this.#append(records);
    this.#segments.push({ kind: 'reorg', reorg, reverted, from, to: this.#records.length });
  }

  addEvent(event: ControlEvent): void {
    this.#segments.push({ kind: 'event', event });
  }

  /** Records without a block: dead letters, rows of a feed without blocks. */
  addRecords(records: readonly EncodedRecord[]): void {
    this.#append(records);
  }

  /** Only the newest finalized head of a publication is announced. */
  finalize(block: BlockRef): void {
    this.#finalized = block;
  }

  /**
   * The control events, in order, now that `offsets[i]` is the offset of `records[i]`. Tells each
   * undo block where it lies; called again when the transaction is repeated.
   */
  seal(offsets: Float64Array): ControlEvent[] {
    const events = this.#segments.map((segment) => this.#controlEvent(segment, offsets));
    if (this.#finalized !== null) events.push({ kind: 'finalized', block: this.#finalized });
    return events;
  }

  /** Where this publication lies on every topic-partition that it wrote to. */
  places(offsets: Float64Array): UndoRange[] {
    return this.#tally({ from: 0, inserts: 0, to: this.#records.length }, offsets).map(placeOf);
  }

  #controlEvent(segment: Segment, offsets: Float64Array): ControlEvent {
    if (segment.kind === 'event') return segment.event;
    const { from, to } = segment;
    const inserts = segment.kind === 'reorg' ? to : segment.inserts;
    const tallies = this.#tally({ from, inserts, to }, offsets);
    const published = tallies.map(({ lastOffset: _, ...tally }) => tally);
    if (segment.kind === 'reorg') {
      return {
        kind: 'reorg',
        reorg: segment.reorg,
        reverted: segment.reverted,
        tallies: published,
      };
    }
    const { kind, block, isBackfill, undo } = segment;
    const places = tallies.map(placeOf);
    undo.place(kind === 'block' ? places : undoRanges([...undo.ranges, ...places]));
    const { incarnation, ...header } = block;
    return { kind, block: header, incarnation, isBackfill, tallies: published };
  }

  #tally({ from, inserts, to }: StepPlaces, offsets: Float64Array): readonly Tally[] {
    const tallies = new PartitionMap<Counted>();
    for (let index = from; index < to; index += 1) {
      const record = this.#records[index];
      if (record === undefined) continue;
      const offset = offsets[index] ?? -1;
      let counted = tallies.get(record);
      if (counted === undefined) {
        const { topic, partition } = record;
        const place = { topic, partition, firstOffset: offset, lastOffset: offset };
        counted = { ...place, inserts: 0, retractions: 0 };
        tallies.add(record, counted);
      }
      if (index < inserts) counted.retractions += 1;
      else counted.inserts += 1;
      counted.lastOffset = offset;
    }
    return tallies.values;
  }

  #append(records: readonly EncodedRecord[]): number {
    const from = this.#records.length;
    for (const record of records) this.#records.push(record);
    return from;
  }
}

function placeOf({ topic, partition, firstOffset, lastOffset }: Tally): UndoRange {
  return { topic, partition, firstOffset, lastOffset };
}
