/**
 * The chain as the source last reported it: the finalized head and the blocks above it. Pure; it
 * either moves completely or throws and stays as it was. It fetches nothing and publishes nothing.
 */
import type { BlockHeader, BlockRef } from '../model/block.ts';
import { formatBlock } from '../model/block.ts';
import type { RevertedBlock } from '../model/checkpoint.ts';
import { FatalError, TransientError } from '../model/errors.ts';
import type { ChainUpdate, HeldBlock } from './chain-update.ts';

/** Everything a restart needs to know of a chain. */
export interface ChainState {
  readonly finalized: BlockRef | null;
  /** Above the finalized head, oldest first, contiguous. */
  readonly blocks: readonly HeldBlock[];
  /** Not canonical now; above the finalized head. */
  readonly reverted: readonly RevertedBlock[];
  /** Where the chain stands when it holds no block and nothing is final. */
  readonly anchor: BlockRef | null;
}

/** A chain of which nothing is known yet. */
export const emptyChain: ChainState = { finalized: null, blocks: [], reverted: [], anchor: null };

/**
 * Cases of a reported block, in this order: our tip again (ignored), child of the tip (applied),
 * child of an earlier held block (that branch is reverted first), anything else (refused).
 */
export class CanonicalChain {
  readonly #chain: string;
  #finalized: BlockRef | null;
  /** The source's own finality mark; it may be ahead of the tip. */
  #mark: BlockRef | null;
  #blocks: HeldBlock[];
  readonly #reverted = new Map<string, RevertedBlock>();
  /** The block to build on while none is held; its hash is empty when only its height is known. */
  #anchor: BlockRef | null;
  /** The head that a fork leads to; until it is reached a switch is only half done. */
  #target: BlockRef | null = null;

  constructor(chain: string, state: ChainState = emptyChain) {
    this.#chain = chain;
    this.#finalized = state.finalized;
    this.#mark = state.finalized;
    this.#blocks = [...state.blocks];
    this.#anchor = state.anchor;
    for (const block of state.reverted) {
      const known = this.#reverted.get(block.hash)?.incarnation ?? 0;
      const isFinal = block.height <= (this.#finalized?.height ?? Number.NEGATIVE_INFINITY);
      if (!isFinal && block.incarnation > known) this.#reverted.set(block.hash, block);
    }
  }

  /** The newest canonical block (or the one to build on), null before the first. */
  get tip(): BlockRef | null {
    return this.#blocks.at(-1) ?? this.#finalized ?? this.#anchor;
  }

  get finalized(): BlockRef | null {
    return this.#finalized;
  }

  /** Number of blocks that could still be reverted. */
  get depth(): number {
    return this.#blocks.length;
  }

  /** False between a fork and the last block of its new branch: nothing may be committed then. */
  get isSettled(): boolean {
    return this.#target === null;
  }

  /** The lowest height a common ancestor can have. Undefined before the first block. */
  get floorHeight(): number | undefined {
    return this.#finalized?.height ?? this.#base()?.height;
  }

  /** Hash at a height that is held, of the finalized head, or of the first block's parent. */
  hashAt(height: number): string | undefined {
    const first = this.#blocks[0];
    const held = first === undefined ? undefined : this.#blocks[height - first.height];
    if (held !== undefined) return held.hash;
    if (this.#finalized !== null) {
      return this.#finalized.height === height ? this.#finalized.hash : undefined;
    }
    const base = this.#base();
    return base?.height === height ? base.hash : undefined;
  }

  /** A copy that later updates do not change. */
  state(): ChainState {
    return {
      finalized: this.#finalized,
      blocks: [...this.#blocks],
      reverted: [...this.#reverted.values()],
      anchor: this.#anchor,
    };
  }

  /**
   * Takes over a reported block. Throws `chain.not_continuous` when it is a child of no held block
   * and `chain.reorg_below_finality` when accepting it would revert a finalized one.
   */
  apply(header: BlockHeader): ChainUpdate[] {
    const tip = this.tip;
    if (this.#mark?.height === header.height) this.#checkMark(this.#mark, header);
    if (tip === null) return this.#push(header);
    if (tip.height === header.height && tip.hash === header.hash) return [];
    if (header.height === tip.height + 1 && (header.parentHash === tip.hash || tip.hash === '')) {
      return this.#push(header);
    }
    if (this.hashAt(header.height) === header.hash) {
      throw this.#notContinuous(header, 'it was reported before and is not the tip');
    }
    if (this.hashAt(header.height - 1) !== header.parentHash) {
      const reason =
        header.height > tip.height + 1 ? 'heights are missing' : 'its parent is unknown';
      throw this.#notContinuous(header, reason);
    }
    const ancestor = { height: header.height - 1, hash: header.parentHash };
    return [...this.#revertTo(ancestor, 'parent_hash'), ...this.#push(header)];
  }

  /**
   * Switches to another branch: reverts everything above the highest block that `canonical` and we
   * have in common. The switch is settled when its last block is the tip.
   */
  fork(canonical: readonly BlockRef[], reason: string): ChainUpdate[] {
    const head = canonical.at(-1);
    if (head === undefined || this.tip === null) return [];
    const ancestor = this.#ancestorOf(canonical);
    const updates = this.#revertTo(ancestor, reason);
    this.#target = head.height > ancestor.height ? head : null;
    return updates;
  }

  /** The server voided everything above a height. */
  rollback(toHeight: number, reason: string): ChainUpdate[] {
    if (this.tip === null || toHeight >= this.tip.height) return [];
    if (this.#finalized !== null && toHeight < this.#finalized.height) {
      throw this.#belowFinality(toHeight, `a rollback to height ${toHeight}`);
    }
    this.#target = null;
    const base = this.#base();
    const height = base === null ? toHeight : Math.max(toHeight, base.height);
    return this.#revertTo({ height, hash: this.hashAt(height) ?? '' }, reason);
  }

  /**
   * The held block as it is once its content is revised; nothing moves yet. Null for a block at or
   * below the finalized head. Throws `chain.not_continuous` for one that is not held with this hash.
   */
  revision({ height, hash }: BlockRef): HeldBlock | null {
    if (this.#finalized !== null && height <= this.#finalized.height) return null;
    const held = this.#blocks.find((block) => block.height === height);
    if (held === undefined || held.hash !== hash) {
      throw this.#notRevisable({ height, hash }, held);
    }
    // A crash may have published a revision that the checkpoint does not know.
    const known = Math.max(held.incarnation, this.#reverted.get(hash)?.incarnation ?? 0);
    return { ...held, incarnation: known + 1 };
  }

  /** Takes over what `revision` gave. */
  revise(revised: HeldBlock): void {
    const at = this.#blocks.findIndex(({ hash }) => hash === revised.hash);
    if (at === -1) throw new Error(`Invariant: ${formatBlock(revised)} is revised and not held.`);
    this.#blocks[at] = revised;
  }

  /**
   * Moves finality forward, never back. A mark above the tip counts once the chain goes on: until a
   * block builds on the tip, the tip may be of a branch that was left while nobody looked.
   */
  finalize(block: BlockRef): ChainUpdate[] {
    if (this.#mark !== null && block.height <= this.#mark.height) return [];
    this.#checkFinal(block);
    this.#mark = block;
    const { tip } = this;
    if (tip !== null && block.height > tip.height) return [];
    return this.#advanceFinality();
  }

  /** Gives up reverting the oldest blocks so that at most `blocksMax` are held. */
  bound(blocksMax: number): ChainUpdate[] {
    for (const hash of this.#reverted.keys()) {
      if (this.#reverted.size <= blocksMax) break;
      this.#reverted.delete(hash);
    }
    const last = this.#blocks[this.#blocks.length - blocksMax - 1];
    return last === undefined ? [] : this.finalize({ height: last.height, hash: last.hash });
  }

  /**
   * Goes on after blocks that cannot be had: `block`, the last of them, is what comes next builds on.
   * What is held can no longer be compared with the chain, so it counts as final. Throws
   * `chain.not_continuous` for a block that is not above the tip.
   */
  resume(block: BlockRef): ChainUpdate[] {
    const tip = this.tip;
    if (tip !== null && block.height <= tip.height) {
      throw this.#notContinuous({ ...block, parentHash: '', timeMs: 0 }, 'a gap cannot end there');
    }
    this.#blocks = [];
    this.#reverted.clear();
    this.#target = null;
    this.#mark = block;
    this.#finalized = block;
    return [{ kind: 'finalized', block }];
  }

  /** The source says that nothing is coming: a switch whose target was overtaken is complete. */
  settle(): void {
    this.#target = null;
  }

  #push(header: BlockHeader): ChainUpdate[] {
    const incarnation = (this.#reverted.get(header.hash)?.incarnation ?? 0) + 1;
    const { height, hash, parentHash, timeMs } = header;
    const block: HeldBlock = { height, hash, parentHash, timeMs, incarnation };
    this.#blocks.push(block);
    this.#reverted.delete(hash);
    // A target that the chain left behind can never be met by its hash; its height settles it too.
    if (this.#target !== null && height >= this.#target.height) this.#target = null;
    return [{ kind: 'applied', block }, ...this.#advanceFinality()];
  }

  #revertTo(ancestor: BlockRef, reason: string): ChainUpdate[] {
    if (this.#finalized !== null && ancestor.height < this.#finalized.height) {
      throw this.#belowFinality(ancestor.height, `a fork from ${formatBlock(ancestor)}`);
    }
    const first = this.#blocks[0];
    const keep = first === undefined ? 0 : Math.max(0, ancestor.height - first.height + 1);
    const blocks = this.#blocks.splice(keep).reverse();
    const oldest = blocks.at(-1);
    if (oldest === undefined) return [];
    if (this.#blocks.length === 0) this.#anchor = ancestor;
    for (const { height, hash, incarnation } of blocks) {
      const known = this.#reverted.get(hash)?.incarnation ?? 0;
      const highest = Math.max(incarnation, known);
      this.#reverted.set(hash, { height, hash, incarnation: highest });
    }
    const reorg = {
      id: `${this.#chain}/${oldest.hash}/${oldest.incarnation}`,
      depth: blocks.length,
      commonAncestorHeight: ancestor.height,
      commonAncestorHash: ancestor.hash,
      reason,
    };
    return [{ kind: 'reverted', blocks, reorg }];
  }

  /** The highest of these blocks that we hold; or, where nothing is final, the one under our first. */
  #ancestorOf(canonical: readonly BlockRef[]): BlockRef {
    const known = canonical.findLast((block) => this.hashAt(block.height) === block.hash);
    if (known !== undefined) return known;
    const lowest = canonical[0];
    const base = this.#base();
    if (this.#finalized === null && base !== null && lowest && lowest.height <= base.height + 1) {
      return canonical.find((block) => block.height === base.height) ?? { ...base, hash: '' };
    }
    throw this.#belowFinality(lowest?.height ?? 0, 'a fork without a common ancestor');
  }

  #advanceFinality(): ChainUpdate[] {
    const mark = this.#mark;
    const first = this.#blocks[0];
    if (mark === null || first === undefined || mark.height < first.height) return [];
    const count = Math.min(mark.height - first.height + 1, this.#blocks.length);
    const last = this.#blocks.splice(0, count).at(-1);
    if (last === undefined) return [];
    this.#finalized = { height: last.height, hash: last.hash };
    for (const [hash, { height }] of this.#reverted) {
      if (height <= last.height) this.#reverted.delete(hash);
    }
    return [{ kind: 'finalized', block: this.#finalized }];
  }

  /** What the first held block builds on; only meaningful while nothing is final. */
  #base(): BlockRef | null {
    if (this.#finalized !== null) return null;
    const first = this.#blocks[0];
    if (first === undefined) return this.#anchor;
    return { height: first.height - 1, hash: first.parentHash };
  }

  #checkFinal(block: BlockRef): void {
    const ours = this.hashAt(block.height);
    if (ours !== undefined) this.#checkMark(block, { height: block.height, hash: ours });
  }

  #checkMark(mark: BlockRef, ours: BlockRef): void {
    if (mark.hash === ours.hash) return;
    throw new FatalError('source.contradiction', {
      stage: 'continuity',
      message: `The source calls ${formatBlock(mark)} final, but the chain it reported has ${formatBlock(ours)} there. Nothing was retracted. Check that all endpoints serve the same chain, then restart.`,
      context: { height: mark.height, finalHash: mark.hash, ourHash: ours.hash },
    });
  }

  #notContinuous(header: BlockHeader, reason: string): TransientError {
    const tip = this.tip;
    return new TransientError('chain.not_continuous', {
      stage: 'continuity',
      message: `Block ${formatBlock(header)} with parent ${header.parentHash} does not continue the chain at ${tip === null ? 'its start' : formatBlock(tip)}: ${reason}. A new session asks again.`,
      context: { height: header.height, hash: header.hash, parentHash: header.parentHash },
    });
  }

  #notRevisable(block: BlockRef, held: BlockRef | undefined): TransientError {
    const tip = this.tip;
    const has = held === undefined ? 'no block' : `block ${formatBlock(held)}`;
    return new TransientError('chain.not_continuous', {
      stage: 'continuity',
      message: `The content of block ${formatBlock(block)} was revised, but the chain has ${has} there; the tip is ${tip === null ? 'not known' : formatBlock(tip)}. Nothing was retracted. A new session asks again.`,
      context: { height: block.height, hash: block.hash, ourHash: held?.hash ?? null },
    });
  }

  #belowFinality(height: number, what: string): FatalError {
    const finalized = this.#finalized;
    return new FatalError('chain.reorg_below_finality', {
      stage: 'continuity',
      message: `The source reported ${what}, which reaches below the finalized head ${finalized === null ? '(none)' : formatBlock(finalized)}. Nothing was retracted. Find out which chain is right, with a second node; if the new one is, publish to new topics (topics.prefix): rows of final blocks are never retracted.`,
      context: { height, finalizedHeight: finalized?.height ?? null },
    });
  }
}
