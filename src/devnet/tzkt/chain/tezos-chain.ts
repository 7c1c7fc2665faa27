/**
 * A simulated Tezos chain as an indexer sees it: blocks are applied and reverted one by one. The same
 * seed and the same calls give the same rows. It tells nobody: what is reported is the hub's matter.
 */

import type { Item } from '../../simulator/json.ts';
import { SeededRandom } from '../../traffic/seeded-random.ts';
import { AccountLedger } from './account-ledger.ts';
import { AssetLedger } from './asset-ledger.ts';
import { tezosName } from './base58.ts';
import { type BlockRequest, drawContent } from './block-content.ts';
import { type BlockHeader, blockItem, cycleItem, headItem } from './block-item.ts';
import { BlockWriter, type ChainParts } from './block-writer.ts';
import { createCast } from './cast.ts';
import { type Counters, createCounters } from './counters.ts';
import type { OperationDraft } from './draft.ts';
import type { Draw } from './draw.ts';
import { timeText } from './item.ts';
import { Journal } from './journal.ts';
import { createTables, type Tables } from './tables.ts';
import { isRecognition, lateToken } from './transactions.ts';

/** How the chain is laid out. */
export interface ChainOptions {
  readonly seed: string;
  /** The level of the first block. */
  readonly firstLevel: number;
  readonly cycleLevels: number;
  readonly blockTimeMs: number;
  /** The time of the first block; later ones follow at the block time. */
  readonly startTimeMs: number;
  /** When given, the time of a block; while it says undefined, the block time decides. */
  readonly now?: () => number | undefined;
  /** Older blocks are forgotten. */
  readonly levelsMax: number;
}

/** What a block holds. */
interface BlockPlan {
  readonly header: BlockHeader;
  readonly item: Item;
  readonly content: readonly (readonly OperationDraft[])[];
}

/** An applied block and how to take it back. */
interface AppliedBlock extends BlockPlan {
  readonly journal: Journal;
  readonly countersBefore: Counters;
}

const undoLevelsMax = 100;
const futureCycles = 2;

/** The chain. It begins with one block. */
export class TezosChain {
  readonly tables: Tables = createTables();
  readonly #options: ChainOptions;
  readonly #parts: ChainParts;
  readonly #blocks: AppliedBlock[] = [];
  readonly #attempts = new Map<number, number>();
  /** Reverted blocks by hash. */
  readonly #lost = new Map<string, BlockPlan>();
  #dropped: (readonly OperationDraft[])[] = [];
  #knownLevel = 0;

  constructor(options: ChainOptions) {
    this.#options = options;
    const cast = createCast(options.seed);
    const counters = createCounters();
    this.#parts = {
      cast,
      counters,
      accounts: new AccountLedger(this.tables, cast, counters),
      assets: new AssetLedger(this.tables),
    };
    this.apply();
  }

  /** The last applied block. */
  get head(): BlockHeader {
    const last = this.#blocks.at(-1);
    if (last === undefined) throw new Error('The chain has no block.');
    return last.header;
  }

  /** How many blocks can be reverted now; the first one stays. */
  get depthMax(): number {
    return this.#blocks.length - 1;
  }

  /** The head as it is shown. */
  get headItem(): Item {
    const { seed } = this.#options;
    const cycle = this.cycleOf(this.head.level);
    return headItem(this.head, { seed, cycle, knownLevel: this.#knownLevel });
  }

  /** Applies the next block and returns its header. */
  apply(request: BlockRequest = {}): BlockHeader {
    const level = (this.#blocks.at(-1)?.header.level ?? this.#options.firstLevel - 1) + 1;
    const plan =
      request.restore === undefined
        ? this.#plan(level, request)
        : this.#lostPlan(level, request.restore);
    const block = {
      ...plan,
      journal: new Journal(this.tables, { level, time: plan.header.time }),
      countersBefore: { ...this.#parts.counters },
    };
    this.#write(block);
    this.#blocks.push(block);
    this.#knownLevel = Math.max(this.#knownLevel, level);
    this.#forget(level);
    return block.header;
  }

  /** Reverts the last block; its operations wait for another one. Returns the header below it. */
  revert(): BlockHeader {
    const block = this.depthMax > 0 ? this.#blocks.pop() : undefined;
    if (block === undefined) throw new RangeError('The first block of the chain stays.');
    block.journal.undo();
    Object.assign(this.#parts.counters, block.countersBefore);
    this.#lost.set(block.header.hash, block);
    const lost = block.content.filter((group) => group.every((draft) => draft.isRepeatable));
    this.#dropped = [...lost, ...this.#dropped];
    return this.head;
  }

  /** The cycle that a level belongs to. */
  cycleOf(level: number): number {
    return Math.floor((level - 1) / this.#options.cycleLevels);
  }

  /** The first level of a cycle. */
  firstLevelOf(cycle: number): number {
    return cycle * this.#options.cycleLevels + 1;
  }

  /** A cycle as it is shown; undefined for one that is unknown yet or no longer. */
  cycle(index: number): Item | undefined {
    const { cycleLevels, firstLevel } = this.#options;
    const isKnown = index >= this.cycleOf(firstLevel) && index <= this.#lastCycle;
    if (!Number.isInteger(index) || !isKnown) return undefined;
    const first = this.firstLevelOf(index);
    const last = first + cycleLevels - 1;
    const [startTime, endTime] = [first, last].map((level) => timeText(this.#dueMs(level)));
    if (startTime === undefined || endTime === undefined) return undefined;
    return cycleItem({ index, firstLevel: first, lastLevel: last, startTime, endTime });
  }

  /** All known cycles, two future ones included, by ascending index. */
  get cycles(): readonly Item[] {
    const first = this.cycleOf(this.#options.firstLevel);
    return Array.from({ length: this.#lastCycle - first + 1 }, (_, n) =>
      this.cycle(first + n),
    ).filter((cycle) => cycle !== undefined);
  }

  get #lastCycle(): number {
    return this.cycleOf(this.head.level) + futureCycles;
  }

  #plan(level: number, request: BlockRequest): BlockPlan {
    const { seed } = this.#options;
    const attempt = this.#attempts.get(level) ?? 0;
    this.#attempts.set(level, attempt + 1);
    const hash = tezosName('block', `${seed}/${level}/${attempt}`);
    const header = { level, hash, time: timeText(this.#timeMs(level, attempt)) };
    const draw = this.#draw(level, attempt);
    const content = drawContent(draw, request, this.#takeDropped(draw));
    return { header, content, item: blockItem(draw, header) };
  }

  #lostPlan(level: number, hash: string): BlockPlan {
    const lost = this.#lost.get(hash);
    if (lost?.header.level === level) return lost;
    throw new RangeError(`No block ${hash} of level ${level} was reverted.`);
  }

  #write(block: AppliedBlock): void {
    const { journal, content, header, item } = block;
    const { counters, assets, cast } = this.#parts;
    const { level } = header;
    counters.operation += 1;
    journal.add('blocks', { id: level, level, item });
    const writer = new BlockWriter(this.#parts, journal, header.hash);
    for (const draft of content.flat()) writer.write(draft);
    if (isRecognition(level)) assets.recognise(journal, lateToken(cast.seed, level));
  }

  #draw(level: number, attempt: number): Draw {
    const { seed } = this.#options;
    const random = new SeededRandom(`${seed}/${level}/${attempt}`);
    let serial = 0;
    let hashes = 0;
    return {
      random,
      cast: this.#parts.cast,
      level,
      cycle: this.cycleOf(level),
      serial: () => {
        serial += 1;
        return serial;
      },
      operationHash: () => {
        hashes += 1;
        return tezosName('operation', `${seed}/${level}/${attempt}/${hashes}`);
      },
    };
  }

  /** Most of what a reverted block held comes back in the next one, the rest never. */
  #takeDropped(draw: Draw): readonly (readonly OperationDraft[])[] {
    const back = this.#dropped.filter(() => draw.random.chance(0.7));
    this.#dropped = [];
    return back;
  }

  #timeMs(level: number, attempt: number): number {
    const { now, blockTimeMs } = this.#options;
    const due = this.#dueMs(level) + Math.min(attempt * 1000, Math.max(blockTimeMs - 1000, 0));
    return now?.() ?? due;
  }

  #dueMs(level: number): number {
    const { startTimeMs, firstLevel, blockTimeMs } = this.#options;
    return startTimeMs + (level - firstLevel) * blockTimeMs;
  }

  #forget(level: number): void {
    if (this.#blocks.length > undoLevelsMax) this.#blocks.shift();
    for (const [hash, { header }] of this.#lost) {
      if (header.level <= level - undoLevelsMax) this.#lost.delete(hash);
    }
    const oldest = level - this.#options.levelsMax;
    if (oldest < this.#options.firstLevel) return;
    const { blocks, operations, bigmaps, events, transfers } = this.tables.byName;
    for (const table of [blocks, operations, bigmaps, events, transfers]) table.dropThrough(oldest);
    this.#attempts.delete(oldest);
  }
}
