/**
 * A node's view of the chain, of the node to believe: not of one that is behind the others, and not of
 * one whose whole chain is below what is final here.
 */
import { formatBlock } from '../../model/block.ts';
import { FatalError, TransientError } from '../../model/errors.ts';
import type { HeadView } from '../following/chain.ts';
import type { LookRequest } from '../following/session.ts';
import type { SourceRuntime } from '../source.ts';
import type { BasaltNode } from './node.ts';
import type { BasaltNodes } from './nodes.ts';

/** A node and what it says. */
export interface Look {
  readonly node: BasaltNode;
  readonly tips: HeadView;
}

/** How far the clocks of a node and ours may be apart. */
const skewMs = 60_000;

/** For one session. */
export class Lookout {
  readonly #nodes: BasaltNodes;
  readonly #runtime: SourceRuntime;
  readonly #silenceMs: number;
  readonly #startedAtMs: number;
  #newAtMs: number;

  constructor(nodes: BasaltNodes, runtime: SourceRuntime, silenceMs: number) {
    this.#nodes = nodes;
    this.#runtime = runtime;
    this.#silenceMs = silenceMs;
    this.#startedAtMs = runtime.clock.nowMs();
    this.#newAtMs = this.#startedAtMs;
  }

  /** Throws `source.node_behind` when every node is below what is final here. */
  async look({ tip, announcedHeight }: LookRequest, signal: AbortSignal): Promise<Look> {
    const look = await this.#nodes.run(async (node) => {
      const tips = await node.tips(signal);
      await this.#checkReach(node, tips, signal);
      return { node, tips };
    }, signal);
    const nowMs = this.#runtime.clock.nowMs();
    const { height, hash } = look.tips.head;
    const isNew = hash !== tip?.hash;
    if (isNew) this.#newAtMs = nowMs;
    const isStalled = !isNew && nowMs - this.#newAtMs >= this.#silenceMs;
    const isBehind = announcedHeight !== undefined && height < announcedHeight;
    return isStalled || isBehind ? this.#highest(look, signal) : look;
  }

  /** The one that is furthest; the first is passed over for a while if it is not. */
  async #highest(first: Look, signal: AbortSignal): Promise<Look> {
    let best = first;
    for (const node of this.#nodes.all) {
      const other = node === first.node ? undefined : await this.#opinionOf(node, signal);
      if (other !== undefined && other.tips.head.height > best.tips.head.height) best = other;
    }
    if (best !== first) this.#nodes.rest(first.node);
    return best;
  }

  async #opinionOf(node: BasaltNode, signal: AbortSignal): Promise<Look | undefined> {
    try {
      await this.#nodes.admit(node, signal);
      return { node, tips: await node.tips(signal) };
    } catch (error) {
      signal.throwIfAborted();
      // An opinion is welcome, not needed: the first node answered.
      if (error instanceof FatalError) throw error;
      return undefined;
    }
  }

  /**
   * A node below the finalized head is behind, or began its chain anew: then its blocks are younger than
   * what is final. Only that proves a contradiction, which is handed on for continuity to refuse.
   */
  async #checkReach(node: BasaltNode, { head }: HeadView, signal: AbortSignal): Promise<void> {
    const finalizedHeight = this.#runtime.finalizedHeight();
    if (finalizedHeight === undefined || head.height >= finalizedHeight) return;
    const block = await node.blockAt(head.height, signal);
    if (block !== null && block.timeMs > this.#startedAtMs + skewMs) return;
    throw new TransientError('source.node_behind', {
      stage: 'sources',
      message: `${node.origin} is at ${formatBlock(head)}, below block ${finalizedHeight}, which is final here. Nothing is retracted for that: it may still be loading the chain. If it began a new chain, give that a source and topics of its own.`,
      context: { origin: node.origin, height: head.height, finalizedHeight },
    });
  }
}
