/**
 * The BlockDB simulator: a chain, the stream that reports it, the REST side that shows it, and
 * faults. Nothing happens by itself: blocks, reorganizations and reports are called for.
 */
import type { Clock } from '../../model/runtime.ts';
import { systemClock } from '../../model/system-clock.ts';
import type { Item } from '../simulator/json.ts';
import { defaultKey, type Keys } from './access.ts';
import type { BlockContent, BlockHeader, Row } from './chain/block.ts';
import { BlockdbChain } from './chain/blockdb-chain.ts';
import type { Cast } from './chain/cast.ts';
import { type DatasetId, datasetIds } from './chain/datasets.ts';
import type { BlockRequest } from './chain/draw-block.ts';
import { createFaults } from './faults.ts';
import { defaultProfile, type Profile, type RestProfile } from './profile.ts';
import { Rest } from './rest/rest.ts';
import { Shape } from './shape.ts';
import { defaultTiming, type StreamTiming } from './socket/connection.ts';
import { type Correction, rowName, Stream } from './socket/stream.ts';

/** Everything has a default; the same options and calls give the same rows. */
export interface SimulatorOptions {
  readonly seed?: string;
  readonly chainId?: number;
  /** Blocks before anyone connects. Default 20. */
  readonly historyBlocks?: number;
  readonly firstHeight?: number;
  readonly blockTimeMs?: number;
  readonly startTimeMs?: number;
  /** Of older blocks only the headers are kept. Default 5000. */
  readonly blocksMax?: number;
  /** Blocks after the history bear the clock's time. Default false: they follow at the block time. */
  readonly isTimedByClock?: boolean;
  readonly clock?: Clock;
  readonly keys?: Keys;
  readonly profile?: Partial<Omit<Profile, 'rest'>> & { readonly rest?: Partial<RestProfile> };
  readonly timing?: Partial<StreamTiming>;
}

/** A reorganization to make. */
export interface ReorgOptions {
  /** Blocks to replace. Default 1. */
  readonly depth?: number;
  /** Blocks of the new branch. Default: one more than were replaced. */
  readonly newBlocks?: number;
  readonly content?: BlockRequest;
  /** Blocks to take instead of drawn ones, ascending from the fork. */
  readonly branch?: readonly BlockContent[];
}

/** What is true on the chain now: the rows of each dataset as the stream shows them. */
export type CanonicalRows = Readonly<Record<DatasetId, readonly Item[]>>;

/** Height of the first block, unless told otherwise. */
export const firstHeightDefault = 21_000_500;
const startTimeDefaultMs = Date.UTC(2026, 0, 15, 10, 20, 35);

/** The simulator; `openBlockdbServer` gives it a port. */
export class BlockdbSimulator {
  readonly chainId: number;
  readonly keys: Keys;
  readonly profile: Profile;
  readonly faults = createFaults();
  readonly stream: Stream;
  readonly rest: Rest;
  readonly #chain: BlockdbChain;
  readonly #shape: Shape;
  #lost: readonly BlockContent[] = [];

  constructor(options: SimulatorOptions = {}) {
    const { seed = 'blockdb', chainId = 1, historyBlocks = 20, clock = systemClock } = options;
    this.chainId = chainId;
    this.keys = options.keys ?? { [defaultKey]: {} };
    this.profile = profileOf(options);
    this.#shape = new Shape(this.profile);
    let isLive = false;
    this.#chain = new BlockdbChain({
      seed,
      chainId,
      firstHeight: options.firstHeight ?? firstHeightDefault,
      blockTimeMs: options.blockTimeMs ?? 12_000,
      startTimeMs: options.startTimeMs ?? startTimeDefaultMs,
      tracingIds: this.profile.tracingIds,
      barsCorrectedForMs: this.profile.barsCorrectedForMs,
      blocksMax: options.blocksMax ?? 5000,
      nowMs: () => clock.nowMs(),
      blockTimeNowMs: () => (isLive && options.isTimedByClock === true ? clock.nowMs() : undefined),
    });
    for (let n = 0; n < historyBlocks; n += 1) this.#chain.grow();
    isLive = true;
    const shared = {
      chainId,
      seed,
      clock,
      chain: this.#chain,
      shape: this.#shape,
      profile: this.profile,
      faults: this.faults,
    };
    this.stream = new Stream({ ...shared, timing: { ...defaultTiming, ...options.timing } });
    this.rest = new Rest({
      ...shared,
      keys: this.keys,
      reorganize: (depth) => void this.reorganize({ depth }),
    });
  }

  /** Who appears on the chain: addresses for filters. */
  get cast(): Cast {
    return this.#chain.cast;
  }

  /** The last block. Throws when there is none yet. */
  get head(): BlockHeader {
    const last = this.#chain.blocks.at(-1);
    if (last === undefined) throw new RangeError('The chain has no block yet.');
    return last.header;
  }

  /** Headers of the canonical chain, oldest first. */
  get headers(): readonly BlockHeader[] {
    return this.#chain.blocks.map(({ header }) => header);
  }

  /** How deep a reorganization can go now. */
  get depthMax(): number {
    return this.#chain.depthMax;
  }

  /** Adds blocks and reports each. Returns the last one's header. */
  produce(blocks = 1, content: BlockRequest = {}): BlockHeader {
    for (let n = 0; n < blocks; n += 1) this.stream.report(this.#chain.grow(content));
    return this.head;
  }

  /** Adds a block that was made elsewhere and reports it. Throws a `RangeError` if it does not link. */
  add(content: BlockContent): BlockHeader {
    this.stream.report(this.#chain.append(content));
    return this.head;
  }

  /**
   * Replaces the last blocks. The new ones are reported from the fork upwards, those that took a
   * fallen one's place as corrections. Returns the new head's header.
   */
  reorganize(options: ReorgOptions = {}): BlockHeader {
    const { depth = 1, newBlocks = depth + 1, content = {}, branch } = options;
    this.#replace(depth, () => {
      if (branch !== undefined) return branch.map((block) => this.#chain.append(block));
      return Array.from({ length: newBlocks }, () => this.#chain.grow(content));
    });
    return this.head;
  }

  /** True once a branch was replaced. */
  get canRestore(): boolean {
    return this.#lost.length > 0;
  }

  /**
   * Brings back the branch that the last reorganization replaced, one block longer than the present
   * one. Returns the new head's header.
   */
  restoreBranch(): BlockHeader {
    const lost = this.#lost;
    const lowest = lost[0]?.header.height;
    if (lowest === undefined) throw new RangeError('No branch was replaced.');
    const { height } = this.head;
    this.#replace(height - lowest + 1, () => {
      const blocks = lost.map((block) => this.#chain.append(block));
      while (this.head.height <= height) blocks.push(this.#chain.grow());
      return blocks;
    });
    return this.head;
  }

  /** What is true now, per dataset: by height and place, bars by bucket. */
  canonical(): CanonicalRows {
    const entries = datasetIds.map((id) => [
      id,
      this.#chain.rows(id).map(({ item }) => this.#shape.stream(id, item)),
    ]);
    return Object.fromEntries(entries) as CanonicalRows;
  }

  #replace(depth: number, build: () => readonly ReturnType<BlockdbChain['append']>[]): void {
    const throughHeight = this.head.height;
    const barsBefore = new Map(this.#barRows().map((row) => [rowName(row), row]));
    const { fallen, bars } = this.#chain.revert(depth);
    this.#lost = fallen.map(({ content }) => content);
    const rows = fallen.flatMap((block) => block.rows);
    const fallenRows = new Map([...barsBefore, ...rows.map((row) => [rowName(row), row] as const)]);
    const correction: Correction = { throughHeight, fallen: fallenRows };
    const blocks = build();
    for (const block of blocks) this.stream.report(block, correction);
    const touched = new Set(blocks.flatMap((block) => block.bars).map(rowName));
    this.stream.reportBars(
      bars.filter((bar) => !touched.has(rowName(bar))),
      correction,
    );
  }

  #barRows(): readonly Row[] {
    return (['0404', '0405', '0501'] as const).flatMap((id) => this.#chain.rows(id));
  }
}

function profileOf({ profile = {} }: SimulatorOptions): Profile {
  return { ...defaultProfile, ...profile, rest: { ...defaultProfile.rest, ...profile.rest } };
}
