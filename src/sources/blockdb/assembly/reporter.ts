/**
 * Where the source stands: says what of the assembled blocks may be reported now, in which order, and
 * what of it is final. Every update about the chain is made here, so that the position always agrees
 * with them. Pure.
 */
import type { BlockRef } from '../../../model/block.ts';
import { DataError } from '../../../model/errors.ts';
import type { SourceUpdate } from '../../../model/update.ts';
import type { BlockdbRow } from '../messages.ts';
import type { Assembler } from './assembler.ts';
import { messagesOf } from './block-messages.ts';
import type { HeldBlock } from './held-block.ts';
import type { PublishedChain } from './published-chain.ts';

type Update = SourceUpdate<BlockdbRow>;

/** A block more than this far below the newest when it is reported is backfill. */
const backfillBehindBlocks = 5;

/** The block with all it holds, and the one it builds on. */
interface Branch {
  readonly ancestor: BlockRef;
  readonly blocks: readonly HeldBlock[];
}

/** Owns the position. */
export class Reporter {
  readonly #assembler: Assembler;
  readonly #published: PublishedChain;
  readonly #settleMs: number;
  readonly #queue: Update[] = [];
  #tip: BlockRef | null;
  #startHeight: number | undefined;

  constructor(
    assembler: Assembler,
    scope: {
      readonly published: PublishedChain;
      readonly settleMs: number;
      readonly tip: BlockRef | null;
    },
  ) {
    this.#assembler = assembler;
    this.#published = scope.published;
    this.#settleMs = scope.settleMs;
    this.#tip = scope.tip;
  }

  /** The block reported last, or the one the session began after. Null before the first. */
  get tip(): BlockRef | null {
    return this.#tip;
  }

  /** Height of the block to report next; undefined until it is known where to begin. */
  get nextHeight(): number | undefined {
    return this.#tip === null ? this.#startHeight : this.#tip.height + 1;
  }

  startAt(height: number): void {
    this.#startHeight = height;
    this.#assembler.auditedTo = height - 1;
  }

  /** The next update; undefined when there is none now. Time or a row may change that. */
  next(nowMs: number): Update | undefined {
    return this.#queue.shift() ?? this.#switch(nowMs) ?? this.#extend(nowMs) ?? this.#revise(nowMs);
  }

  /** True when blocks are announced that do not link to the position: only REST can help. */
  get isBlocked(): boolean {
    const next = this.nextHeight;
    if (next === undefined) return false;
    const isMissing = this.#assembler.newestHeight >= next && this.#child() === undefined;
    return isMissing || this.#divergedAt() !== undefined;
  }

  /** Reports what is deep enough, was compared with REST, and is reported as it is now. */
  *finalize(confirmations: number): Generator<Update> {
    const tip = this.#tip;
    if (tip === null) return;
    let height = Math.min(this.#assembler.auditedTo, tip.height - confirmations);
    for (const [at, { current }] of this.#assembler.heights) {
      if (at > height || current === undefined) continue;
      const isReported = current.header.hash === this.#hashAt(at) && !current.isChanged;
      const isSettled = isReported && !current.isRecheckDue;
      if (!isSettled) height = at - 1;
    }
    const hash = height > this.#published.floor.height ? this.#hashAt(height) : undefined;
    if (hash === undefined) return;
    this.#assembler.prune(height);
    yield { kind: 'finalized', block: { height, hash } };
  }

  /** Lets go of rows that REST has confirmed and the pipeline has. */
  release(): void {
    for (const [at, height] of this.#assembler.heights) {
      const { current } = height;
      if (current === undefined || !current.isAudited || current.isChanged) continue;
      if (current.header.hash !== this.#hashAt(at)) continue;
      current.rows = null;
      for (const [hash, block] of height.blocks) if (block !== current) height.blocks.delete(hash);
    }
  }

  /** A branch that takes the place of what is published, once it is complete as far as it goes. */
  #switch(nowMs: number): Update | undefined {
    const branch = this.#otherBranch();
    const last = branch?.blocks.at(-1);
    if (branch === undefined || last === undefined || !this.#isProven(branch)) return undefined;
    const isLonger = last.header.height >= (this.#tip?.height ?? 0);
    const quietMs = nowMs - Math.max(...branch.blocks.map(({ lastRowAtMs }) => lastRowAtMs));
    const isComplete = isLonger || last.isAudited || quietMs >= this.#settleMs;
    if (!isComplete || !this.#isClosed(last, nowMs)) return undefined;
    return this.#switchTo(branch);
  }

  #switchTo({ ancestor, blocks }: Branch): Update | undefined {
    const contents = blocks.map((block) => this.#contentOf(block));
    if (!contents.every((content) => content !== undefined)) return undefined;
    for (const [at, height] of this.#assembler.heights) {
      if (at <= ancestor.height) continue;
      for (const block of height.blocks.values()) block.reported = -1;
    }
    const reason = blocks.some(({ isCorrection }) => isCorrection) ? 'announced' : 'hash_audit';
    const canonical = [
      ancestor,
      ...blocks.map(({ header: { height, hash } }) => ({ height, hash })),
    ];
    this.#queue.push(...blocks.map((block, index) => this.#report(block, contents[index] ?? [])));
    return { kind: 'fork', canonical, reason };
  }

  /** The lowest published height at which another block is current, and what links to it. */
  #otherBranch(): Branch | undefined {
    const from = this.#divergedAt();
    const first = from === undefined ? undefined : this.#assembler.heights.get(from)?.current;
    if (from === undefined || first === undefined) return undefined;
    const ancestorHash = first.header.parentHash;
    if (ancestorHash !== this.#hashAt(from - 1) && !this.#reachesBelow(first)) return undefined;
    const blocks: HeldBlock[] = [];
    let parentHash = ancestorHash;
    for (let at = from; ; at += 1) {
      const block = this.#assembler.heights.get(at)?.current;
      if (block?.header.parentHash !== parentHash || block.rows === null) break;
      blocks.push(block);
      parentHash = block.header.hash;
    }
    return { ancestor: { height: from - 1, hash: ancestorHash }, blocks };
  }

  /**
   * The branch leaves ours below the first block that we may change. While nothing is final that is a
   * switch of everything; else it is handed on, for continuity to refuse, once REST says so too.
   */
  #reachesBelow({ header, isAudited }: HeldBlock): boolean {
    const { floor } = this.#published;
    return header.height - 1 === floor.height && (!floor.isFinal || isAudited);
  }

  /**
   * A second delivery of a fallen block looks like a reorg to a session that never saw it fall. So a
   * branch counts only with the server's flag, with REST's word, or when it is the longer one.
   */
  #isProven({ blocks }: Branch): boolean {
    const { height } = blocks.at(-1)?.header ?? { height: -1 };
    if (height > (this.#tip?.height ?? 0)) return true;
    return blocks.some(({ isFlagged, isAudited }) => isFlagged || isAudited);
  }

  #divergedAt(): number | undefined {
    const tip = this.#tip;
    let lowest: number | undefined;
    for (const [at, { current }] of this.#assembler.heights) {
      if (tip === null || at > tip.height || current === undefined) continue;
      const hash = this.#hashAt(at);
      if (hash === undefined || current.header.hash === hash) continue;
      lowest = Math.min(lowest ?? at, at);
    }
    return lowest;
  }

  #extend(nowMs: number): Update | undefined {
    const block = this.#child();
    if (block === undefined || !this.#isClosed(block, nowMs)) return undefined;
    const messages = this.#contentOf(block);
    return messages === undefined ? undefined : this.#report(block, messages);
  }

  /** The block that continues the position. */
  #child(): HeldBlock | undefined {
    const block = this.#assembler.heights.get(this.nextHeight ?? -1)?.current;
    if (block === undefined || block.rows === null) return undefined;
    return this.#tip === null || block.header.parentHash === this.#tip.hash ? block : undefined;
  }

  /** Blocks that are reported, and hold something else now. */
  #revise(nowMs: number): Update | undefined {
    for (const [at, { current: block }] of this.#assembler.heights) {
      if (block === undefined || block.rows === null || !block.isChanged) continue;
      if (block.header.hash !== this.#hashAt(at)) continue;
      if (!block.isAudited && nowMs - block.lastRowAtMs < this.#settleMs) continue;
      const messages = this.#contentOf(block);
      if (messages === undefined) continue;
      block.reported = block.version;
      const { header, receivedAtUs } = block;
      return { kind: 'revision', block: header, messages, isBackfill: false, receivedAtUs };
    }
    return undefined;
  }

  /** There is no mark at the end of a block (reference section 8.1): its successor, or silence, is. */
  #isClosed(block: HeldBlock, nowMs: number): boolean {
    const { height, hash } = block.header;
    const above = this.#assembler.heights.get(height + 1)?.current;
    if (block.isAudited || above?.header.parentHash === hash) return true;
    return nowMs - block.lastRowAtMs >= this.#settleMs;
  }

  /**
   * Undefined for rows that cannot be of one block, such as logs of two transactions at one index: then
   * the block is not known here, and REST decides. What REST itself says is thrown.
   */
  #contentOf(block: HeldBlock): readonly BlockdbRow[] | undefined {
    try {
      return messagesOf(block.rows?.values() ?? []);
    } catch (error) {
      if (!(error instanceof DataError) || block.isAudited) throw error;
      block.rows = null;
      this.#assembler.doubt(block.header.height);
      return undefined;
    }
  }

  #report(block: HeldBlock, messages: readonly BlockdbRow[]): Update {
    const { header, receivedAtUs } = block;
    block.reported = block.version;
    // Set before the update is handed out: a consumer that stops here has taken it over.
    this.#tip = { height: header.height, hash: header.hash };
    return {
      kind: 'block',
      header,
      messages,
      isBackfill: header.height < this.#assembler.newestHeight - backfillBehindBlocks,
      receivedAtUs,
    };
  }

  #hashAt(height: number): string | undefined {
    return this.#published.canonicalHash(height);
  }
}
