/**
 * What each source is doing, for people and probes: the pipeline writes it, the HTTP server reads
 * it. Everything is bounded; nothing here decides anything.
 */
import type { BlockHeader, BlockRef } from '../model/block.ts';
import type { SourceState } from '../model/source-state.ts';
import { createRate } from './rate.ts';

/** A published block in the picture of recent forks. */
export interface RecentBlock extends BlockRef {
  readonly parentHash: string;
  readonly rows: number;
  readonly isCanonical: boolean;
  /** When it was published, milliseconds since the epoch. */
  readonly at: number;
}

/** A published reorganization. */
export interface RecentReorg {
  readonly id: string;
  readonly depth: number;
  readonly commonAncestor: BlockRef;
  readonly retractions: number;
  readonly reason: string;
  readonly at: number;
}

/** What the pipeline reports as it changes; names that are left out keep their value. */
export interface SourceChange {
  readonly state?: SourceState;
  readonly error?: { readonly code: string; readonly message: string } | null;
  readonly head?: BlockRef | { readonly height: number; readonly hash: null } | null;
  readonly published?: BlockRef | null;
  readonly finalized?: BlockRef | null;
  readonly lagMs?: number | null;
  readonly undo?: { readonly blocks: number; readonly rows: number };
}

/** One source as the status page and `/api/status` show it. */
export interface SourceStatus extends Required<SourceChange> {
  readonly name: string;
  readonly kind: string;
  readonly chain: string;
  /** Since when it is in this state, milliseconds since the epoch. */
  readonly stateSince: number;
  readonly lagBlocks: number | null;
  /** Averages over the last ten seconds. */
  readonly rates: {
    readonly blocksPerSecond: number;
    readonly rowsPerSecond: number;
    readonly retractionsPerSecond: number;
  };
  /** Since the start of the process. */
  readonly totals: {
    readonly blocks: number;
    readonly rows: number;
    readonly retractions: number;
    readonly reorgs: number;
  };
  /** In the order of publication, oldest first. */
  readonly recentBlocks: readonly RecentBlock[];
  /** Newest first. */
  readonly recentReorgs: readonly RecentReorg[];
}

/** Where the pipeline reports about one source. Cheap; never throws. */
export interface SourceBoard {
  update(change: SourceChange): void;
  /** A block was published. One that comes back is shown once, canonical again. */
  blockPublished(block: BlockHeader, rows: number): void;
  /** Blocks were taken back. */
  reorgPublished(reorg: Omit<RecentReorg, 'at'>, reverted: readonly BlockRef[]): void;
}

/** All sources of the process. */
export interface StatusBoard {
  /** Adds the source on its first mention. */
  source(name: string, about?: { readonly kind: string; readonly chain: string }): SourceBoard;
  /** In the order of their first mention. */
  statuses(): SourceStatus[];
}

export const recentBlocksMax = 200;
export const recentReorgsMax = 30;

export function createStatusBoard(nowMs: () => number): StatusBoard {
  const sources = new Map<string, OneSource>();
  return {
    source: (name, about) => {
      const source = sources.get(name) ?? new OneSource(name, nowMs);
      sources.set(name, source);
      if (about !== undefined) source.about = about;
      return source;
    },
    statuses: () => [...sources.values()].map((source) => source.status()),
  };
}

class OneSource implements SourceBoard {
  about = { kind: '', chain: '' };
  readonly #name: string;
  readonly #nowMs: () => number;
  #now: Required<SourceChange> = {
    state: 'starting',
    error: null,
    head: null,
    published: null,
    finalized: null,
    lagMs: null,
    undo: { blocks: 0, rows: 0 },
  };
  #stateSince: number;
  #totals = { blocks: 0, rows: 0, retractions: 0, reorgs: 0 };
  readonly #blocks = new Map<string, RecentBlock>();
  #reorgs: readonly RecentReorg[] = [];
  readonly #rates = { blocks: createRate(), rows: createRate(), retractions: createRate() };

  constructor(name: string, nowMs: () => number) {
    this.#name = name;
    this.#nowMs = nowMs;
    this.#stateSince = nowMs();
  }

  update(change: SourceChange): void {
    if (change.state !== undefined && change.state !== this.#now.state) {
      this.#stateSince = this.#nowMs();
    }
    this.#now = { ...this.#now, ...change };
  }

  blockPublished({ height, hash, parentHash }: BlockHeader, rows: number): void {
    const at = this.#nowMs();
    // Deleted first: a map keeps the place of a key that is only overwritten.
    this.#blocks.delete(hash);
    this.#blocks.set(hash, { height, hash, parentHash, rows, isCanonical: true, at });
    const [oldest] = this.#blocks.keys();
    if (this.#blocks.size > recentBlocksMax && oldest !== undefined) this.#blocks.delete(oldest);
    this.#totals.blocks += 1;
    this.#totals.rows += rows;
    this.#rates.blocks.add(1, at);
    this.#rates.rows.add(rows, at);
  }

  reorgPublished(reorg: Omit<RecentReorg, 'at'>, reverted: readonly BlockRef[]): void {
    const at = this.#nowMs();
    this.#reorgs = [{ ...reorg, at }, ...this.#reorgs].slice(0, recentReorgsMax);
    for (const { hash } of reverted) {
      const block = this.#blocks.get(hash);
      if (block !== undefined) this.#blocks.set(hash, { ...block, isCanonical: false });
    }
    this.#totals.reorgs += 1;
    this.#totals.retractions += reorg.retractions;
    this.#rates.retractions.add(reorg.retractions, at);
  }

  status(): SourceStatus {
    const now = this.#nowMs();
    const { head, published } = this.#now;
    return {
      name: this.#name,
      ...this.about,
      ...this.#now,
      stateSince: this.#stateSince,
      lagBlocks: head === null || published === null ? null : head.height - published.height,
      rates: {
        blocksPerSecond: this.#rates.blocks.perSecond(now),
        rowsPerSecond: this.#rates.rows.perSecond(now),
        retractionsPerSecond: this.#rates.retractions.perSecond(now),
      },
      totals: { ...this.#totals },
      recentBlocks: [...this.#blocks.values()],
      recentReorgs: this.#reorgs,
    };
  }
}
