/**
 * Where the rows of a block begin, on every partition, by the control topic alone: a search over its
 * offsets, never a scan of a data topic. Reorgs and replayed blocks are seen through.
 */
import type { ControlTally } from '../encoding/control-decoder.ts';
import type {
  BlockOffset,
  BlockOffsets,
  BlockPosition,
  BlockRange,
  IndexedBlock,
} from './block-offsets.ts';
import { CanonicalBlocks, type FoundBlock } from './canonical-blocks.ts';
import { type ControlEntry, type ControlLogOptions, missingTopic } from './control-log.ts';
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

/**
 * An index over one control topic as it was when it was opened. It may be one transaction behind the
 * data. Throws what the registry and the broker throw, `consumer.foreign_record` for records of
 * another program, `consumer.several_sources` when the topic has several and none was named.
 */
export class BlockIndex {
  readonly #options: ControlLogOptions;
  readonly #limits: SearchLimits;
  readonly #blocks: CanonicalBlocks;
  readonly #rows: RowSearch;

  private constructor(options: BlockIndexOptions, blocks: CanonicalBlocks) {
    this.#options = options;
    this.#limits = options.limits ?? defaultLimits;
    this.#blocks = blocks;
    this.#rows = new RowSearch(options);
  }

  /** Throws `consumer.block_not_found` when the topic tells of no block. */
  static async open(options: BlockIndexOptions): Promise<BlockIndex> {
    return new BlockIndex(options, await CanonicalBlocks.open(options));
  }

  /** The control topic. */
  get topic(): string {
    return this.#options.topic;
  }

  /** What can be found. */
  get range(): BlockRange {
    const { first, newest, finalizedHeight } = this.#blocks;
    return { first: this.#indexed(first), newest: this.#indexed(newest), finalizedHeight };
  }

  /**
   * The offsets from which a reader of these topics sees the rows of this canonical block and of all
   * later ones: what lies before belongs to earlier blocks or to branches that were taken back
   * before. Throws `consumer.block_not_found` for a block before the oldest or after the newest one
   * the control topic tells of, and for a time after the newest block's.
   */
  async find(position: BlockPosition, topics: readonly string[]): Promise<BlockOffsets> {
    const found = await this.#blocks.find(position);
    return { block: this.#indexed(found), partitions: await this.#offsets(found, topics) };
  }

  /** Only the block. */
  async block(position: BlockPosition): Promise<IndexedBlock> {
    return this.#indexed(await this.#blocks.find(position));
  }

  async #offsets(found: FoundBlock, topics: readonly string[]): Promise<BlockOffset[]> {
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
      if (height < this.#blocks.first.height) return undefined;
      const { body } = await this.#blocks.at(height);
      const tally = body.tallies.find((each) => keyOf(each) === keyOf(at));
      return tally === undefined ? undefined : endOf(tally);
    };
  }

  /** Where partitions without rows of the block go on, as far as the next control records say. */
  async #laterTallies(found: FoundBlock, wanted: Set<string>): Promise<Map<string, ControlTally>> {
    const later = new Map<string, ControlTally>();
    let left = this.#limits.neighboursMax;
    for await (const { record } of this.#blocks.log.forward(found.entry.offset + 1)) {
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
  async #floors(found: FoundBlock, wanted: ReadonlySet<string>): Promise<Map<string, number>> {
    const floors = new Map<string, number>();
    let left = this.#limits.neighboursMax;
    for await (const { record } of this.#blocks.log.backward(found.entry.offset)) {
      left -= 1;
      if (floors.size === wanted.size || left < 0) break;
      for (const tally of ownTallies(record)) {
        const key = keyOf(tally);
        if (wanted.has(key) && !floors.has(key)) floors.set(key, endOf(tally));
      }
    }
    return floors;
  }

  #indexed({ entry, height, hash, body }: FoundBlock): IndexedBlock {
    const { finalizedHeight } = this.#blocks;
    return {
      height,
      hash,
      timeMs: body.block_time,
      incarnation: body.incarnation,
      isFinalized: finalizedHeight !== null && height <= finalizedHeight,
      controlOffset: entry.offset,
    };
  }
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
