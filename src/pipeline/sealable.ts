/** A closed draft as one publication: its records, and what is known of them once they have offsets. */
import type { EncodedRecord, InsertRecord } from '../encoding/encoded-record.ts';
import type { Checkpoint } from '../model/checkpoint.ts';
import type { Clock } from '../model/runtime.ts';
import type { ClosedWindow } from '../normalization/correction-window.ts';
import type { UndoBlock } from '../normalization/undo-window.ts';
import type { PublicationBatch } from '../publishing/publisher.ts';
import type { Draft } from './draft.ts';
import type { LedgerEncoders } from './ledger-encoders.ts';
import { endOf, type UndoEnds } from './undo-ranges.ts';

/** What holds after the publication. */
export interface StateAfter {
  readonly encoders: LedgerEncoders;
  readonly clock: Clock;
  readonly state: Pick<
    Checkpoint,
    | 'source'
    | 'identity'
    | 'generation'
    | 'sequence'
    | 'cursor'
    | 'finalized'
    | 'reverted'
    | 'tables'
  >;
  readonly window: ClosedWindow<InsertRecord>;
  /** Blocks whose rows a restart must find, oldest first. */
  readonly undo: readonly UndoBlock<InsertRecord>[];
  readonly ends: UndoEnds;
  /** Of state and final topics: sealed with the checkpoint, counted by no control record. */
  readonly tableRecords: readonly EncodedRecord[];
}

/** `seal` may be called again when the transaction had to be repeated; the last call counts. */
export function sealable(draft: Draft, after: StateAfter): PublicationBatch {
  const { encoders, clock, state, window, undo, ends, tableRecords } = after;
  const blocks = undo.map(({ ref, records }) => ({ ...ref, rows: records.length }));
  const partitionCounts = encoders.partitionCounts();
  return {
    records: draft.records,
    sequence: state.sequence,
    seal: (offsets) => {
      const timeMs = clock.nowMs();
      const control = draft.seal(offsets).map((event) => encoders.control(event, timeMs));
      const written = draft.places(offsets).filter(({ topic }) => encoders.isReadBack(topic));
      const ranges = [...undo.flatMap((block) => block.ranges), ...window.place(written)];
      const joined = ends.ranges(ranges, written.map(endOf));
      const checkpoint = encoders.checkpoint(() => ({
        version: 1,
        ...state,
        blocks,
        undo: joined(),
        corrections: window.marks,
        partitionCounts,
        writtenAtMs: timeMs,
      }));
      return [...tableRecords, ...control, checkpoint];
    },
  };
}
