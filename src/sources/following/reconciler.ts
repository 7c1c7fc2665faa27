/**
 * Brings our position and a node's head together, one step at a time. The cases of a step:
 *
 * 1. the head is our block: settled;
 * 2. the head is above: the blocks between are reported, unless the first of them does not build on
 *    our block: then 4;
 * 3. the head is below: nothing, until it is sure that the chain went back: then 4;
 * 4. another branch: everything of it is loaded, then `fork` and its blocks are reported.
 *
 * Invariant: a step either reports a branch completely or leaves the position as it was.
 */
import type { BlockRef } from '../../model/block.ts';
import { blockCursor } from '../../model/cursor.ts';
import type { SourceUpdate } from '../../model/update.ts';
import { type Branch, walkBack } from './branch.ts';
import { catchUp } from './catch-up.ts';
import {
  type BlockMessage,
  type ChainNode,
  type ChainScope,
  type HeadView,
  moved,
} from './chain.ts';
import type { AnnouncedHead } from './head-watcher.ts';
import { RewindDoubt } from './rewind-doubt.ts';

/** What a step needs besides the node's view. */
export interface StepContext<M> {
  /** Finality as far as this view tells it. */
  readonly mark: () => Iterable<SourceUpdate<M>>;
  readonly signal: AbortSignal;
}

/** The node's view that a step works with. */
interface View {
  readonly tips: HeadView;
  readonly signal: AbortSignal;
}

/** A block more than this far below the head when it is read is backfill. */
const backfillBehindBlocks = 5;

/** Owns the position. */
export class Reconciler<N extends ChainNode, M extends BlockMessage> {
  readonly #scope: ChainScope<N, M>;
  readonly #doubt: RewindDoubt<N>;
  #tip: BlockRef | null;
  #startHeight: number | undefined;

  constructor(scope: ChainScope<N, M>, tip: BlockRef | null) {
    this.#scope = scope;
    this.#tip = tip;
    this.#doubt = new RewindDoubt(scope.nodes, {
      clock: scope.runtime.clock,
      confirmMs: scope.config.rewindConfirmMs,
    });
  }

  /** The block reported last, or the one the session began after. Null before the first. */
  get tip(): BlockRef | null {
    return this.#tip;
  }

  get isInDoubt(): boolean {
    return this.#doubt.isOpen;
  }

  /** True until it is known at which height to begin. */
  get needsStart(): boolean {
    return this.#tip === null && this.#startHeight === undefined;
  }

  /** Height of the block that comes next; null until it is known at which height to begin. */
  get nextHeight(): number | null {
    return this.#tip === null ? (this.#startHeight ?? null) : this.#tip.height + 1;
  }

  /** Goes on after blocks that cannot be had. */
  *skipTo(block: BlockRef, reason: string): Generator<SourceUpdate<M>> {
    const after = this.#tip ?? { height: (this.#startHeight ?? 0) - 1, hash: '' };
    this.#tip = block;
    this.#doubt.dismiss();
    yield { kind: 'gap', after: blockCursor(after), resumedAt: blockCursor(block), reason };
  }

  startAt(height: number): void {
    this.#startHeight = height;
  }

  /** Reports an announced block at once if it is our block's child; else leaves it to `step`. */
  async *follow(
    head: AnnouncedHead,
    receivedAtUs: number,
    signal: AbortSignal,
  ): AsyncGenerator<SourceUpdate<M>> {
    const tip = this.#tip;
    if (tip === null || head.parentHash !== tip.hash || head.height !== tip.height + 1) return;
    const message = await this.#scope.fetcher.announced(head, signal);
    // What the socket said may differ from what the block says: only the latter counts.
    if (message === moved || message.block.parentHash !== tip.hash) return;
    this.#doubt.dismiss();
    yield* this.#report([message], { isBackfill: () => false, receivedAtUs });
  }

  /** True when nothing is left to do for this view of the chain. */
  async *step(
    tips: HeadView,
    node: N,
    context: StepContext<M>,
  ): AsyncGenerator<SourceUpdate<M>, boolean> {
    const { head } = tips;
    const tip = this.#tip;
    if (tip?.hash === head.hash) {
      this.#doubt.dismiss();
      return true;
    }
    const next = tip === null ? (this.#startHeight ?? 0) : tip.height + 1;
    if (head.height >= next) {
      this.#doubt.dismiss();
      return yield* this.#forward({ from: next, tips, context });
    }
    if (tip === null) return true;
    if (head.height < tip.height) {
      const verdict = await this.#doubt.judge(tip, { node, head }, context.signal);
      if (verdict !== 'confirmed') return true;
    }
    return yield* this.#backTo(head, tips, context.signal);
  }

  async *#forward(move: {
    from: number;
    tips: HeadView;
    context: StepContext<M>;
  }): AsyncGenerator<SourceUpdate<M>, boolean> {
    const { config, fetcher } = this.#scope;
    const { tips, context } = move;
    const { head } = tips;
    const isFar = head.height - move.from >= config.sliceBlocks;
    const range = {
      from: move.from,
      // The last blocks are taken in a step of their own: they are the ones that may still change.
      to: isFar ? head.height - config.sliceBlocks : head.height,
      blocksPerFetch: config.blocksPerFetch,
      concurrency: config.concurrency,
    };
    const mark = isFar ? context.mark : () => [];
    for await (const group of catchUp(fetcher, range, context.signal)) {
      if (group === moved) return false;
      // In a long catch-up the head was looked at long before this group arrived.
      const receivedAtUs = isFar ? this.#scope.runtime.clock.nowUs() : tips.receivedAtUs;
      const view = { tips: { ...tips, receivedAtUs }, signal: context.signal };
      const linked = yield* this.#take(group, view);
      if (!linked) return false;
      // Not before the chain was seen to go on from our block: it may have left it while we were away.
      yield* mark();
    }
    return this.#tip?.hash === head.hash;
  }

  /** Reports a group that continues our chain; else switches to its branch and returns false. */
  async *#take(group: readonly M[], view: View): AsyncGenerator<SourceUpdate<M>, boolean> {
    const first = group[0]?.block;
    if (first === undefined) return false;
    if (this.#tip !== null && first.parentHash !== this.#tip.hash) {
      yield* this.#switchTo(first, group, view);
      return false;
    }
    const { head, receivedAtUs } = view.tips;
    yield* this.#report(group, { isBackfill: isOld(head.height), receivedAtUs });
    return true;
  }

  /** The head is at or below our height, and it is not our block: a rewind or a shorter branch. */
  async *#backTo(
    head: BlockRef,
    tips: HeadView,
    signal: AbortSignal,
  ): AsyncGenerator<SourceUpdate<M>, boolean> {
    const { runtime, fetcher } = this.#scope;
    if (runtime.canonicalHash(head.height) === head.hash) {
      const canonical = [{ height: head.height, hash: head.hash }];
      this.#tip = canonical[0] ?? null;
      yield { kind: 'fork', canonical, reason: 'head_went_back' };
      return true;
    }
    const newest = await fetcher.block(head, signal);
    if (newest === moved) return false;
    yield* this.#switchTo(newest, [], { tips, signal });
    return false;
  }

  /**
   * Reports the branch that leads to `first` and goes on with `loaded`, which begins with it where
   * its contents are there already. Reports nothing when the branch vanishes while it is read.
   */
  async *#switchTo(
    first: M['block'],
    loaded: readonly M[],
    view: View,
  ): AsyncGenerator<SourceUpdate<M>> {
    const branch = await walkBack(first, this.#scope, view.signal);
    if (branch === moved) return;
    const toLoad = loaded.length === 0 ? branch.blocks : branch.blocks.slice(0, -1);
    const older = await this.#scope.fetcher.contents(toLoad, view.signal);
    if (older === moved) return;
    await this.#checkSameChain(branch, view.signal);
    const messages = [...older, ...loaded];
    const blocks = messages.map(({ block: { height, hash } }) => ({ height, hash }));
    const canonical = branch.root.height < 0 ? blocks : [branch.root, ...blocks];
    // Blocks of a branch that replaced the head are new, however long it is.
    const wasBehind = isOld(view.tips.head.height)(this.#tip?.height ?? 0);
    const timing = {
      isBackfill: wasBehind ? isOld(view.tips.head.height) : () => false,
      receivedAtUs: view.tips.receivedAtUs,
    };
    this.#tip = branch.root;
    yield { kind: 'fork', canonical, reason: 'parent_hash' };
    yield* this.#report(messages, timing);
  }

  /** A branch that reaches below finality may be no reorg at all, but the node of another chain. */
  async #checkSameChain(branch: Branch<M['block']>, signal: AbortSignal): Promise<void> {
    if (branch.isRootKnown) return;
    await this.#scope.nodes.genesisHash(signal);
  }

  *#report(
    messages: readonly M[],
    timing: { isBackfill: (height: number) => boolean; receivedAtUs: number },
  ): Generator<SourceUpdate<M>> {
    for (const message of messages) {
      const { height, hash, parentHash, timeMs } = message.block;
      // Set before the update is handed out: a consumer that stops here has taken it over.
      this.#tip = { height, hash };
      yield {
        kind: 'block',
        header: { height, hash, parentHash, timeMs },
        messages: [message],
        isBackfill: timing.isBackfill(height),
        receivedAtUs: timing.receivedAtUs,
      };
    }
  }
}

function isOld(headHeight: number): (height: number) => boolean {
  return (height) => height < headHeight - backfillBehindBlocks;
}
