/**
 * The TzKT simulator: a chain, the hub that reports it, the REST side that shows it, and faults.
 * Nothing happens by itself: blocks, reorganizations and reports are called for.
 */

import type { Item } from '../simulator/json.ts';
import { SeededRandom } from '../traffic/seeded-random.ts';
import type { BlockRequest } from './chain/block-content.ts';
import type { BlockHeader } from './chain/block-item.ts';
import { shownRow, type TableName, tableNames } from './chain/tables.ts';
import { type ChainOptions, TezosChain } from './chain/tezos-chain.ts';
import { createFaults } from './faults.ts';
import type { Change } from './hub/batch.ts';
import { defaultLimits, type HubLimits } from './hub/channels.ts';
import { defaultTiming, type HubTiming } from './hub/connection.ts';
import { Hub } from './hub/hub.ts';
import { Rest } from './rest/rest.ts';

/** Everything has a default; the same options and calls give the same bytes. */
export interface SimulatorOptions extends Partial<ChainOptions> {
  /** Blocks before anyone connects, the first one included. Default 20. */
  readonly historyLevels?: number;
  /** A server of a version to come: its blocks list a kind that no client knows. */
  readonly hasFutureKind?: boolean;
  readonly limits?: Partial<HubLimits>;
  readonly timing?: Partial<HubTiming>;
}

/** A reorganization to make. */
export interface ReorgOptions {
  /** Blocks to replace. Default 1. */
  readonly depth?: number;
  /** Blocks of the new branch. Default: one more than were replaced. */
  readonly newBlocks?: number;
  /** True (default): one report. False: rollback and each new block are reported by themselves. */
  readonly isMerged?: boolean;
  readonly content?: BlockRequest;
}

/** What is true on the chain now: the items of each channel, as the hub would send them. */
export type CanonicalItems = Readonly<Record<TableName, readonly Item[]>>;

const defaultChain: ChainOptions = {
  seed: 'tzkt',
  firstLevel: 9_100_001,
  cycleLevels: 24,
  blockTimeMs: 6000,
  startTimeMs: Date.UTC(2026, 6, 2, 9, 14, 30),
  levelsMax: 5_000,
};

/** The simulator; `openTzktServer` gives it a port. */
export class TzktSimulator {
  readonly faults = createFaults();
  readonly hub: Hub;
  readonly rest: Rest;
  readonly #chain: TezosChain;
  readonly #pending: Change[] = [];
  #isUpgraded: boolean;
  #lost: readonly BlockHeader[] = [];

  constructor(options: SimulatorOptions = {}) {
    const { historyLevels = 20, hasFutureKind = false, limits, timing, now, ...chain } = options;
    this.#isUpgraded = hasFutureKind;
    let isLive = false;
    const settings = {
      ...defaultChain,
      ...chain,
      ...(now === undefined ? {} : { now: () => (isLive ? now() : undefined) }),
    };
    this.#chain = new TezosChain(settings);
    for (let level = 1; level < historyLevels; level += 1) this.#chain.apply();
    isLive = true;
    this.hub = new Hub({
      chain: this.#chain,
      faults: this.faults,
      limits: { ...defaultLimits, ...limits },
      timing: { ...defaultTiming, ...timing },
      random: new SeededRandom(`${settings.seed}/hub`),
    });
    this.rest = new Rest({
      chain: this.#chain,
      faults: this.faults,
      isUpgraded: () => this.#isUpgraded,
      headItem: () => this.hub.headItem,
      reorganize: (depth) => void this.reorganize({ depth }),
    });
  }

  /** The last block of the indexer, reported or not. */
  get head(): BlockHeader {
    return this.#chain.head;
  }

  /** How deep a reorganization can go now. */
  get depthMax(): number {
    return this.#chain.depthMax;
  }

  /** Adds blocks, each reported by itself. Returns the last one's header. */
  produce(blocks = 1, content: BlockRequest = {}): BlockHeader {
    for (let n = 0; n < blocks; n += 1) {
      this.apply(content);
      this.flush();
    }
    return this.head;
  }

  /** Adds a block and reports nothing yet. */
  apply(content: BlockRequest = {}): BlockHeader {
    const header = this.#chain.apply(content);
    this.#pending.push(header);
    return header;
  }

  /** Takes the last block back and reports nothing yet. Returns the header below it. */
  revert(): BlockHeader {
    const header = this.#chain.revert();
    this.#pending.push(header);
    return header;
  }

  /** Reports all that was not reported as one batch. */
  flush(): void {
    this.hub.report(this.#pending.splice(0));
  }

  /** Replaces the last blocks and reports it. Returns the new head's header. */
  reorganize(options: ReorgOptions = {}): BlockHeader {
    const { depth = 1, newBlocks = depth + 1, isMerged = true, content = {} } = options;
    if (depth < 1 || depth > this.depthMax) {
      throw new RangeError(`A depth of 1 to ${this.depthMax} is possible now, not ${depth}.`);
    }
    this.#lost = this.#revertDown(depth);
    if (!isMerged) this.flush();
    for (let n = 0; n < newBlocks; n += 1) {
      this.apply(content);
      if (!isMerged) this.flush();
    }
    this.flush();
    return this.head;
  }

  /** REST is answered by a server of a version to come from now on; the hub's connections live. */
  upgrade(): void {
    this.#isUpgraded = true;
  }

  /** True once a branch was replaced. */
  get canRestore(): boolean {
    return this.#lost.length > 0;
  }

  /**
   * Brings back the branch that the last reorganization replaced, one block longer than the present
   * one, reported as one batch. Returns the new head's header.
   */
  restoreBranch(): BlockHeader {
    const { head } = this;
    const lost = this.#lost;
    const [lowest] = lost;
    if (lowest === undefined) throw new RangeError('No branch was replaced.');
    this.#lost = this.#revertDown(head.level - lowest.level + 1);
    for (const { hash } of lost) this.apply({ restore: hash });
    while (this.head.level <= head.level) this.apply();
    this.flush();
    return this.head;
  }

  /** What is true now, per channel, by ascending id. Cycles and head are derived from blocks. */
  canonical(): CanonicalItems {
    const { tables } = this.#chain;
    const entries = tableNames.map((name) => [
      name,
      tables.byName[name].rows.map((row) => shownRow(tables, row)),
    ]);
    return Object.fromEntries(entries) as CanonicalItems;
  }

  /** Takes blocks back and returns their headers, oldest first. */
  #revertDown(depth: number): readonly BlockHeader[] {
    const lost: BlockHeader[] = [];
    for (let n = 0; n < depth; n += 1) {
      lost.unshift(this.head);
      this.revert();
    }
    return lost;
  }
}
