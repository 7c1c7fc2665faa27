/**
 * A head below ours may be a lagging replica or a chain that really went back. This decides: the same
 * node must say so twice some time apart, or a second node must agree.
 */
import type { BlockRef } from '../../model/block.ts';
import type { Clock } from '../../model/runtime.ts';
import type { ChainNode, ChainNodes } from './chain.ts';

/**
 * - `confirmed`: our block is gone; follow the node.
 * - `refuted`: some node still has our block; ignore the lower head.
 * - `waiting`: look again later.
 */
export type RewindVerdict = 'confirmed' | 'refuted' | 'waiting';

/** Remembers the first sighting. */
export class RewindDoubt<N extends ChainNode> {
  readonly #nodes: ChainNodes<N>;
  readonly #clock: Clock;
  readonly #confirmMs: number;
  #seen: { node: N; headHeight: number; tipHash: string; atMs: number } | undefined;

  constructor(nodes: ChainNodes<N>, options: { clock: Clock; confirmMs: number }) {
    this.#nodes = nodes;
    this.#clock = options.clock;
    this.#confirmMs = options.confirmMs;
  }

  /** True while a lower head was seen that is neither confirmed nor refuted. */
  get isOpen(): boolean {
    return this.#seen !== undefined;
  }

  /** The head is fine again. */
  dismiss(): void {
    this.#seen = undefined;
  }

  /** `node` gave a head below `tip`. */
  async judge(
    tip: BlockRef,
    { node, head }: { readonly node: N; readonly head: BlockRef },
    signal: AbortSignal,
  ): Promise<RewindVerdict> {
    if (await this.#has(node, tip, signal)) {
      this.dismiss();
      return 'refuted';
    }
    const second = await this.#nodes.second(node, signal);
    if (second !== undefined) {
      const opinion = await this.#opinionOf(second, tip, signal);
      if (opinion !== undefined) {
        this.dismiss();
        if (opinion) this.#nodes.rest(node);
        return opinion ? 'refuted' : 'confirmed';
      }
    }
    return this.#confirmedByTime(tip, node, head.height);
  }

  #confirmedByTime(tip: BlockRef, node: N, headHeight: number): RewindVerdict {
    const nowMs = this.#clock.nowMs();
    const seen = this.#seen;
    // A node whose head comes nearer is catching up: it counts only once it stands still.
    const isSame =
      seen?.node === node && seen.tipHash === tip.hash && seen.headHeight >= headHeight;
    if (seen === undefined || !isSame) {
      this.#seen = { node, headHeight, tipHash: tip.hash, atMs: nowMs };
      return 'waiting';
    }
    if (nowMs - seen.atMs < this.#confirmMs) return 'waiting';
    this.dismiss();
    return 'confirmed';
  }

  async #has(node: N, tip: BlockRef, signal: AbortSignal): Promise<boolean> {
    return (await node.hashAt(tip.height, signal)) === tip.hash;
  }

  /** Whether the node has our block; undefined when it cannot say. */
  async #opinionOf(node: N, tip: BlockRef, signal: AbortSignal): Promise<boolean | undefined> {
    try {
      return await this.#has(node, tip, signal);
    } catch {
      // A failing second node decides nothing; the first one is asked again later.
      signal.throwIfAborted();
      return undefined;
    }
  }
}
