/**
 * What following a chain by its heads needs of a source kind: how blocks are read, from which nodes.
 * Everything else in this folder is written against these shapes and knows no kind.
 */
import type { BlockHeader, BlockRef } from '../../model/block.ts';
import type { SourceRuntime } from '../source.ts';

/** The chain changed while it was read: nothing is wrong, but the reader must look at the head again. */
export const moved = Symbol('moved');
export type Moved = typeof moved;

/** Everything of one block, as a kind's channels take it. */
export interface BlockMessage {
  readonly block: BlockHeader;
}

/** Reads blocks; lets nothing through that does not add up, and asks other nodes where one fails. */
export interface ChainReader<M extends BlockMessage> {
  /** Blocks of consecutive heights, both ends included, linked by parent hash, with their contents. */
  range(from: number, to: number, signal: AbortSignal): Promise<readonly M[] | Moved>;
  /** One block without its contents; `moved` when it cannot be had any more. */
  block(ref: BlockRef, signal: AbortSignal): Promise<M['block'] | Moved>;
  /** The contents of blocks that were read before, in their order. */
  contents(blocks: readonly M['block'][], signal: AbortSignal): Promise<readonly M[] | Moved>;
  /** A block that was just announced as the head; `moved` when another one is canonical already. */
  announced(ref: BlockRef, signal: AbortSignal): Promise<M | Moved>;
}

/** One node, as far as a doubt about its head goes. */
export interface ChainNode {
  readonly origin: string;
  /** Hash of its block at this height; null when it has none there. */
  hashAt(height: number, signal: AbortSignal): Promise<string | null>;
}

/** The nodes of one source. */
export interface ChainNodes<N> {
  /** Another node than this one, if there is one that answers. */
  second(first: N, signal: AbortSignal): Promise<N | undefined>;
  /** Passes this node over for a while. */
  rest(node: N): void;
  /** Hash of block 0, asked anew. Throws where the nodes are not of one chain. */
  genesisHash(signal: AbortSignal): Promise<string>;
}

/** A node's head at one moment. */
export interface HeadView {
  readonly head: BlockRef;
  /** Microseconds since the epoch. */
  readonly receivedAtUs: number;
}

/** What following works with; nothing in it changes during a session. */
export interface ChainScope<N extends ChainNode, M extends BlockMessage> {
  readonly config: {
    readonly rewindConfirmMs: number;
    readonly sliceBlocks: number;
    readonly blocksPerFetch: number;
    readonly concurrency: number;
  };
  readonly runtime: SourceRuntime;
  readonly nodes: ChainNodes<N>;
  readonly fetcher: ChainReader<M>;
}

/** True when each block is the parent of the next. */
export function areLinked(blocks: readonly BlockHeader[]): boolean {
  return blocks.every((block, index) => {
    const parent = blocks[index - 1];
    return (
      parent === undefined ||
      (block.parentHash === parent.hash && block.height === parent.height + 1)
    );
  });
}
