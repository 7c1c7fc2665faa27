/**
 * Where the source stands: reports blocks and switches of branch, and what of them is final. All
 * updates about the chain are made here, so that the position always agrees with them.
 */
import type { BlockRef } from '../../model/block.ts';
import type { SourceUpdate } from '../../model/update.ts';
import type { SourceRuntime } from '../source.ts';
import type { LevelsOutcome, ReadLevels } from './block-reader.ts';
import type { ReadBlock, TzktDataset, TzktMessage } from './messages.ts';

type Update = SourceUpdate<TzktMessage>;

/** A block more than this far below the head when it is read is backfill. */
const backfillBehindLevels = 5;

/** Owns the position. */
export class Position {
  readonly #runtime: SourceRuntime;
  readonly #datasets: readonly TzktDataset[];
  readonly #finalityDepth: number;
  #tip: BlockRef | null;
  #finalHeight: number;
  #startLevel: number | undefined;

  constructor(
    runtime: SourceRuntime,
    options: { readonly datasets: readonly TzktDataset[]; readonly finalityDepth: number },
    tip: BlockRef | null,
  ) {
    this.#runtime = runtime;
    this.#datasets = options.datasets;
    this.#finalityDepth = options.finalityDepth;
    this.#tip = tip;
    this.#finalHeight = runtime.finalizedHeight() ?? -1;
  }

  /** The block reported last, or the one the session began after. Null before the first. */
  get tip(): BlockRef | null {
    return this.#tip;
  }

  /** Where to begin without a position. Undefined until it is known. */
  get nextLevel(): number | undefined {
    return this.#tip === null ? this.#startLevel : this.#tip.height + 1;
  }

  startAt(level: number): void {
    this.#startLevel = level;
  }

  canonicalHash(level: number): string | undefined {
    return this.#tip?.height === level ? this.#tip.hash : this.#runtime.canonicalHash(level);
  }

  /** True when these levels can be reported: their first block is a child of ours. */
  continues(outcome: LevelsOutcome): outcome is ReadLevels {
    if (outcome.kind !== 'read') return false;
    return this.#tip === null || outcome.parentHash === this.#tip.hash;
  }

  *report(levels: ReadLevels, headLevel: number): Generator<Update> {
    let { parentHash } = levels;
    for (const read of levels.blocks) {
      const { level: height, hash, timeMs } = read.block;
      const header = { height, hash, parentHash, timeMs };
      // Set before the update is handed out: a consumer that stops here has taken it over.
      this.#tip = { height, hash };
      yield {
        kind: 'block',
        header,
        messages: this.#messages(read, parentHash),
        isBackfill: height < headLevel - backfillBehindLevels,
        receivedAtUs: read.receivedAtUs,
      };
      parentHash = hash;
    }
  }

  /** Everything above `ancestor` is void; `branch` takes its place, or nothing does yet. */
  *switchTo(ancestor: BlockRef, branch: ReadLevels | null, reason: string): Generator<Update> {
    const blocks = this.#upToKnown(branch);
    const refs = blocks.map(({ block }) => ({ height: block.level, hash: block.hash }));
    this.#tip = ancestor;
    yield { kind: 'fork', canonical: [ancestor, ...refs], reason };
    // Blocks of a branch that replaced the head are new, whatever their level.
    if (branch !== null) yield* this.report({ ...branch, blocks }, 0);
  }

  /** Our position was compared with REST: what is deep enough below the head is final. */
  *finalize(headLevel: number): Generator<Update> {
    const tip = this.#tip;
    if (tip === null) return;
    const height = Math.min(tip.height, headLevel - this.#finalityDepth);
    const hash = height > this.#finalHeight ? this.canonicalHash(height) : undefined;
    if (hash === undefined) return;
    this.#finalHeight = height;
    yield { kind: 'finalized', block: { height, hash } };
  }

  /**
   * A block that we hold and that now stands on another parent must be given back before it is
   * reported again, so the switch ends below it.
   */
  #upToKnown(branch: ReadLevels | null): readonly ReadBlock[] {
    const blocks = branch?.blocks ?? [];
    const known = blocks.findIndex(({ block }) => this.canonicalHash(block.level) === block.hash);
    return known <= 0 ? blocks : blocks.slice(0, known);
  }

  #messages({ block, items }: ReadBlock, parentHash: string): readonly TzktMessage[] {
    const messages: TzktMessage[] = [{ dataset: 'blocks', fields: block.fields, parentHash }];
    for (const dataset of this.#datasets) {
      for (const fields of items[dataset] ?? []) {
        messages.push({ dataset, fields, parentHash: '' });
      }
    }
    return messages;
  }
}
