/**
 * What the control topic says must be handed over as one: it turns control records into steps with
 * claims on records of the data topics. A reorg and its new branch are one step, because one
 * transaction holds them. Pure.
 */
import type { ControlRecord, ControlTally } from '../encoding/control-decoder.ts';
import type { FetchedRecords } from '../publishing/partition-fetcher.ts';
import type { BlockPoint, StepBlock } from './change.ts';

/** So many records from this offset on belong to a step. */
export interface Claim {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: number;
  readonly count: number;
}

/** A step before its rows are read. */
export type PlanKind =
  | { readonly kind: 'block' | 'revision' | 'replay'; readonly block: StepBlock }
  | {
      readonly kind: 'reorg';
      readonly reorgId: string;
      readonly reason: string;
      readonly commonAncestor: BlockPoint;
      readonly reverted: readonly BlockPoint[];
      readonly blocks: StepBlock[];
    }
  | { readonly kind: 'finalized' }
  | {
      readonly kind: 'gap';
      readonly after: string;
      readonly resumedAt: string;
      readonly reason: string;
    };

export interface Plan {
  readonly step: PlanKind;
  readonly claims: Claim[];
  readonly finalized: BlockPoint | null;
  /** Of the step's last control record. */
  controlOffset: number;
}

interface Entry {
  readonly offset: number;
  readonly record: ControlRecord;
}

const noProducer = -1n;

/** Cuts a control topic into transactions, and transactions into steps. */
export class Planner {
  readonly #isWanted: (topic: string) => boolean;
  #open: { producerId: bigint; entries: Entry[] } | null = null;
  #finalized: BlockPoint | null;

  constructor(isWanted: (topic: string) => boolean, finalized: BlockPoint | null) {
    this.#isWanted = isWanted;
    this.#finalized = finalized;
  }

  get finalized(): BlockPoint | null {
    return this.#finalized;
  }

  /**
   * Plans of the transactions that are complete now. `records` are those of `part`, decoded. A
   * transaction ends at its marker, at another producer's record, or at the last stable offset: no
   * transaction lies across it.
   */
  take(part: Omit<FetchedRecords, 'records'>, records: readonly Entry[]): Plan[] {
    const plans: Plan[] = [];
    let next = 0;
    for (const { lastOffset, producerId, isMarker } of part.batches) {
      if (isMarker && this.#open?.producerId === producerId) plans.push(...this.#close());
      for (let entry = records[next]; entry && entry.offset <= lastOffset; entry = records[next]) {
        if (this.#open !== null && this.#open.producerId !== producerId)
          plans.push(...this.#close());
        this.#open ??= { producerId, entries: [] };
        this.#open.entries.push(entry);
        if (producerId === noProducer) plans.push(...this.#close());
        next += 1;
      }
    }
    if (part.nextOffset >= part.lastStableOffset) plans.push(...this.#close());
    return plans;
  }

  #close(): Plan[] {
    const entries = this.#open?.entries ?? [];
    this.#open = null;
    const plans: Plan[] = [];
    for (const entry of entries) {
      const last = plans.at(-1);
      const plan = this.#plan(entry, last);
      if (plan === 'joined') continue;
      if (plan !== null) plans.push(plan);
    }
    return plans;
  }

  #plan({ offset, record }: Entry, last: Plan | undefined): Plan | 'joined' | null {
    const { kind, height, hash, block, reorg, gap } = record;
    const at = height === null || hash === null ? null : { height, hash };
    if (block !== null && at !== null) {
      const stepBlock = stepBlockOf(at, block);
      const claims = this.#claims(block.tallies);
      const own = this.#kindOf(kind, at);
      if (own !== 'block' || last?.step.kind !== 'reorg') {
        return this.#of(offset, { kind: own, block: stepBlock }, claims);
      }
      last.step.blocks.push(stepBlock);
      last.claims.push(...claims);
      last.controlOffset = offset;
      return 'joined';
    }
    if (reorg !== null && at !== null) {
      const { id: reorgId, reason, reverted, tallies } = reorg;
      const step = { kind: 'reorg' as const, reorgId, reason, commonAncestor: at, reverted };
      return this.#of(offset, { ...step, blocks: [] }, this.#claims(tallies));
    }
    if (gap !== null) {
      const { after, resumed_at: resumedAt, reason } = gap;
      return this.#of(offset, { kind: 'gap', after, resumedAt, reason }, []);
    }
    if (kind !== 'finalized' || at === null) return null;
    this.#finalized = at;
    return this.#of(offset, { kind: 'finalized' }, []);
  }

  #kindOf(kind: string, { height }: BlockPoint): 'block' | 'revision' | 'replay' {
    if (kind === 'revision') return kind;
    return height <= (this.#finalized?.height ?? -1) ? 'replay' : 'block';
  }

  #of(controlOffset: number, step: PlanKind, claims: Claim[]): Plan {
    return { step, claims, finalized: this.#finalized, controlOffset };
  }

  #claims(tallies: readonly ControlTally[]): Claim[] {
    return tallies
      .filter(({ topic }) => this.#isWanted(topic))
      .map(({ topic, partition, inserts, retractions, first_offset: firstOffset }) => ({
        topic,
        partition,
        firstOffset,
        count: inserts + retractions,
      }));
  }
}

function stepBlockOf(at: BlockPoint, block: NonNullable<ControlRecord['block']>): StepBlock {
  const { parent_hash: parentHash, block_time: timeMs, incarnation } = block;
  return { ...at, parentHash, timeMs, incarnation };
}
