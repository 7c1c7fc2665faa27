/**
 * Puts rows, which come in any order and mostly without a block hash, under the blocks they belong
 * to. The stream proposes; what REST says later is taken as it is. Pure: it reports nothing.
 */
import type { BlockHeader } from '../../../model/block.ts';
import { isBarDataset } from '../bars.ts';
import type { ArchiveBlock, Asked } from './archive-block.ts';
import { Discards } from './discards.ts';
import { HeldBars } from './held-bars.ts';
import { HeldBlock, HeldHeight, isAhead, isOfFallen } from './held-block.ts';
import { HeldRows } from './held-rows.ts';
import type { PublishedChain } from './published-chain.ts';
import { rawOf, type SaidBar, type SaidRow } from './said-row.ts';

/** Owns everything above the final height that is not known to be settled. */
export class Assembler {
  readonly heights = new Map<number, HeldHeight>();
  readonly discards: Discards;
  readonly bars: HeldBars;
  /** Everything up to here was compared with REST. */
  auditedTo: number;
  /** The highest block that was announced. */
  newestHeight = -1;
  readonly #published: PublishedChain;
  readonly #confirmations: number;

  constructor(
    published: PublishedChain,
    { auditedTo, confirmations }: { readonly auditedTo: number; readonly confirmations: number },
  ) {
    this.#published = published;
    this.discards = new Discards(published);
    this.bars = new HeldBars(confirmations);
    this.#confirmations = confirmations;
    this.auditedTo = auditedTo;
  }

  get heldRows(): number {
    let count = this.bars.size;
    for (const height of this.heights.values()) count += height.rowCount;
    return count;
  }

  /** Takes over a row of the stream. */
  take(said: SaidRow, nowMs: number): void {
    if (said.height <= this.#published.floor.height) this.discards.finalRow(said);
    else if (said.header !== null) this.#announce(said, said.header, nowMs);
    else this.#takeRow(said, nowMs);
  }

  /** Takes over a bar of the stream: of the block that closed its bucket, as soon as there is one. */
  takeBar(said: SaidBar, nowMs: number): void {
    // REST shows the bars as they were at the block it has come to.
    const outcome = this.bars.take(said, this.newestHeight + 1);
    if (outcome === 'final') this.discards.finalBar(said.raw, said.dataset);
    if (outcome === 'known' || outcome === 'outdated') this.discards.drop(outcome);
    if (outcome === 'final' || outcome === 'known' || outcome === 'open') return;
    for (const [at, height] of this.heights) {
      const block = height.current;
      if (block === undefined || !block.closes(said.endMs)) continue;
      if (outcome === 'outdated' || block.rows === null) this.doubt(at);
      else this.#fillAt(at, nowMs);
    }
  }

  /** REST has this block below those that it was asked for. */
  settleBelow(header: BlockHeader): void {
    if (header.height !== this.#published.floor.height) return;
    for (const row of this.bars.endWith(header)) {
      this.discards.finalBar(rawOf(row.data), row.dataset);
    }
  }

  /**
   * Takes over what REST said when it was asked at `askedAtMs`. Returns false, and leaves the height
   * as it is, when the stream said more of it since, or of its bars at blocks that REST did not show
   * yet: then REST must be asked again.
   */
  settle(read: ArchiveBlock, asked: Asked): boolean {
    const { height: at, hash } = read.header;
    const height = this.#heightAt(at);
    if (height.heardAtMs >= asked.atMs) return false;
    const { parentTimeMs } = read;
    const span = parentTimeMs === null ? null : { afterMs: parentTimeMs, toMs: read.header.timeMs };
    if (span !== null && this.bars.servedFrom(span, at) > asked.servedTo) return false;
    const isPublished = this.#published.canonicalHash(at) === hash;
    let block = height.blocks.get(hash);
    if (block === undefined) {
      const said = { receivedAtUs: read.receivedAtUs, nowMs: asked.nowMs, isFlagged: false };
      const replaces = height.current !== undefined;
      block = new HeldBlock(read.header, { ...said, isCorrection: replaces, isPublished });
      height.blocks.set(hash, block);
    }
    height.current = block;
    const { rows } = block;
    if (rows === null && isPublished && !asked.isWhole) {
      // What the other datasets have published of it is not known: it stays as it is.
    } else if (rows === null) {
      block.rows = new HeldRows();
      block.rows.settle(read.rows, asked.covers);
      block.version += 1;
    } else if (rows.settle(read.rows, asked.covers)) block.version += 1;
    block.isAudited = true;
    block.parentTimeMs ??= parentTimeMs;
    if (span !== null) {
      const bars = read.rows.filter(({ dataset }) => isBarDataset(dataset));
      this.bars.settle(span, bars, asked.covers);
      block.isRecheckDue = this.newestHeight - at < this.#confirmations;
    }
    if (this.#fill(block)) block.version += 1;
    this.#settleEarly(height, block, asked);
    if (this.auditedTo === at - 1) this.auditedTo = at;
    this.#fillAt(at + 1, asked.nowMs);
    return true;
  }

  /** REST must be asked of this height, and of all above it, again. */
  doubt(height: number): void {
    this.auditedTo = Math.min(this.auditedTo, height - 1);
    const current = this.heights.get(height)?.current;
    if (current !== undefined) current.isAudited = false;
  }

  /** Rows that have waited for a block longer than `maxMs` become dead letters. */
  expire(nowMs: number, maxMs: number): void {
    for (const [at, height] of this.heights) {
      if (height.current !== undefined || this.#published.canonicalHash(at) !== undefined) continue;
      for (const [key, { row, atMs }] of height.early) {
        if (nowMs - atMs < maxMs) continue;
        height.early.delete(key);
        this.discards.unannounced(row);
      }
      if (height.early.size === 0) this.heights.delete(at);
    }
  }

  /** Forgets what can change no more. */
  prune(finalHeight: number): void {
    const header = this.heights.get(finalHeight)?.current?.header;
    if (header !== undefined) this.bars.endWith(header);
    for (const [at, { early }] of this.heights) {
      if (at > finalHeight) continue;
      for (const { row } of early.values()) this.discards.unannounced(row);
      this.heights.delete(at);
    }
  }

  /** Gives a block the bars of its span as they were told last. Returns whether anything changed. */
  #fill(block: HeldBlock): boolean {
    const { height, parentHash } = block.header;
    const parent = this.heights.get(height - 1)?.blocks.get(parentHash)?.header;
    return this.bars.fill(block, parent);
  }

  #fillAt(at: number, nowMs: number): void {
    const height = this.heights.get(at);
    const block = height?.current;
    if (height === undefined || block === undefined) return;
    if (this.#fill(block)) this.#touch(height, block, nowMs);
  }

  #announce(said: SaidRow, header: BlockHeader, nowMs: number): void {
    const height = this.#heightAt(header.height);
    this.bars.announced(header.height);
    this.newestHeight = Math.max(this.newestHeight, header.height);
    const known = height.blocks.get(header.hash);
    if (known !== undefined) {
      this.#announceAgain(height, known, { said, nowMs });
      return;
    }
    const publishedHash = this.#published.canonicalHash(header.height);
    const isPublished = publishedHash === header.hash;
    const replaces = height.current !== undefined || (publishedHash !== undefined && !isPublished);
    const block = new HeldBlock(header, {
      receivedAtUs: said.receivedAtUs,
      nowMs,
      isFlagged: said.isCorrection,
      isCorrection: said.isCorrection || replaces,
      isPublished,
    });
    height.blocks.set(header.hash, block);
    block.rows?.take(said);
    this.#makeCurrent(height, block, nowMs);
  }

  /** A block that comes again without a flag is a second delivery: it takes no other one's place. */
  #announceAgain(
    height: HeldHeight,
    block: HeldBlock,
    { said, nowMs }: { readonly said: SaidRow; readonly nowMs: number },
  ): void {
    if (height.current !== block && said.isCorrection) {
      block.isFlagged = true;
      block.isCorrection = true;
      this.#makeCurrent(height, block, nowMs);
      return;
    }
    const outcome = block.rows?.take(said) ?? 'known';
    if (outcome === 'changed') this.#touch(height, block, nowMs);
    else this.discards.drop('known');
  }

  #makeCurrent(height: HeldHeight, block: HeldBlock, nowMs: number): void {
    this.#place(height, block, nowMs);
    this.#adoptParents(block.header, nowMs);
  }

  #place(height: HeldHeight, block: HeldBlock, nowMs: number): void {
    height.current = block;
    height.heardAtMs = nowMs;
    block.lastRowAtMs = nowMs;
    this.doubt(block.header.height);
    if (block.rows !== null) {
      for (const { row } of height.early.values()) block.rows.take(row);
      height.early.clear();
    }
    this.#fillAt(block.header.height, nowMs);
    this.#fillAt(block.header.height + 1, nowMs);
  }

  /** A new block says which ones are canonical below it, whatever was announced there last. */
  #adoptParents(header: BlockHeader, nowMs: number): void {
    const { floor } = this.#published;
    let hash: string | undefined = header.parentHash;
    for (let at = header.height - 1; at > floor.height && hash !== undefined; at -= 1) {
      const below = this.heights.get(at);
      const parent: HeldBlock | undefined = below?.blocks.get(hash);
      if (below !== undefined && parent !== undefined) {
        if (below.current !== parent) this.#place(below, parent, nowMs);
        hash = parent.header.parentHash;
        continue;
      }
      if (this.#published.canonicalHash(at) !== hash) return;
      if (below !== undefined) below.current = undefined;
      hash = this.#published.canonicalHash(at - 1);
    }
  }

  #takeRow(said: SaidRow, nowMs: number): void {
    const height = this.#heightAt(said.height);
    const block = height.current;
    if (block === undefined || isAhead(block, said)) {
      height.early.set(said.key, { row: said, atMs: nowMs });
      height.heardAtMs = nowMs;
      if (block !== undefined) this.doubt(said.height);
      return;
    }
    if (block.rows === null) {
      // What it holds is not known here, so whether this changes it only REST can say.
      this.doubt(said.height);
      return;
    }
    const outcome = isOfFallen(height, block, said) ? 'outdated' : block.rows.take(said);
    if (outcome === 'added' || outcome === 'changed') this.#touch(height, block, nowMs);
    else this.discards.drop(outcome);
  }

  #touch(height: HeldHeight, block: HeldBlock, nowMs: number): void {
    height.heardAtMs = nowMs;
    block.lastRowAtMs = nowMs;
    block.version += 1;
    this.doubt(block.header.height);
  }

  /** REST has said which rows the block has: those that waited are among them, or never were. */
  #settleEarly(
    height: HeldHeight,
    block: HeldBlock,
    { covers }: { readonly covers: ReadonlySet<string> },
  ): void {
    for (const { row } of height.early.values()) {
      if (!covers.has(row.dataset)) {
        if (block.rows?.take(row) === 'added') block.version += 1;
      } else if (!block.rows?.has(row.key)) this.discards.unannounced(row);
    }
    height.early.clear();
  }

  #heightAt(at: number): HeldHeight {
    let height = this.heights.get(at);
    if (height === undefined) {
      height = new HeldHeight();
      this.heights.set(at, height);
    }
    return height;
  }
}
