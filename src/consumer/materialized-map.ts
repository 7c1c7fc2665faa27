/** A view by key that follows steps: what is true now, and what was true at recent heights. */
import { type Change, type ChangeMeta, type Dataset, heightOf, type Step } from './change.ts';
import type { Fold } from './fold.ts';

export interface MaterializedMapOptions<D extends Dataset, T, S, V> {
  /** Keys a row counts for, with the value it counts there. Pure: a retraction asks again. */
  entries(change: Change<D>): Iterable<readonly [key: string, value: T]>;
  readonly fold: Fold<T, S, V>;
  /** Blocks whose state `at` can give; 256 by default. */
  readonly historyBlocksMax?: number;
}

/** What was there before a block, for the keys it changed. */
interface Past<V> {
  readonly height: number;
  readonly before: Map<string, V | undefined>;
}

/** A state at one height. */
export interface MapView<V> {
  readonly height: number;
  get(key: string): V | undefined;
}

/**
 * Consistent at block boundaries: between two calls of `take` it is the state of the canonical chain
 * at `height`. Synchronous. Holds the states by key, the rows above the finalized head, and what the
 * recent blocks changed.
 */
export class MaterializedMap<D extends Dataset, T, S, V> {
  readonly #options: MaterializedMapOptions<D, T, S, V>;
  readonly #states = new Map<string, S>();
  /** Rows that may still be taken back. */
  readonly #live = new Map<string, Change<D>>();
  #past: Past<V>[] = [];
  #height = -1;

  constructor(options: MaterializedMapOptions<D, T, S, V>) {
    this.#options = options;
  }

  /** Of the newest block; -1 before the first. */
  get height(): number {
    return this.#height;
  }

  get size(): number {
    return this.#states.size;
  }

  get(key: string): V | undefined {
    const state = this.#states.get(key);
    return state === undefined ? undefined : this.#options.fold.result(state);
  }

  *entries(): IterableIterator<[key: string, value: V]> {
    for (const key of this.#states.keys()) {
      const value = this.get(key);
      if (value !== undefined) yield [key, value];
    }
  }

  /**
   * The state after the block of this height, good until the next `take`. Throws `RangeError` for a
   * height after the newest block or before the history.
   */
  at(height: number): MapView<V> {
    const lowest = (this.#past[0]?.height ?? this.#height + 1) - 1;
    if (height > this.#height || height < lowest) {
      throw new RangeError(
        `no state at height ${height}: this map has ${lowest} to ${this.#height} (historyBlocksMax)`,
      );
    }
    const later = this.#past.filter((past) => past.height > height);
    return {
      height,
      get: (key) => {
        const past = later.find(({ before }) => before.has(key));
        return past === undefined ? this.get(key) : past.before.get(key);
      },
    };
  }

  /**
   * Takes over a step, whole. A repeat, or the retraction of a row it never had, changes nothing.
   * Throws `RangeError` when a replay corrects a final row that `latest` or `max` counted.
   */
  take(step: Step<D>): void {
    switch (step.kind) {
      case 'block':
        this.#grow([step.block], step.changes);
        break;
      case 'reorg': {
        for (const change of step.changes) if (change.isRetraction) this.#retract(change, null);
        const { height } = step.commonAncestor;
        this.#past = this.#past.filter((past) => past.height <= height);
        this.#height = Math.min(this.#height, height);
        const rows = step.changes.filter(({ isRetraction }) => !isRetraction);
        this.#grow(step.blocks, rows);
        break;
      }
      case 'revision':
        this.#revise(step.block.height, step.changes);
        break;
      case 'replay':
        // The past is another one now, and its changes are not kept by height.
        this.#past = [];
        for (const change of step.changes) {
          if (change.isRetraction) this.#fold(change, null);
          else this.#insert(change, null);
        }
        break;
      default:
    }
    if (step.finalized !== null) this.#settle(step.finalized.height);
  }

  #grow(blocks: readonly { readonly height: number }[], changes: readonly Change<D>[]): void {
    const byHeight = new Map<number, Past<V>>();
    for (const { height } of blocks) {
      const past = { height, before: new Map<string, V | undefined>() };
      byHeight.set(height, past);
      this.#past.push(past);
      this.#height = height;
    }
    for (const change of changes) this.#insert(change, byHeight.get(heightOf(change.row)) ?? null);
    const { historyBlocksMax = 256 } = this.#options;
    if (this.#past.length > historyBlocksMax) this.#past = this.#past.slice(-historyBlocksMax);
  }

  /** Rows of higher blocks with the same keys are taken back and counted again: they come later. */
  #revise(height: number, changes: readonly Change<D>[]): void {
    const keys = new Set(changes.flatMap((change) => this.#keysOf(change)));
    const touches = (change: Change<D>): boolean =>
      heightOf(change.row) > height && this.#keysOf(change).some((key) => keys.has(key));
    const later = height === this.#height ? [] : [...this.#live.values()].filter(touches);
    // One of them may itself have been revised, and so inserted after those of the blocks above it.
    later.sort((a, b) => heightOf(a.row) - heightOf(b.row));
    for (const change of later.toReversed()) this.#fold({ ...change, isRetraction: true }, null);
    const past = this.#past.find((each) => each.height === height) ?? null;
    for (const change of changes) {
      if (change.isRetraction) this.#retract(change, past);
      else this.#insert(change, past);
    }
    for (const change of later) this.#fold(change, null);
    // What was there before a later change of these keys is not known any more.
    const stale = this.#past.findLast(
      (each) => each.height > height && [...keys].some((key) => each.before.has(key)),
    );
    if (stale !== undefined) this.#past = this.#past.filter((each) => each.height > stale.height);
  }

  #keysOf(change: Change<D>): string[] {
    return [...this.#options.entries(change)].map(([key]) => key);
  }

  #insert(change: Change<D>, past: Past<V> | null): void {
    const id = idOf(change);
    if (this.#live.has(id)) return;
    this.#live.set(id, change);
    this.#fold(change, past);
  }

  #retract(change: Change<D>, past: Past<V> | null): void {
    if (this.#live.delete(idOf(change))) this.#fold(change, past);
  }

  #fold(change: Change<D>, past: Past<V> | null): void {
    const { fold } = this.#options;
    const id = idOf(change);
    for (const [key, value] of this.#options.entries(change)) {
      if (past !== null && !past.before.has(key)) past.before.set(key, this.get(key));
      const state = this.#states.get(key) ?? fold.empty();
      const next = change.isRetraction ? fold.remove(state, value, id) : fold.add(state, value, id);
      if (fold.result(next) === undefined) this.#states.delete(key);
      else this.#states.set(key, next);
    }
  }

  #settle(height: number): void {
    const { fold } = this.#options;
    const settled = [...this.#live].filter(([, change]) => heightOf(change.row) <= height);
    // A revised row was inserted after those of the blocks above it.
    settled.sort(([, a], [, b]) => heightOf(a.row) - heightOf(b.row));
    for (const [id, change] of settled) {
      this.#live.delete(id);
      if (fold.settle === undefined) continue;
      for (const [key, value] of this.#options.entries(change)) {
        const state = this.#states.get(key);
        if (state !== undefined) fold.settle(state, value, id);
      }
    }
  }
}

function idOf({ meta }: { readonly meta: ChangeMeta }): string {
  return `${meta.topic}#${meta.eventId}#${meta.incarnation}`;
}
