/**
 * The Basalt simulator: one chain and the nodes that serve it. Nothing happens by itself: blocks,
 * rollbacks and restarts are called for.
 */
import { BasaltChain, type ChainOptions } from './chain/basalt-chain.ts';
import type { Block } from './chain/block.ts';
import type { BlockRequest } from './chain/block-maker.ts';
import { BasaltNode, type NodeOptions } from './node.ts';
import type { RestOptions } from './rest/rest.ts';
import {
  type ShownBlock,
  type ShownTransaction,
  shownBlock,
  shownTransactions,
} from './rest/shown.ts';
import { type BasaltServer, openBasaltServer } from './server.ts';

/** Everything has a default; the same options and calls give the same bytes. */
export interface SimulatorOptions extends Partial<ChainOptions> {
  /** Blocks above genesis before anyone connects. Default 20. */
  readonly historyBlocks?: number;
  /** What those blocks contain. */
  readonly history?: BlockRequest;
  /** Default: one node, standalone. */
  readonly nodes?: readonly NodeOptions[];
}

/** A reorganization to make. */
export interface ReorgOptions {
  /** Blocks to replace. Default 1. */
  readonly depth?: number;
  /** Blocks of the new branch. Default: one more than were replaced. */
  readonly newBlocks?: number;
  readonly content?: BlockRequest;
}

/** A block of the chain as REST shows it, with its transactions; logs are in the transactions. */
export interface CanonicalBlock {
  readonly block: ShownBlock;
  readonly transactions: readonly ShownTransaction[];
}

const defaultChain: ChainOptions = {
  seed: 'basalt',
  chainId: 31_337,
  blockTimeMs: 2000,
  startTimeMs: Date.UTC(2026, 2, 29, 13, 0, 0, 123),
  blocksMax: 20_000,
};

/** The simulator; `listen` gives a node its port. */
export class BasaltSimulator {
  readonly nodes: readonly BasaltNode[];
  readonly #chain: BasaltChain;
  readonly #chainId: number;
  readonly #now: (() => number | undefined) | undefined;
  #replaced: readonly Block[] = [];

  constructor(options: SimulatorOptions = {}) {
    const { historyBlocks = 20, history, nodes = [{}], now, ...chain } = options;
    let isLive = false;
    const settings = {
      ...defaultChain,
      ...chain,
      ...(now === undefined ? {} : { now: () => (isLive ? now() : undefined) }),
    };
    this.#chain = new BasaltChain(settings);
    this.#chainId = settings.chainId;
    this.#now = now;
    this.nodes = nodes.map((node) => new BasaltNode(this.#chain, settings.blocksMax, node));
    this.produce(historyBlocks, history);
    isLive = true;
  }

  /** The chain's last block, whether a node has it or not. */
  get head(): Block {
    return this.#chain.head;
  }

  /** How deep a rollback can go now. */
  get depthMax(): number {
    return this.#chain.depthMax;
  }

  /** The only node, or the first. */
  get node(): BasaltNode {
    return this.nodeAt(0);
  }

  /** A node by its place in the options. */
  nodeAt(index: number): BasaltNode {
    const node = this.nodes[index];
    if (node === undefined) throw new RangeError(`There is no node ${index}.`);
    return node;
  }

  /** Opens the port of a node; port 0 = any free one. */
  listen(node: BasaltNode = this.node, port = 0): Promise<BasaltServer> {
    return openBasaltServer(this.#restOptions(node), port);
  }

  /**
   * Adds blocks. Standalone nodes and validators follow block by block, RPC nodes once at the end, as
   * if all had come between two of their questions. Returns the head.
   */
  produce(blocks = 1, content?: BlockRequest): Block {
    for (let n = 0; n < blocks; n += 1) {
      this.#chain.append(content);
      this.#follow((node) => node.mode !== 'rpc');
    }
    this.#follow((node) => node.mode === 'rpc');
    return this.head;
  }

  /** Takes the last blocks away; nodes follow, and nobody is told. Returns the head. */
  rollback(depth = 1): Block {
    this.#replaced = this.#chain.rollback(depth);
    this.follow();
    return this.head;
  }

  /**
   * Replaces the last blocks at once: nodes see the new branch as a whole, so that validators and RPC
   * nodes announce the last block of each batch only. Returns the head.
   */
  reorganize({ depth = 1, newBlocks = depth + 1, content }: ReorgOptions = {}): Block {
    this.#replaced = this.#chain.rollback(depth);
    for (let n = 0; n < newBlocks; n += 1) this.#chain.append(content);
    this.follow();
    return this.head;
  }

  /** True once a branch was replaced. */
  get canRestore(): boolean {
    return this.#replaced.length > 0;
  }

  /** Brings the branch back that was replaced last, and one more block. Returns the head. */
  restoreBranch(): Block {
    const branch = this.#replaced;
    const depth = this.head.number - ((branch[0]?.number ?? Number.NaN) - 1);
    this.#replaced = depth === 0 ? [] : this.#chain.rollback(depth);
    for (const block of branch) this.#chain.put(block);
    this.#chain.append();
    this.follow();
    return this.head;
  }

  /**
   * The process of a node starts again, and follows the chain again. A standalone node without a data
   * directory is its chain: it begins at height 0, with the same genesis.
   */
  restart(node: BasaltNode = this.node): void {
    if (node.mode === 'standalone' && !node.hasDataDir) this.startAgain();
    else {
      node.restart();
      node.follow();
    }
  }

  /** The whole chain begins again after the same genesis; all sockets are aborted. */
  startAgain(): void {
    this.#replaced = [];
    this.#chain.startAgain();
    for (const node of this.nodes) {
      node.forget();
      node.restart();
    }
  }

  /** All nodes follow the chain; needed only after a node's `lagBlocks` was changed. */
  follow(): void {
    this.#follow(() => true);
  }

  /** What is true on the chain now, from genesis or the lowest block kept: by ascending height. */
  canonical(): readonly CanonicalBlock[] {
    const { blocks, head } = this.#chain;
    const all: CanonicalBlock[] = [];
    for (let number = 0; number <= head.number; number += 1) {
      const block = blocks.at(number);
      if (block === undefined) continue;
      all.push({ block: shownBlock(block), transactions: shownTransactions(block) });
    }
    return all;
  }

  #follow(isMeant: (node: BasaltNode) => boolean): void {
    for (const node of this.nodes) if (isMeant(node)) node.follow();
  }

  #restOptions(node: BasaltNode): RestOptions {
    return {
      node,
      chainId: this.#chainId,
      now: () => this.#now?.() ?? this.head.timestamp,
      reorganize: (depth) => void this.reorganize({ depth }),
    };
  }
}
