/**
 * Where the rows of a block begin, on every partition, by the control topic alone: a search over its
 * offsets, never a scan of a data topic. Reorgs and replayed blocks are seen through.
 */
import type { ControlBlock, ControlTally } from '../encoding/control-decoder.ts';
import { DataError } from '../model/errors.ts';
import type {
  BlockOffset,
  BlockOffsets,
  BlockPosition,
  BlockRange,
  IndexedBlock,
} from './block-offsets.ts';
import {
  type ControlEntry,
  ControlLog,
  type ControlLogOptions,
  missingTopic,
} from './control-log.ts';
import { RowSearch } from './row-search.ts';

/** Bounds of a search on partitions that a block has no rows on. */
export interface SearchLimits {
  /** Control records looked through on each side of the block. */
  readonly neighboursMax: number;
  /** Offsets of a partition looked through one by one. */
  readonly scanOffsetsMax: number;
}

export interface BlockIndexOptions extends ControlLogOptions {
  /** Undefined: 4,096 each. */
  readonly limits?: SearchLimits;
}

const defaultLimits: SearchLimits = { neighboursMax: 4096, scanOffsetsMax: 4096 };

interface Found {
  readonly entry: ControlEntry;
  readonly height: number;
  readonly hash: string;
  readonly body: ControlBlock;
}

/**
 * An index over one control topic as it was when it was opened. It may be one transaction behind the
 * data. Throws what the registry and the broker throw, `consumer.foreign_record` for records of
 * another program, `consumer.several_sources` when the topic has several and none was named.
 */
export class BlockIndex {
  readonly #log: ControlLog;
  readonly #options: ControlLogOptions;
  readonly #limits: SearchLimits;
  readonly #finalizedHeight: number | null;
  readonly #first: Found;
  readonly #newest: Found;
  readonly #rows: RowSearch;

  private constructor(
    options: BlockIndexOptions,
    found: { log: ControlLog; first: Found; newest: Found; finalizedHeight: number | null },
  ) {
    this.#options = options;
    this.#limits = options.limits ?? defaultLimits;
    this.#log = found.log;
    this.#first = found.first;
    this.#newest = found.newest;
    this.#finalizedHeight = found.finalizedHeight;
    this.#rows = new RowSearch(options);
  }

  /** Throws `consumer.block_not_found` when the topic tells of no block. */
  static async open(options: BlockIndexOptions): Promise<BlockIndex> {
    const log = await ControlLog.open(options);
    const { newest, finalizedHeight } = await newestBlock(log);
    const first = await firstBlock(log);
    if (newest === undefined || first === undefined) throw noBlocks(options.topic);
    return new BlockIndex(options, { log, first, newest, finalizedHeight });
  }

  /** The control topic. */
  get topic(): string {
    return this.#options.topic;
  }

  /** What can be found. */
  get range(): BlockRange {
    return {
      first: this.#indexed(this.#first),
      newest: this.#indexed(this.#newest),
      finalizedHeight: this.#finalizedHeight,
    };
  }

  /**
   * The offsets from which a reader of these topics sees the rows of this canonical block and of all
   * later ones: what lies before belongs to earlier blocks or to branches that were taken back
   * before. Throws `consumer.block_not_found` for a block before the oldest or after the newest one
   * the control topic tells of, and for a time after the newest block's.
   */
  async find(position: BlockPosition, topics: readonly string[]): Promise<BlockOffsets> {
    const found =
      'height' in position ? await this.#at(position.height) : await this.#since(position);
    return { block: this.#indexed(found), partitions: await this.#offsets(found, topics) };
  }

  /** Only the block. */
  async block(position: BlockPosition): Promise<IndexedBlock> {
    return this.#indexed(
      'height' in position ? await this.#at(position.height) : await this.#since(position),
    );
  }

  /**
   * Invariant: the tip moves up by one and down by reorgs, and never below the finalized head. So the
   * last record of a height before that height was final (or before the end) is the canonical one.
   */
  async #at(height: number): Promise<Found> {
    const { height: first } = this.#first;
    if (height > this.#newest.height) {
      throw this.#notFound(`block ${height}`, `the newest block is ${this.#newest.height}`);
    }
    const below = await this.#finalFrom(height);
    for await (const entry of this.#log.backward(below)) {
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
    let low = this.#log.first;
    let high = this.#log.end;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const next = await this.#finalizedAfter(middle, high);
      if (next === undefined || next.height >= height) high = middle;
      else low = next.offset + 1;
    }
    const found = await this.#finalizedAfter(low, this.#log.end);
    return found === undefined ? this.#log.end : found.offset + 1;
  }

  /** The first record of a finalized head at or after the offset, below the limit. */
  async #finalizedAfter(from: number, limit: number) {
    for await (const { offset, record } of this.#log.forward(from)) {
      if (offset >= limit) return undefined;
      if (record.kind === 'finalized' && record.height !== null) {
        return { offset, height: record.height };
      }
    }
    return undefined;
  }

  /** Times of canonical blocks never fall with their height. */
  async #since({ timeMs }: { readonly timeMs: number }): Promise<Found> {
    const asked = `a block at or after ${new Date(timeMs).toISOString()}`;
    if (timeMs > this.#newest.body.block_time) {
      const newest = new Date(this.#newest.body.block_time).toISOString();
      throw this.#notFound(asked, `the newest block is of ${newest}`);
    }
    let low = this.#first.height;
    let high = this.#newest.height;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((await this.#at(middle)).body.block_time >= timeMs) high = middle;
      else low = middle + 1;
    }
    return this.#at(low);
  }

  async #offsets(found: Found, topics: readonly string[]): Promise<BlockOffset[]> {
    const { reader } = this.#options;
    const asked = await Promise.all(
      topics.map(async (topic) => ({ topic, partitions: await reader.partitionsOf(topic) })),
    );
    const wanted = asked.flatMap(({ topic, partitions }) => {
      if (partitions.length === 0) throw missingTopic(topic);
      return partitions.map((partition) => ({ topic, partition }));
    });
    const own = new Map(found.body.tallies.map((tally) => [keyOf(tally), tally]));
    const others = new Set(wanted.map(keyOf).filter((key) => !own.has(key)));
    const later = await this.#laterTallies(found, new Set(others));
    const floors = await this.#floors(found, others);
    return Promise.all(
      wanted.map(async (at) => {
        const tally = own.get(keyOf(at));
        if (tally !== undefined) return { ...at, offset: tally.first_offset, hasRows: true };
        const floor = floors.get(keyOf(at)) ?? 0;
        const limit = later.get(keyOf(at))?.first_offset;
        const query = { height: found.height, floor, limit, endOf: this.#endsOn(at) };
        const { scanOffsetsMax } = this.#limits;
        const offset = await this.#rows.from(at, { ...query, scanOffsetsMax });
        return { ...at, offset, hasRows: false };
      }),
    );
  }

  /** Where the source's own rows of canonical blocks end on a partition, as their tallies say. */
  #endsOn(at: { readonly topic: string; readonly partition: number }) {
    return async (height: number): Promise<number | undefined> => {
      if (height < this.#first.height) return undefined;
      const { body } = await this.#at(height);
      const tally = body.tallies.find((each) => keyOf(each) === keyOf(at));
      return tally === undefined ? undefined : endOf(tally);
    };
  }

  /** Where partitions without rows of the block go on, as far as the next control records say. */
  async #laterTallies(found: Found, wanted: Set<string>): Promise<Map<string, ControlTally>> {
    const later = new Map<string, ControlTally>();
    let left = this.#limits.neighboursMax;
    for await (const { record } of this.#log.forward(found.entry.offset + 1)) {
      left -= 1;
      if (wanted.size === 0 || left < 0) break;
      for (const tally of ownTallies(record)) {
        if (wanted.delete(keyOf(tally))) later.set(keyOf(tally), tally);
      }
    }
    return later;
  }

  /**
   * Where these partitions went on after what was published shortly before the block. Rows of higher
   * blocks lie there when a reorg brought the chain back below it.
   */
  async #floors(found: Found, wanted: ReadonlySet<string>): Promise<Map<string, number>> {
    const floors = new Map<string, number>();
    let left = this.#limits.neighboursMax;
    for await (const { record } of this.#log.backward(found.entry.offset)) {
      left -= 1;
      if (floors.size === wanted.size || left < 0) break;
      for (const tally of ownTallies(record)) {
        const key = keyOf(tally);
        if (wanted.has(key) && !floors.has(key)) floors.set(key, endOf(tally));
      }
    }
    return floors;
  }

  /** The topic begins amid a branch that was left, below whose blocks the chain went on. */
  async #wentBelow(height: number, below: number): Promise<boolean> {
    for await (const { offset, record } of this.#log.forward(this.#log.first)) {
      if (offset >= below) return false;
      if (record.reorg !== null && record.reorg.common_ancestor_height < height) return true;
    }
    return false;
  }

  #indexed({ entry, height, hash, body }: Found): IndexedBlock {
    return {
      height,
      hash,
      timeMs: body.block_time,
      incarnation: body.incarnation,
      isFinalized: this.#finalizedHeight !== null && height <= this.#finalizedHeight,
      controlOffset: entry.offset,
    };
  }

  #notFound(what: string, why: string): DataError {
    const { topic } = this.#options;
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
  let newest: Found | undefined;
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
async function firstBlock(log: ControlLog): Promise<Found | undefined> {
  for await (const entry of log.forward(log.first)) {
    const block = blockOf(entry);
    if (block !== undefined) return block;
  }
  return undefined;
}

function blockOf(entry: ControlEntry): Found | undefined {
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

/** A replay is another producer: its rows and its control records fall between the source's at will. */
function ownTallies({ kind, block, reorg }: ControlEntry['record']): readonly ControlTally[] {
  return kind === 'replay' ? [] : (block?.tallies ?? reorg?.tallies ?? []);
}

/** At most one past the last record: those of others may lie between. */
function endOf({ first_offset: first, inserts, retractions }: ControlTally): number {
  return first + inserts + retractions;
}

function keyOf({ topic, partition }: { readonly topic: string; readonly partition: number }) {
  return `${topic}/${partition}`;
}

function noBlocks(topic: string): DataError {
  return new DataError('consumer.block_not_found', {
    stage: 'consumer',
    message: `Control topic "${topic}" tells of no block: nothing is published yet, its records were deleted, or it is not a control topic.`,
    context: { topic },
  });
}
