/**
 * What a source task knows of its chain and has published for it: continuity, undo window and the
 * draft of the next publication move together here. Synchronous and without I/O.
 */
import type { CanonicalChain } from '../continuity/canonical-chain.ts';
import type { ChainUpdate, HeldBlock } from '../continuity/chain-update.ts';
import type { InsertRecord } from '../encoding/encoded-record.ts';
import type { Checkpoint, UndoRange } from '../model/checkpoint.ts';
import type { ControlEvent } from '../model/control.ts';
import type { Cursor } from '../model/cursor.ts';
import { blockCursor, parseCursor } from '../model/cursor.ts';
import { DataError } from '../model/errors.ts';
import type { Origin, Reorg } from '../model/event.ts';
import type { BlockUpdate, SourceUpdate } from '../model/update.ts';
import { UndoBlock, UndoWindow } from '../normalization/undo-window.ts';
import type { PublicationBatch } from '../publishing/publisher.ts';
import { Draft } from './draft.ts';
import { type LedgerOptions, type RestoredState, restoredChain } from './ledger-state.ts';
import { RowWriter, type Unreadable } from './row-writer.ts';
import { latestEnds, undoRanges } from './undo-ranges.ts';

/** One per source task; replaced by a restored one after any failure to publish. */
export class Ledger<M> {
  readonly #options: LedgerOptions<M>;
  readonly #rows: RowWriter<M>;
  readonly #canonical: CanonicalChain;
  readonly #undo = new UndoWindow<InsertRecord>();
  #draft = new Draft();
  #cursor: Cursor | null;
  #ends: readonly UndoRange[] | null;
  #isWhole = true;
  #sequence: number;

  constructor(options: LedgerOptions<M>, restored: RestoredState) {
    this.#options = options;
    this.#rows = new RowWriter(options, (what) => this.deadLetter(what));
    const checkpoint = restored.checkpoint;
    this.#cursor = checkpoint?.cursor ?? null;
    this.#sequence = checkpoint?.sequence ?? 0;
    this.#canonical = restoredChain(options.chain, checkpoint);
    this.#ends = restored.ends;
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

  get undoRows(): number {
    return this.#undo.rows;
  }

  get draft(): Pick<Draft, 'isEmpty' | 'blocks' | 'records'> {
    return this.#draft;
  }

  /** True when there is something to publish and no switch or step is half done. */
  get isReady(): boolean {
    return this.#isWhole && !this.#draft.isEmpty && this.#canonical.isSettled;
  }

  /** Takes over one update of the source. After it threw in the middle nothing is ready any more. */
  take(update: SourceUpdate<M>): void {
    switch (update.kind) {
      case 'block':
        this.#takeBlock(update);
        break;
      case 'batch': {
        const origin = this.#batchOrigin(update.isBackfill, update.receivedAtUs);
        const events = this.#rows.normalize(update.messages, origin);
        this.#draft.addRecords(this.#rows.insert(events, origin, 1));
        this.#cursor = update.cursor;
        break;
      }
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
        this.#draft.addEvent(update);
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

  #takeMalformed({ raw, code, reason }: Extract<SourceUpdate<M>, { kind: 'malformed' }>): void {
    if (this.#options.dataErrors === 'stop') {
      throw new DataError('source.malformed_frame', { stage: 'sources', message: reason, raw });
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
    const draft = this.#draft;
    this.#draft = new Draft();
    this.#sequence += 1;
    const { encoders, clock, source, identity, generation } = this.#options;
    const undo = this.#undo.blocks;
    const { finalized, blocks, reverted } = this.#canonical.state();
    const published = blocks.map((block, index) => ({
      ...block,
      rows: undo[index]?.records.length ?? 0,
    }));
    const state = { source, identity, generation, sequence: this.#sequence, cursor: this.#cursor };
    const partitionCounts = encoders.partitionCounts();
    return {
      records: draft.records,
      sequence: this.#sequence,
      seal: (offsets) => {
        const timeMs = clock.nowMs();
        const control = draft.seal(offsets).map((event) => encoders.control(event, timeMs));
        const checkpoint: Checkpoint = {
          version: 1,
          ...state,
          finalized,
          blocks: published,
          reverted,
          undo: this.#undoRanges(undo, draft.ends(offsets)),
          partitionCounts,
          writtenAtMs: timeMs,
        };
        return [...control, encoders.checkpoint(checkpoint)];
      },
    };
  }

  /** Where restore must read; with `ends`, also where it must go on past the checkpoint. */
  #undoRanges(
    undo: readonly UndoBlock<InsertRecord>[],
    ends: readonly UndoRange[],
  ): readonly UndoRange[] {
    const ranges = undo.flatMap((block) => block.ranges);
    if (this.#ends === null) return undoRanges(ranges);
    this.#ends = latestEnds([...this.#ends, ...ends]);
    return undoRanges([...this.#ends, ...ranges]);
  }

  #takeBlock(update: BlockUpdate<M>): void {
    const { chain, source } = this.#options;
    const origin: Origin = {
      chain,
      source,
      height: update.header.height,
      blockHash: update.header.hash,
      blockTimeMs: update.header.timeMs,
      isBackfill: update.isBackfill,
      receivedAtUs: update.receivedAtUs,
    };
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
        this.#options.observer.applied(change.block, records.length);
      }
    }
    this.#cursor = blockCursor(update.header);
    this.#bound();
    this.#isWhole = true;
  }

  #follow(updates: readonly ChainUpdate[]): void {
    for (const update of updates) {
      if (update.kind === 'reverted') this.#revert(update.blocks, update.reorg);
      if (update.kind === 'finalized') {
        this.#undo.finalize(update.block.height);
        this.#draft.finalize(update.block);
        this.#options.encoders.forgetPartitionCounts(update.block.height);
        this.#options.observer.finalized(update.block);
      }
    }
  }

  #revert(blocks: readonly HeldBlock[], reorg: Reorg): void {
    const { encoders, clock, observer } = this.#options;
    const nowUs = clock.nowUs();
    const context = { publishedAtUs: nowUs, receivedAtUs: nowUs };
    const retractions = blocks.flatMap((block) =>
      this.#undo.revert(block).map((record) => encoders.retract(record, reorg, context)),
    );
    const reverted = blocks.map(({ height, hash }) => ({ height, hash }));
    this.#draft.addReorg(reorg, reverted, retractions);
    const tip = this.#canonical.tip;
    this.#cursor = tip === null ? null : blockCursor(tip);
    observer.reverted(reorg, reverted, retractions.length);
  }

  /** Rows that an instance without transactions published after its last checkpoint. */
  #takeBack(orphans: readonly InsertRecord[]): void {
    const { encoders, clock, chain, generation } = this.#options;
    const tip = this.#canonical.tip;
    const reorg: Reorg = {
      id: `${chain}/recovery/${generation}`,
      depth: 0,
      commonAncestorHeight: tip?.height ?? 0,
      commonAncestorHash: tip?.hash ?? '',
      reason: 'recovery',
    };
    const nowUs = clock.nowUs();
    const context = { publishedAtUs: nowUs, receivedAtUs: nowUs };
    this.#draft.addReorg(
      reorg,
      [],
      orphans.map((record) => encoders.retract(record, reorg, context)),
    );
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

  #batchOrigin(isBackfill: boolean, receivedAtUs: number): Origin {
    const { chain, source, identity, clock } = this.#options;
    return {
      chain,
      source,
      height: 0,
      blockHash: identity,
      blockTimeMs: clock.nowMs(),
      isBackfill,
      receivedAtUs,
    };
  }
}
