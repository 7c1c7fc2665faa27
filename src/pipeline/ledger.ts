/**
 * What a source task knows of its chain and has published for it: continuity, undo window and the
 * draft of the next publication move together here. Synchronous and without I/O.
 */
import type { CanonicalChain } from '../continuity/canonical-chain.ts';
import type { ChainUpdate, HeldBlock } from '../continuity/chain-update.ts';
import type { EncodedRecord, InsertRecord } from '../encoding/encoded-record.ts';
import type { BlockRef } from '../model/block.ts';
import type { ControlEvent } from '../model/control.ts';
import type { Cursor } from '../model/cursor.ts';
import { blockCursor, parseCursor } from '../model/cursor.ts';
import { DataError } from '../model/errors.ts';
import type { Reorg } from '../model/event.ts';
import type { BlockUpdate, RevisionUpdate, SourceUpdate } from '../model/update.ts';
import { UndoBlock, UndoWindow } from '../normalization/undo-window.ts';
import type { PublicationBatch } from '../publishing/publisher.ts';
import { BatchRows } from './batch-rows.ts';
import { Draft } from './draft.ts';
import { rawOf } from './ledger-encoders.ts';
import {
  blockOrigin,
  type LedgerOptions,
  type RestoredState,
  recoveryReorg,
  restoredChain,
  revisionBelowFinality,
} from './ledger-state.ts';
import { revisionReorg } from './revise-rows.ts';
import { RowWriter, type Unreadable } from './row-writer.ts';
import { sealable } from './sealable.ts';
import { Tables } from './tables.ts';
import { endOf, UndoEnds } from './undo-ranges.ts';

/** One per source task; replaced by a restored one after any failure to publish. */
export class Ledger<M> {
  readonly #options: LedgerOptions<M>;
  readonly #rows: RowWriter<M>;
  readonly #canonical: CanonicalChain;
  readonly #undo = new UndoWindow<InsertRecord>();
  readonly #tables: Tables;
  readonly #batches: BatchRows<M>;
  #draft = new Draft();
  /** Up to here everything is final, on all topics. */
  #finalized: BlockRef | null;
  #cursor: Cursor | null;
  readonly #ends: UndoEnds;
  #isWhole = true;
  #sequence: number;

  constructor(options: LedgerOptions<M>, restored: RestoredState) {
    this.#options = options;
    this.#rows = new RowWriter(options, (what) => this.deadLetter(what));
    const checkpoint = restored.checkpoint;
    this.#cursor = checkpoint?.cursor ?? null;
    this.#sequence = checkpoint?.sequence ?? 0;
    this.#canonical = restoredChain(options.chain, checkpoint);
    this.#finalized = checkpoint?.finalized ?? null;
    const ends = restored.ends ?? checkpoint?.undo.map(endOf) ?? [];
    this.#ends = new UndoEnds(ends, restored.ends !== null);
    this.#tables = new Tables(options, restored);
    const parts = { rows: this.#rows, tables: this.#tables };
    this.#batches = new BatchRows(options, parts, restored.window);
    for (const block of restored.undo) this.#undo.push(block);
    if (restored.orphans.length > 0) this.#takeBack(restored.orphans);
  }

  /** Position after everything taken over so far, published or not. */
  get cursor(): Cursor | null {
    return this.#cursor;
  }

  get identity(): string {
    return this.#options.identity;
  }

  get generation(): number {
    return this.#options.generation;
  }

  /** Number of the last publication that was closed. */
  get sequence(): number {
    return this.#sequence;
  }

  /** A read-only view. */
  get chain(): Pick<
    CanonicalChain,
    'hashAt' | 'floorHeight' | 'tip' | 'finalized' | 'depth' | 'isSettled'
  > {
    return this.#canonical;
  }

  /** Rows that may still be taken back. */
  get undoRows(): number {
    return this.#undo.rows + this.#batches.held;
  }

  get draft(): Pick<Draft, 'isEmpty' | 'blocks' | 'records'> {
    return this.#draft;
  }

  /** True when there is something to publish and no switch or step is half done. */
  get isReady(): boolean {
    const hasNews = !this.#draft.isEmpty || this.#tables.waiting.length > 0;
    return this.#isWhole && hasNews && this.#canonical.isSettled;
  }

  /** True when more final rows wait to be published than may be held. */
  get isBackedUp(): boolean {
    return this.#tables.isBackedUp;
  }

  /** Takes over one update of the source. After it threw in the middle nothing is ready any more. */
  take(update: SourceUpdate<M>): void {
    switch (update.kind) {
      case 'block':
        this.#takeBlock(update);
        break;
      case 'revision': {
        const block = this.#canonical.revision(update.block);
        if (block === null) this.#refuseRevision(update);
        else this.#revise(block, update);
        break;
      }
      case 'batch':
        this.#draft.addRecords(this.#batches.take(update));
        this.#cursor = update.cursor;
        break;
      case 'market':
        this.#draft.addEvent(update);
        break;
      case 'rollback':
        this.#follow(this.#canonical.rollback(update.toHeight, 'announced'));
        break;
      case 'fork':
        this.#follow(this.#canonical.fork(update.canonical, update.reason));
        break;
      case 'finalized':
        this.#follow(this.#canonical.finalize(update.block));
        break;
      case 'gap':
        this.#takeGap(update);
        break;
      case 'idle':
        this.#canonical.settle();
        if (parseCursor(update.cursor).kind === 'token') this.#cursor = update.cursor;
        break;
      case 'malformed':
        this.#takeMalformed(update);
        break;
      default:
        update satisfies never;
    }
  }

  #takeGap(gap: Extract<SourceUpdate<M>, { kind: 'gap' }>): void {
    this.#draft.addEvent(gap);
    const position = parseCursor(gap.resumedAt);
    if (position.kind !== 'block') return;
    this.#follow(this.#canonical.resume(position.block));
    this.#cursor = gap.resumedAt;
  }

  #takeMalformed({ raw, code, reason }: Extract<SourceUpdate<M>, { kind: 'malformed' }>): void {
    if (this.#options.dataErrors === 'stop') {
      throw new DataError(code, { stage: 'sources', message: reason, raw });
    }
    this.deadLetter({ raw, code, reason, stage: 'sources' });
  }

  /** Puts something that could not be understood into the next publication. */
  deadLetter({ raw, code, reason, stage }: Unreadable): void {
    const timeMs = this.#options.clock.nowMs();
    const record = { raw, code, reason, stage, cursor: this.#cursor, timeMs };
    this.#draft.addRecords([this.#options.encoders.deadLetter(record)]);
    this.#options.observer.quarantined(code, stage, reason);
  }

  /** Announces something on the control topic with the next publication. */
  announce(event: ControlEvent): void {
    this.#draft.addEvent(event);
  }

  /** Closes the draft: everything in it becomes one publication, with the checkpoint after it. */
  close(): PublicationBatch {
    const window = this.#batches.close();
    const tables = this.#tables.take();
    if (tables.finalized !== null) this.#finalize(tables.finalized);
    const draft = this.#draft;
    this.#draft = new Draft();
    this.#sequence += 1;
    const { source, identity, generation } = this.#options;
    return sealable(draft, {
      ...this.#options,
      state: {
        ...{ source, identity, generation, sequence: this.#sequence, cursor: this.#cursor },
        finalized: this.#finalized,
        reverted: this.#canonical.state().reverted,
        tables: this.#tables.kept,
      },
      window,
      // What waits for its final topic counts as not final yet: a restart finds its rows again.
      undo: [...this.#tables.waiting, ...this.#undo.blocks],
      ends: this.#ends,
      tableRecords: tables.records,
    });
  }

  #takeBlock(update: BlockUpdate<M>): void {
    const origin = blockOrigin(update, this.#options);
    // Normalized before the chain moves: a row that cannot be made leaves everything as it was.
    const events = this.#rows.normalize(update.messages, origin);
    const changes = this.#canonical.apply(update.header);
    this.#isWhole = false;
    for (const change of changes) {
      if (change.kind !== 'applied') this.#follow([change]);
      else {
        const records = this.#rows.insert(events, origin, change.block.incarnation);
        const undo = new UndoBlock(change.block, records);
        this.#undo.push(undo);
        this.#draft.addBlock(change.block, undo, update.isBackfill);
        this.#tables.insert(records, change.block.height);
        this.#options.observer.applied(change.block, records.length);
      }
    }
    this.#cursor = blockCursor(update.header);
    this.#bound();
    this.#isWhole = true;
  }

  /** Publishes what differs between a held block's content and what is published of it. */
  #revise(block: HeldBlock, update: RevisionUpdate<M>): void {
    const { observer, chain } = this.#options;
    const origin = blockOrigin(update, this.#options);
    const rows = this.#rows.revise(this.#undo.block(block.hash), update.messages, {
      origin,
      incarnation: block.incarnation,
    });
    const { gone, added } = rows;
    if (gone.length === 0 && added.length === 0) return;
    this.#isWhole = false;
    this.#canonical.revise(block);
    const retractions = this.#retract(gone, revisionReorg(chain, block));
    const undo = this.#undo.revise(block, rows);
    this.#draft.addRevision({ block, undo, isBackfill: update.isBackfill }, retractions, added);
    this.#tables.insert(added, block.height);
    observer.revised(block, { gone: gone.length, added: added.length });
    this.#bound();
    this.#isWhole = true;
  }

  /** Nothing of a final block is taken back: what its source says now is kept for an operator. */
  #refuseRevision({ block, messages }: RevisionUpdate<M>): void {
    const error = revisionBelowFinality(block, messages.length, this.#canonical.finalized);
    if (this.#options.dataErrors === 'stop') throw error;
    const { code, message: reason, stage } = error;
    this.deadLetter({ raw: rawOf(error, block), code, reason, stage });
  }

  #follow(updates: readonly ChainUpdate[]): void {
    for (const update of updates) {
      if (update.kind === 'reverted') this.#revert(update.blocks, update.reorg);
      if (update.kind === 'finalized') {
        const blocks = this.#undo.finalize(update.block.height);
        if (!this.#tables.finalize(blocks)) this.#finalize(update.block);
      }
    }
  }

  #finalize(block: BlockRef): void {
    this.#finalized = block;
    this.#draft.finalize(block);
    this.#options.encoders.forgetPartitionCounts(block.height);
    this.#options.observer.finalized(block);
  }

  #revert(blocks: readonly HeldBlock[], reorg: Reorg): void {
    const lost = blocks.flatMap((block) => this.#undo.revert(block));
    const retractions = this.#retract(lost, reorg);
    const reverted = blocks.map(({ height, hash }) => ({ height, hash }));
    this.#draft.addReorg(reorg, reverted, retractions);
    const tip = this.#canonical.tip;
    this.#cursor = tip === null ? null : blockCursor(tip);
    this.#options.observer.reverted(reorg, reverted, retractions.length);
  }

  /** Newest first. */
  #retract(rows: readonly InsertRecord[], reorg: Reorg): readonly EncodedRecord[] {
    const { encoders, clock } = this.#options;
    const nowUs = clock.nowUs();
    const context = { publishedAtUs: nowUs, receivedAtUs: nowUs };
    this.#tables.retract(rows);
    return rows.map((record) => encoders.retract(record, reorg, context));
  }

  /** Rows that an instance without transactions published after its last checkpoint. */
  #takeBack(orphans: readonly InsertRecord[]): void {
    const { encoders, clock } = this.#options;
    const reorg = recoveryReorg(this.#options, this.#canonical.tip);
    const nowUs = clock.nowUs();
    const context = { publishedAtUs: nowUs, receivedAtUs: nowUs };
    const retractions = orphans.map((record) => encoders.retract(record, reorg, context));
    this.#draft.addReorg(reorg, [], retractions);
  }

  /** Gives up the oldest undo blocks when the window outgrows its bounds; they count as final. */
  #bound(): void {
    const { undoBlocksMax, undoRowsMax } = this.#options;
    this.#follow(this.#canonical.bound(undoBlocksMax));
    const height = this.#undo.heightOver(undoRowsMax);
    const hash = height === undefined ? undefined : this.#canonical.hashAt(height);
    if (height !== undefined && hash !== undefined) {
      this.#follow(this.#canonical.finalize({ height, hash }));
    }
  }
}
