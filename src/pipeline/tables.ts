/**
 * The tables beside the changelogs, as one ledger keeps them: what the next publication writes to
 * `.state` and `.final`, in the transaction of the rows and the checkpoint that they go with.
 */
import type { EncodedRecord, InsertRecord } from '../encoding/encoded-record.ts';
import type { BlockRef } from '../model/block.ts';
import type { KeptTable } from '../model/checkpoint.ts';
import type { UndoBlock } from '../normalization/undo-window.ts';
import { FinalBacklog } from './final-backlog.ts';
import type { LedgerOptions, RestoredState } from './ledger-state.ts';
import { StateWrites } from './state-writes.ts';
import { isCovering } from './table-spec.ts';

/** What one publication writes, and up to which block the final rows go: null for none. */
export interface TableWrites {
  readonly records: readonly EncodedRecord[];
  readonly finalized: BlockRef | null;
}

type TablesOptions = Pick<
  LedgerOptions<never>,
  'tables' | 'encoders' | 'clock' | 'undoRowsMax' | 'finalRowsMax'
>;

/** Without tables every call is a no-op. */
export class Tables {
  readonly #options: TablesOptions;
  readonly #state: StateWrites;
  readonly #backlog = new FinalBacklog();
  /** Some table takes rows when they are final. */
  readonly #hasFinals: boolean;
  #settled: InsertRecord[] = [];
  readonly kept: readonly KeptTable[];

  constructor(options: TablesOptions, restored: RestoredState) {
    const { tables, encoders, clock } = options;
    this.#options = options;
    this.kept = restored.tables;
    this.#hasFinals = tables.some(
      ({ state, final }) => final !== null || isCovering(state?.superseding ?? null),
    );
    this.#state = new StateWrites(tables, {
      tables: encoders.tables,
      nowMs: () => clock.nowMs(),
    });
    this.#state.restore(restored.covered, restored.undo);
    const lost = [...restored.orphans, ...restored.withdrawn];
    if (lost.length > 0) this.#state.withdraw(lost, restored.undo);
  }

  /** Blocks that are final on the chain and not in the tables: the checkpoint still names them. */
  get waiting(): readonly UndoBlock<InsertRecord>[] {
    return this.#backlog.blocks;
  }

  /** More final rows wait than may be held. */
  get isBackedUp(): boolean {
    return this.#backlog.rows > this.#options.undoRowsMax;
  }

  /** In publication order, of one block. Throws `state.too_many_keys`. */
  insert(records: readonly InsertRecord[], height: number): void {
    this.#state.insert(records, height);
  }

  /** Newest first. */
  retract(records: readonly InsertRecord[]): void {
    this.#state.retract(records);
  }

  /** A row without a block: `isLate` where it may be older than what its state topic has. */
  insertMarket(record: InsertRecord, timeMs: number, isLate: boolean): void {
    this.#state.insertMarket(record, timeMs, isLate);
  }

  /** Before the row that takes its place. */
  retractMarket(record: InsertRecord): void {
    this.#state.retractMarket(record);
  }

  /** Rows of a feed without blocks that nothing will take back any more. */
  settle(records: readonly InsertRecord[]): void {
    if (this.#hasFinals) for (const record of records) this.#settled.push(record);
  }

  /**
   * Takes over blocks that became final, oldest first. False when no table wants them: they are done
   * with.
   */
  finalize(blocks: readonly UndoBlock<InsertRecord>[]): boolean {
    if (this.#hasFinals) this.#backlog.push(blocks);
    return this.#hasFinals;
  }

  /** What the next publication writes: final rows of whole blocks up to a bound, in block order. */
  take(): TableWrites {
    const { encoders, clock, finalRowsMax } = this.#options;
    const state = this.#state.take();
    if (!this.#hasFinals) return { records: state, finalized: null };
    const blocks = this.#backlog.take(finalRowsMax);
    const rows = [...blocks.flatMap((block) => block.records), ...this.#settled];
    this.#settled = [];
    const nowMs = clock.nowMs();
    const final = rows.flatMap((record) => encoders.tables.final(record, nowMs) ?? []);
    const records = [...state, ...final, ...this.#state.finalize(rows)];
    return { records, finalized: blocks.at(-1)?.ref ?? null };
  }
}
