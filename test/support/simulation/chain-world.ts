/** A chain that grows, reorganizes and finalizes by seed, and a source that reports it by contract. */
import type { BlockHeader, BlockRef } from '../../../src/model/block.ts';
import type { Cursor } from '../../../src/model/cursor.ts';
import { blockCursor, parseCursor } from '../../../src/model/cursor.ts';
import { TransientError } from '../../../src/model/errors.ts';
import type { Row } from '../../../src/model/event.ts';
import type { SourceUpdate } from '../../../src/model/update.ts';
import type { ChainView } from '../../../src/pipeline/source-task.ts';
import type { Channel, Source } from '../../../src/sources/source.ts';

export type Random = () => number;

/** Of `balances` a later row takes the place of an earlier one of its account. */
export const simulatedDatasets: readonly string[] = ['logs', 'transfers', 'balances'];

/** Rows that a revision adds have nonces of their own. */
const firstRevisedNonce = 1_000_000;

export interface SimulatedBlock extends BlockHeader {
  readonly rows: readonly { readonly dataset: string; readonly row: Row }[];
}

/** mulberry32: small, seeded, good enough to choose a path. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Rows of a block above these blocks; a nonce is unique on a chain, at another height on each branch. */
export function simulatedRows(
  block: { readonly height: number; readonly hash: string },
  parents: readonly SimulatedBlock[],
  choices: readonly {
    readonly dataset: string;
    readonly routing: number;
    readonly amount: string;
  }[],
): SimulatedBlock['rows'] {
  const { height, hash } = block;
  const nonces = parents.flatMap(({ rows }) => rows.map(({ row }) => Number(row['nonce'])));
  const before = Math.max(-1, ...nonces.filter((nonce) => nonce < firstRevisedNonce)) + 1;
  return choices.map(({ dataset, routing, amount }, index) => ({
    dataset,
    row: { height, block_hash: hash, index, nonce: before + index, routing, amount },
  }));
}

/** One change of a block's content; `at` chooses the row. */
export interface ContentChange {
  readonly kind: 'same' | 'change' | 'drop' | 'add';
  readonly at: number;
  readonly dataset: string;
  readonly routing: number;
  /** Unlike that of any other change. */
  readonly serial: number;
}

/** The block as its venue has it later, with the same hash. */
export function simulatedRevision(block: SimulatedBlock, change: ContentChange): SimulatedBlock {
  const { kind, at, dataset, routing, serial } = change;
  const rows = [...block.rows];
  const place = at % Math.max(rows.length, 1);
  const chosen = rows[place];
  const amount = `revised.${serial}`;
  if (kind === 'drop') rows.splice(place, 1);
  if (kind === 'change' && chosen !== undefined) {
    rows[place] = { ...chosen, row: { ...chosen.row, routing, amount } };
  }
  if (kind === 'add') {
    const { height, hash: block_hash } = block;
    const id = { index: 1000 + serial, nonce: firstRevisedNonce + serial };
    rows.splice(place, 0, { dataset, row: { height, block_hash, ...id, routing, amount } });
  }
  return { ...block, rows };
}

export class ChainWorld {
  readonly #random: Random;
  readonly #forgotten: SimulatedBlock[][] = [];
  #canonical: SimulatedBlock[] = [];
  #finalizedHeight = -1;
  #made = 0;

  constructor(random: Random) {
    this.#random = random;
    for (let count = 0; count < 3; count += 1) this.#grow();
  }

  get canonical(): readonly SimulatedBlock[] {
    return this.#canonical;
  }

  get head(): BlockRef {
    return this.#canonical.at(-1) ?? { height: -1, hash: 'none' };
  }

  get finalized(): BlockRef | null {
    return this.#canonical[this.#finalizedHeight] ?? null;
  }

  /** One thing that can happen to a chain. */
  step(): void {
    const dice = this.#random();
    if (dice < 0.45) this.#grow();
    else if (dice < 0.55) this.#revise();
    else if (dice < 0.75) this.#reorganize();
    else if (dice < 0.85) this.#comeBack();
    else if (dice < 0.9) this.#shrink();
    else this.#finalize();
  }

  /** The block after this one on the canonical chain; undefined at the head. */
  after(height: number): SimulatedBlock | undefined {
    return this.#canonical[height + 1];
  }

  isCanonical(block: BlockRef): boolean {
    return block.height === -1 || this.#canonical[block.height]?.hash === block.hash;
  }

  #grow(): void {
    const parent = this.#canonical.at(-1);
    const height = this.#canonical.length;
    this.#made += 1;
    const hash = `${height}.${this.#made}`;
    const choices = Array.from({ length: Math.floor(this.#random() * 5) }, () => ({
      dataset: simulatedDatasets[Math.floor(this.#random() * 3)] ?? '',
      routing: Math.floor(this.#random() * 5),
      amount: String(Math.floor(this.#random() * 1e6)),
    }));
    const rows = simulatedRows({ height, hash }, this.#canonical, choices);
    const parentHash = parent?.hash ?? 'genesis';
    this.#canonical.push({ height, hash, parentHash, timeMs: height * 1000, rows });
  }

  /** A block that is not final gets another content. */
  #revise(): void {
    const lowest = this.#finalizedHeight + 1;
    const height = lowest + Math.floor(this.#random() * (this.#canonical.length - lowest));
    const block = this.#canonical[height];
    if (block === undefined) return;
    this.#made += 1;
    const kinds = ['change', 'drop', 'add'] as const;
    this.#canonical[height] = simulatedRevision(block, {
      kind: kinds[Math.floor(this.#random() * 3)] ?? 'change',
      at: Math.floor(this.#random() * 5),
      dataset: simulatedDatasets[Math.floor(this.#random() * 3)] ?? '',
      routing: Math.floor(this.#random() * 5),
      serial: this.#made,
    });
  }

  #shrink(): void {
    const depth = 1 + Math.floor(this.#random() * 5);
    const keep = Math.max(this.#finalizedHeight + 1, this.#canonical.length - depth, 1);
    const lost = this.#canonical.splice(keep);
    if (lost.length > 0) this.#forgotten.push(lost);
    if (this.#forgotten.length > 4) this.#forgotten.shift();
  }

  #reorganize(): void {
    const before = this.#canonical.length;
    this.#shrink();
    const growth = before - this.#canonical.length + Math.floor(this.#random() * 2);
    for (let count = 0; count < growth; count += 1) this.#grow();
  }

  /** A branch that was lost wins again: A→B→A. */
  #comeBack(): void {
    const candidate = this.#forgotten.findLast((branch) => {
      const first = branch[0];
      return (
        first !== undefined &&
        first.height > this.#finalizedHeight &&
        this.#canonical[first.height - 1]?.hash === first.parentHash
      );
    });
    const first = candidate?.[0];
    if (candidate === undefined || first === undefined) return;
    const lost = this.#canonical.splice(first.height, Infinity, ...candidate);
    this.#forgotten.splice(this.#forgotten.indexOf(candidate), 1);
    if (lost.length > 0) this.#forgotten.push(lost);
  }

  #finalize(): void {
    const depth = 1 + Math.floor(this.#random() * 6);
    this.#finalizedHeight = Math.max(this.#finalizedHeight, this.#canonical.length - 1 - depth);
  }
}

/** Moves the world between two updates; now and then loses the session. */
export class SimulatedSource implements Source<SimulatedBlock> {
  readonly #world: ChainWorld;
  readonly #random: Random;
  readonly #view: () => ChainView | null;
  readonly #budget: { steps: number };
  /** Blocks of a branch as it was read, in case the world moves before they are reported. */
  readonly #blocks = new Map<string, SimulatedBlock>();
  /** What this session said of a block last. */
  readonly #reported = new Map<string, SimulatedBlock>();

  constructor(options: {
    readonly world: ChainWorld;
    readonly random: Random;
    readonly view: () => ChainView | null;
    /** Steps the world may still take; shared by all sessions. */
    readonly budget: { steps: number };
  }) {
    this.#world = options.world;
    this.#random = options.random;
    this.#view = options.view;
    this.#budget = options.budget;
  }

  async identity(): Promise<string> {
    return 'test:1/genesis';
  }

  async head(): Promise<Cursor> {
    return blockCursor(this.#world.head);
  }

  async *updates(
    after: Cursor | null,
    signal: AbortSignal,
  ): AsyncGenerator<SourceUpdate<SimulatedBlock>> {
    let position = after === null ? { height: -1, hash: 'genesis' } : blockOf(after);
    // What an earlier session said is not known: every block that is held is audited once.
    this.#reported.clear();
    while (!signal.aborted) {
      this.#maybeLose();
      if (!this.#world.isCanonical(position)) {
        position = yield* this.#switch(position);
        continue;
      }
      yield* this.#revisions(position);
      yield* this.#maybeFinalize();
      const next = this.#world.after(position.height);
      if (next === undefined) {
        yield { kind: 'idle', cursor: blockCursor(position) };
        if (!this.#move()) return await forever(signal);
      } else {
        yield this.#blockUpdate(next);
        position = next;
        if (this.#random() < 0.5) this.#move();
      }
    }
  }

  /** The new branch was read before the fork is reported: it follows even if the world moves. */
  async *#switch(from: BlockRef): AsyncGenerator<SourceUpdate<SimulatedBlock>, BlockRef> {
    const canonical = this.#branch(from);
    yield { kind: 'fork', canonical, reason: 'parent_hash' };
    for (const { hash } of canonical.slice(1)) {
      this.#maybeLose();
      const block = this.#blocks.get(hash);
      if (block === undefined) throw new Error(`no block ${hash}`);
      yield this.#blockUpdate(block);
    }
    return canonical.at(-1) ?? from;
  }

  /** Whole contents of the held blocks that changed since they were reported. */
  *#revisions(position: BlockRef): Generator<SourceUpdate<SimulatedBlock>> {
    const view = this.#view();
    const first = (view?.floorHeight ?? position.height) + 1;
    for (const block of this.#world.canonical.slice(first, position.height + 1)) {
      if (this.#reported.get(block.hash) === block) continue;
      this.#reported.set(block.hash, block);
      const { rows: _, ...header } = block;
      const messages = [block];
      yield { kind: 'revision', block: header, messages, isBackfill: false, receivedAtUs: 1 };
    }
  }

  *#maybeFinalize(): Generator<SourceUpdate<SimulatedBlock>> {
    const block = this.#world.finalized;
    if (block !== null && this.#random() < 0.3) yield { kind: 'finalized', block };
  }

  #maybeLose(): void {
    if (this.#random() < 0.03) throw lost();
  }

  #move(): boolean {
    if (this.#budget.steps <= 0) return false;
    this.#budget.steps -= 1;
    this.#world.step();
    return true;
  }

  #blockUpdate(block: SimulatedBlock): SourceUpdate<SimulatedBlock> {
    this.#reported.set(block.hash, block);
    const { rows: _, ...header } = block;
    return { kind: 'block', header, messages: [block], isBackfill: false, receivedAtUs: 1 };
  }

  #branch(from: BlockRef): BlockRef[] {
    const view = this.#view();
    let height = Math.min(from.height, this.#world.head.height);
    while (height >= 0 && view?.hashAt(height) !== this.#world.canonical[height]?.hash) height -= 1;
    const blocks = this.#world.canonical.slice(Math.max(height, 0));
    for (const block of blocks) this.#blocks.set(block.hash, block);
    const refs = blocks.map(({ height: at, hash }) => ({ height: at, hash }));
    return height < 0 ? [{ height: -1, hash: 'genesis' }, ...refs] : refs;
  }
}

export const simulatedChannels: Readonly<Record<string, Channel<SimulatedBlock>>> = {
  all: {
    subjects: ['simulated/logs', 'simulated/transfers', 'simulated/balances'],
    accepts: () => true,
    *normalize(block) {
      for (const { dataset, row } of block.rows) {
        yield { dataset, index: String(row['index']), row, timeMs: block.timeMs };
      }
    },
  },
};

function blockOf(cursor: Cursor): BlockRef {
  const position = parseCursor(cursor);
  if (position.kind !== 'block') throw new Error(`not a block cursor: ${cursor}`);
  return position.block;
}

function lost(): TransientError {
  return new TransientError('source.session_lost', { stage: 'sources', message: 'Simulated.' });
}

async function forever(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
}
