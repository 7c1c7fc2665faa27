/**
 * The canonical blocks that a control topic tells of: a search over its offsets, never a scan of a
 * data topic. Reorgs and replayed blocks are seen through.
 */
import type { ControlBlock } from '../encoding/control-decoder.ts';
import { DataError } from '../model/errors.ts';
import type { BlockPosition } from './block-offsets.ts';
import { type ControlEntry, ControlLog, type ControlLogOptions } from './control-log.ts';

/** A block, and the control record that tells where its rows are. */
export interface FoundBlock {
  readonly entry: ControlEntry;
  readonly height: number;
  readonly hash: string;
  readonly body: ControlBlock;
}

/** The blocks of one control topic as it was when it was opened. */
export class CanonicalBlocks {
  readonly #topic: string;
  readonly log: ControlLog;
  /** The oldest one. */
  readonly first: FoundBlock;
  readonly newest: FoundBlock;
  readonly finalizedHeight: number | null;

  private constructor(
    topic: string,
    log: ControlLog,
    found: Pick<CanonicalBlocks, 'first' | 'newest' | 'finalizedHeight'>,
  ) {
    this.#topic = topic;
    this.log = log;
    this.first = found.first;
    this.newest = found.newest;
    this.finalizedHeight = found.finalizedHeight;
  }

  /** Throws `consumer.block_not_found` when the topic tells of no block. */
  static async open(options: ControlLogOptions): Promise<CanonicalBlocks> {
    const log = await ControlLog.open(options);
    const { newest, finalizedHeight } = await newestBlock(log);
    const first = await firstBlock(log);
    if (newest === undefined || first === undefined) throw noBlocks(options.topic);
    return new CanonicalBlocks(options.topic, log, { first, newest, finalizedHeight });
  }

  /**
   * The canonical block of a height, or the first one at or after a time. Throws
   * `consumer.block_not_found` for a block before the oldest or after the newest one, and for a time
   * after the newest block's.
   */
  find(position: BlockPosition): Promise<FoundBlock> {
    return 'height' in position ? this.at(position.height) : this.#since(position);
  }

  /**
   * Invariant: the tip moves up by one and down by reorgs, and never below the finalized head. So the
   * last record of a height before that height was final (or before the end) is the canonical one.
   */
  async at(height: number): Promise<FoundBlock> {
    const { height: first } = this.first;
    if (height > this.newest.height) {
      throw this.#notFound(`block ${height}`, `the newest block is ${this.newest.height}`);
    }
    const below = await this.#finalFrom(height);
    for await (const entry of this.log.backward(below)) {
      const block = blockOf(entry);
      if (block?.height !== height) continue;
      if (height >= first || (await this.#wentBelow(height, entry.offset))) return block;
      break;
    }
    throw this.#notFound(
      `block ${height}`,
      `the oldest block is ${first}: the source began there, or older records were deleted by the topic's retention`,
    );
  }

  /** One past the first record that calls this height final; the end when none does. */
  async #finalFrom(height: number): Promise<number> {
    let low = this.log.first;
    let high = this.log.end;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const next = await this.#finalizedAfter(middle, high);
      if (next === undefined || next.height >= height) high = middle;
      else low = next.offset + 1;
    }
    const found = await this.#finalizedAfter(low, this.log.end);
    return found === undefined ? this.log.end : found.offset + 1;
  }

  /** The first record of a finalized head at or after the offset, below the limit. */
  async #finalizedAfter(from: number, limit: number) {
    for await (const { offset, record } of this.log.forward(from)) {
      if (offset >= limit) return undefined;
      if (record.kind === 'finalized' && record.height !== null) {
        return { offset, height: record.height };
      }
    }
    return undefined;
  }

  /** Times of canonical blocks never fall with their height. */
  async #since({ timeMs }: { readonly timeMs: number }): Promise<FoundBlock> {
    const asked = `a block at or after ${new Date(timeMs).toISOString()}`;
    if (timeMs > this.newest.body.block_time) {
      const newest = new Date(this.newest.body.block_time).toISOString();
      throw this.#notFound(asked, `the newest block is of ${newest}`);
    }
    let low = this.first.height;
    let high = this.newest.height;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((await this.at(middle)).body.block_time >= timeMs) high = middle;
      else low = middle + 1;
    }
    return this.at(low);
  }

  /** The topic begins amid a branch that was left, below whose blocks the chain went on. */
  async #wentBelow(height: number, below: number): Promise<boolean> {
    for await (const { offset, record } of this.log.forward(this.log.first)) {
      if (offset >= below) return false;
      if (record.reorg !== null && record.reorg.common_ancestor_height < height) return true;
    }
    return false;
  }

  #notFound(what: string, why: string): DataError {
    const topic = this.#topic;
    return new DataError('consumer.block_not_found', {
      stage: 'consumer',
      message: `Control topic "${topic}" has no ${what}: ${why}.`,
      context: { topic },
    });
  }
}

/** The head and the finalized head at the end of the log. */
async function newestBlock(log: ControlLog) {
  let finalizedHeight: number | null = null;
  let newest: FoundBlock | undefined;
  let revertedTo = Number.POSITIVE_INFINITY;
  for await (const entry of log.backward(log.end)) {
    const { kind, reorg } = entry.record;
    if (kind === 'finalized') finalizedHeight ??= entry.record.height;
    if (reorg !== null) revertedTo = Math.min(revertedTo, reorg.common_ancestor_height);
    const block = blockOf(entry);
    const isLeft = block === undefined || block.height > revertedTo;
    if (!isLeft && block.height > (newest?.height ?? -1)) newest = block;
    if (newest !== undefined && newest.height >= (finalizedHeight ?? Infinity)) break;
  }
  return { newest, finalizedHeight };
}

/** The oldest record of a block. What a replay wrote lies later. */
async function firstBlock(log: ControlLog): Promise<FoundBlock | undefined> {
  for await (const entry of log.forward(log.first)) {
    const block = blockOf(entry);
    if (block !== undefined) return block;
  }
  return undefined;
}

function blockOf(entry: ControlEntry): FoundBlock | undefined {
  const { kind, height, hash, block } = entry.record;
  // Records of a revision or a replay say where rows were put right, not where the block began.
  if (
    kind === 'revision' ||
    kind === 'replay' ||
    block === null ||
    height === null ||
    hash === null
  )
    return undefined;
  return { entry, height, hash, body: block };
}

function noBlocks(topic: string): DataError {
  return new DataError('consumer.block_not_found', {
    stage: 'consumer',
    message: `Control topic "${topic}" tells of no block: nothing is published yet, its records were deleted, or it is not a control topic.`,
    context: { topic },
  });
}
