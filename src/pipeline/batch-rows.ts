/**
 * Rows of feeds without blocks, as one ledger publishes them. Of a dataset with corrections a row that
 * is published with the same bytes is dropped, and one with other bytes takes the place of the first,
 * but a preliminary row never that of a final one, and no column is lost by a copy that lacks it.
 */
import type { EncodedRecord, InsertRecord } from '../encoding/encoded-record.ts';
import { KeptRows } from '../encoding/kept-rows.ts';
import { DataError } from '../model/errors.ts';
import { type Event, eventId, type Origin, type Reorg } from '../model/event.ts';
import type { BatchUpdate } from '../model/update.ts';
import {
  type ClosedWindow,
  CorrectionWindow,
  type HeldRow,
  type RestoredSegment,
} from '../normalization/correction-window.ts';
import type { BatchTally } from './ledger-encoders.ts';
import { batchOrigin, type LedgerOptions } from './ledger-state.ts';
import type { RowWriter } from './row-writer.ts';
import type { Tables } from './tables.ts';
import type { RestoredWindow } from './window-finder.ts';

type BatchOptions = Pick<
  LedgerOptions<never>,
  'chain' | 'source' | 'kind' | 'clock' | 'encoders' | 'observer' | 'undoRowsMax' | 'correctionsMs'
>;

/** One batch while it is taken over. */
interface Taking {
  readonly origin: Origin;
  readonly publishedAtUs: number;
  /** In publication order: a retraction stands right before what takes its row's place. */
  readonly records: EncodedRecord[];
  rows: number;
  corrections: number;
  duplicates: number;
}

/** One per ledger. */
export class BatchRows<M> {
  readonly #options: BatchOptions;
  readonly #rows: RowWriter<M>;
  readonly #tables: Tables;
  readonly #window: CorrectionWindow<InsertRecord>;
  readonly #kept = new KeptRows();

  constructor(
    options: BatchOptions,
    parts: { readonly rows: RowWriter<M>; readonly tables: Tables },
    restored: RestoredWindow,
  ) {
    const { clock, undoRowsMax, correctionsMs } = options;
    this.#options = options;
    this.#rows = parts.rows;
    this.#tables = parts.tables;
    const limits = { rowsMax: undoRowsMax, ageMaxMs: correctionsMs };
    this.#window = new CorrectionWindow(limits, clock.nowMs());
    this.#window.restore(this.#keptOf(restored), restored.marks, clock.nowMs());
    for (const { row, timeMs } of restored.later) this.#tables.insertMarket(row, timeMs, true);
  }

  /** Rows that may still be corrected. */
  get held(): number {
    return this.#window.rows;
  }

  /** The records of a batch, in publication order. Throws what encoding and tables throw. */
  take(update: BatchUpdate<M>): readonly EncodedRecord[] {
    const { observer, clock } = this.#options;
    const origin = batchOrigin(update, this.#options);
    const taking: Taking = {
      origin,
      publishedAtUs: clock.nowUs(),
      records: [],
      ...{ rows: 0, corrections: 0, duplicates: 0 },
    };
    for (const event of this.#rows.normalize(update.messages, origin)) this.#event(event, taking);
    const { rows, corrections, duplicates } = taking;
    const tally: BatchTally = { rows, corrections, duplicates, isBackfill: update.isBackfill };
    observer.batched(tally);
    return taking.records;
  }

  /** What was taken so far becomes one publication. */
  close(): ClosedWindow<InsertRecord> {
    const closed = this.#window.close(this.#options.clock.nowMs());
    this.#tables.settle(closed.left);
    return closed;
  }

  #event(event: Event, taking: Taking): void {
    const records = this.#encoded(event, taking, 1);
    if (!this.#options.encoders.isCorrectable(event.dataset)) {
      for (const record of records) this.#insert(record, event, taking);
      this.#tables.settle(records);
      return;
    }
    if (event.isCorrection === true && this.#isTooLate(event, records)) {
      this.#rows.refuse(correctionTooLate(event, taking.origin), event.row);
      return;
    }
    for (const record of records) {
      const held = this.#window.held(record);
      if (held === undefined) {
        this.#insert(record, event, taking);
        this.#window.hold(this.#kept.keep(record), event.timeMs);
      } else if (this.#saysNothingNew(record, held)) {
        taking.duplicates += 1;
      } else this.#change(held, event, taking);
    }
  }

  #saysNothingNew(record: InsertRecord, { row, isLive }: HeldRow<InsertRecord>): boolean {
    const { encoders } = this.#options;
    return isLive && (encoders.isSameRow(row, record) || encoders.isOutdated(row, record));
  }

  /** What the copy lacks it does not deny: only what differs then is a correction. */
  #change(held: HeldRow<InsertRecord>, event: Event, taking: Taking): void {
    const whole = this.#options.encoders.completed(held.row, event);
    const { topic } = held.row;
    const record =
      whole === event
        ? undefined
        : this.#encoded(whole, taking, 1).find((each) => each.topic === topic);
    if (record !== undefined && this.#saysNothingNew(record, held)) taking.duplicates += 1;
    else this.#correct(held, whole, taking);
  }

  #encoded(event: Event, taking: Taking, incarnation: number): readonly InsertRecord[] {
    const { origin, publishedAtUs } = taking;
    return this.#rows.encode(event, origin, { incarnation, publishedAtUs });
  }

  #insert(record: InsertRecord, { timeMs }: Event, taking: Taking): void {
    taking.records.push(record);
    taking.rows += 1;
    this.#tables.insertMarket(record, timeMs, taking.origin.isBackfill);
  }

  #isTooLate({ timeMs }: Event, records: readonly InsertRecord[]): boolean {
    return records.some(
      (record) =>
        this.#window.held(record) === undefined && this.#window.mayHaveLeft(record.topic, timeMs),
    );
  }

  #correct({ row, isLive }: HeldRow<InsertRecord>, event: Event, taking: Taking): void {
    const { encoders } = this.#options;
    const { publishedAtUs, origin, records } = taking;
    const again = this.#encoded(event, taking, row.incarnation + 1);
    const fresh = again.find(({ topic }) => topic === row.topic);
    if (fresh === undefined) return;
    // The topic may have grown since: readers of one partition must see both.
    const record = { ...fresh, partition: row.partition };
    if (isLive) {
      const times = { publishedAtUs, receivedAtUs: origin.receivedAtUs };
      records.push(encoders.retract(row, correctionReorg(record), times));
      this.#tables.retractMarket(row);
      taking.corrections += 1;
    }
    records.push(record);
    taking.rows += 1;
    this.#tables.insertMarket(record, event.timeMs, true);
    this.#window.hold(this.#kept.keep(record), event.timeMs);
  }

  #keptOf({ segments }: RestoredWindow): readonly RestoredSegment<InsertRecord>[] {
    return segments.map(({ rows, ranges }) => ({
      ranges,
      rows: rows.map(({ row, timeMs, isLive }) => ({ row: this.#kept.keep(row), timeMs, isLive })),
    }));
  }
}

/** What the retraction of a corrected row carries; `record` takes the row's place. */
function correctionReorg({ eventId: id, incarnation }: InsertRecord): Reorg {
  return {
    id: `${id}/correction/${incarnation}`,
    depth: 0,
    commonAncestorHeight: 0,
    commonAncestorHash: '',
    reason: 'correction',
  };
}

function correctionTooLate(event: Event, origin: Origin): DataError {
  const id = eventId(origin, event);
  return new DataError('market.correction_too_late', {
    stage: 'normalization',
    message: `The venue corrects ${id}, whose first form may be published but is not held any more: it could not be taken back exactly. Nothing was changed. Hold rows for longer (undo.correctionsMs, undo.rowsMax), and put this one right by hand.`,
    context: { eventId: id, timeMs: event.timeMs },
  });
}
