/**
 * Reads whole levels over REST: their blocks, and the items of every dataset. What it gives belongs
 * to one branch: the hashes are the same before and after, and every item fits its block.
 */
import type { BlockRef } from '../../model/block.ts';
import type { Logger } from '../../model/runtime.ts';
import type { TzktConfig } from './config.ts';
import { CycleReader } from './cycle-reader.ts';
import { type ItemsByLevel, readItems } from './item-pages.ts';
import { mergedQueries } from './merged-queries.ts';
import type { BlockItems, ReadBlock, TzktBlock, TzktDataset, WireFields } from './messages.ts';
import { NewKinds } from './new-kinds.ts';
import { type LevelRange, queriesOf } from './queries.ts';
import type { TzktRest } from './rest.ts';
import { parseBlock, parseHashes, parseItems } from './wire.ts';

/** Levels of one branch, oldest first. */
export interface ReadLevels {
  readonly kind: 'read';
  /** Hash of the block below the first; empty below level 0. */
  readonly parentHash: string;
  readonly blocks: readonly ReadBlock[];
}

/** `moved`: the branch changed meanwhile. `lagging`: REST does not have these levels yet. */
export type LevelsOutcome = ReadLevels | { readonly kind: 'moved' } | { readonly kind: 'lagging' };

/** Hashes by level, with the level of the server. */
export interface Hashes {
  readonly hashes: ReadonlyMap<number, string>;
  readonly level: number | null;
}

const moved = { kind: 'moved' } as const;
const lagging = { kind: 'lagging' } as const;
/** Datasets that are not lists of items by level. */
const besideItems: ReadonlySet<TzktDataset> = new Set(['head', 'blocks', 'cycles']);

/** Keeps nothing but where the newest cycle begins, and whether the server has kinds new to us. */
export class BlockReader {
  readonly #rest: TzktRest;
  readonly #config: TzktConfig;
  readonly #datasets: readonly TzktDataset[];
  readonly #cycles: CycleReader | undefined;
  readonly #newKinds: NewKinds | undefined;

  constructor(
    rest: TzktRest,
    options: {
      readonly config: TzktConfig;
      readonly datasets: readonly TzktDataset[];
      readonly logger: Logger;
    },
  ) {
    const { config, datasets, logger } = options;
    this.#rest = rest;
    this.#config = config;
    this.#datasets = datasets.filter((dataset) => !besideItems.has(dataset));
    if (datasets.includes('cycles')) this.#cycles = new CycleReader(rest, config.cycleDelayBlocks);
    if (datasets.includes('operations')) {
      this.#newKinds = new NewKinds(rest, config.operations, logger);
    }
  }

  /** The datasets whose items the hub or REST must have given before a block is whole. */
  get datasets(): readonly TzktDataset[] {
    return this.#datasets;
  }

  /** Hashes of the indexer's branch; levels it does not have are missing. */
  async hashes({ from, to }: LevelRange, signal: AbortSignal): Promise<Hashes> {
    const params = { ...levels(from, to), 'select.values': 'level,hash', limit: '10000' };
    const { value, level } = await this.#rest.get({ path: '/v1/blocks', params }, signal);
    return { hashes: parseHashes(value, '/v1/blocks'), level };
  }

  /** The first level that the indexer has. */
  async lowestLevel(signal: AbortSignal): Promise<number> {
    const params = { 'select.values': 'level,hash', 'sort.asc': 'level', limit: '1' };
    const { value } = await this.#rest.get({ path: '/v1/blocks', params }, signal);
    const [first] = parseHashes(value, '/v1/blocks');
    return first?.[0] ?? 0;
  }

  /** Whole levels with all datasets. */
  async levels({ from, to }: LevelRange, signal: AbortSignal): Promise<LevelsOutcome> {
    const below = Math.max(0, from - 1);
    const params = { ...levels(below, to), limit: '10000' };
    const { value, level, receivedAtUs } = await this.#rest.get(
      { path: '/v1/blocks', params },
      signal,
    );
    const all = parseItems(value, '/v1/blocks').map((block) => parseBlock(block, '/v1/blocks'));
    const blocks = all.filter((block) => block.level >= from);
    if (blocks.length <= to - from) return level !== null && level >= to ? moved : lagging;
    const [lowest] = all;
    // The first block of all has none below it.
    const parentHash = lowest === undefined || lowest.level === from ? '' : lowest.hash;
    const items = await this.#items({ from, to }, this.#datasets, signal);
    if (items === 'lagging') return lagging;
    const { hashes } = await this.hashes({ from: below, to }, signal);
    if (all.some((block) => hashes.get(block.level) !== block.hash)) return moved;
    const read: ReadBlock[] = [];
    for (const block of blocks) {
      const whole = await this.#whole(block, { items, known: {}, receivedAtUs }, signal);
      if (typeof whole === 'string') return { kind: whole };
      read.push(whole);
    }
    return { kind: 'read', parentHash, blocks: read };
  }

  /**
   * One level whose block the hub announced, with what the hub did not send of it. `parent` is the
   * block that must be below; the hub says nothing of it, so it is looked at together with the rest.
   */
  async completed(
    announced: ReadBlock,
    parent: BlockRef | null,
    signal: AbortSignal,
  ): Promise<LevelsOutcome> {
    const { block, items: known, receivedAtUs } = announced;
    const range = { from: block.level, to: block.level };
    const missing = this.#datasets.filter((dataset) => known[dataset] === undefined);
    const items = await this.#items(range, missing, signal);
    if (items === 'lagging') return lagging;
    let parentHash = parent?.hash;
    if (missing.length > 0 || parentHash === undefined) {
      const from = Math.max(0, block.level - 1);
      const { hashes } = await this.hashes({ from, to: block.level }, signal);
      const hash = hashes.get(block.level);
      if (hash === undefined) return lagging;
      if (hash !== block.hash) return moved;
      const below = block.level === 0 ? '' : hashes.get(from);
      if (below === undefined || (parent !== null && below !== parent.hash)) return moved;
      parentHash = below;
    }
    const whole = await this.#whole(block, { items, known, receivedAtUs }, signal);
    if (typeof whole === 'string') return { kind: whole };
    return { kind: 'read', parentHash, blocks: [whole] };
  }

  async #items(
    range: LevelRange,
    datasets: readonly TzktDataset[],
    signal: AbortSignal,
  ): Promise<readonly ItemsByLevel[] | 'lagging'> {
    const { rowsPerPage } = this.#config;
    const items = await Promise.all(
      datasets.map((dataset) => {
        const queries = mergedQueries(queriesOf(dataset, this.#config, range));
        return readItems(this.#rest, { dataset, queries, range, rowsPerPage }, signal);
      }),
    );
    const isBehind = items.some(({ serverLevel }) => (serverLevel ?? range.to) < range.to);
    return isBehind ? 'lagging' : items;
  }

  /** `moved` when an item names another block, or REST has another one by now. */
  async #whole(
    block: TzktBlock,
    parts: {
      readonly items: readonly ItemsByLevel[];
      readonly known: BlockItems;
      readonly receivedAtUs: number;
    },
    signal: AbortSignal,
  ): Promise<ReadBlock | 'moved' | 'lagging'> {
    const read: Partial<Record<TzktDataset, readonly WireFields[]>> = { ...parts.known };
    for (const { dataset, levels: byLevel } of parts.items) {
      read[dataset] = byLevel.get(block.level) ?? [];
    }
    const added = (await this.#newKinds?.at(block, signal)) ?? [];
    if (typeof added === 'string') return added;
    if (added.length > 0) read.operations = withAdded(read.operations ?? [], added);
    if (!fits(read.operations ?? [], block)) return 'moved';
    const cycles = await this.#cycles?.at(block, signal);
    if (cycles === 'lagging') return cycles;
    if (cycles !== undefined) read.cycles = cycles;
    return { block, items: read, receivedAtUs: parts.receivedAtUs };
  }
}

/** True when no operation names another block. Some kinds name none (reference section 4.5). */
export function fits(operations: readonly WireFields[], block: TzktBlock): boolean {
  return operations.every(
    ({ block: hash }) => hash === undefined || hash === null || hash === block.hash,
  );
}

/** In the order of their ids, each once: a list may be of a kind that the hub sent unasked. */
function withAdded(items: readonly WireFields[], added: readonly WireFields[]): WireFields[] {
  const byId = new Map([...added, ...items].map((item) => [String(item['id']), item]));
  return [...byId.values()].sort((a, b) => Number(a['id']) - Number(b['id']));
}

function levels(from: number, to: number): Readonly<Record<string, string>> {
  return { 'level.ge': String(from), 'level.le': String(to), 'sort.asc': 'level' };
}
