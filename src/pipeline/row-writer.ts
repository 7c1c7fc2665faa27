/**
 * Messages into insert records. What has no rows in its form goes to the dead letters or is thrown,
 * as the source's policy says.
 */
import type { InsertRecord } from '../encoding/encoded-record.ts';
import { DataError } from '../model/errors.ts';
import { type Event, eventId, type Origin } from '../model/event.ts';
import type { RevisedRows, UndoBlock } from '../normalization/undo-window.ts';
import { type DataErrorPolicy, rawOf } from './ledger-encoders.ts';
import type { LedgerOptions } from './ledger-state.ts';
import { revisedRows } from './revise-rows.ts';

/** Something that could not be understood, before it is a dead letter. */
export interface Unreadable {
  readonly raw: Uint8Array;
  readonly code: string;
  readonly reason: string;
  readonly stage: string;
}

/** Keeps no state but a count. */
export class RowWriter<M> {
  readonly #options: Pick<LedgerOptions<M>, 'encoders' | 'normalize' | 'clock'>;
  readonly #policy: DataErrorPolicy;
  readonly #onUnreadable: (what: Unreadable) => void;
  /** Messages and events so far that made no row. */
  #unreadable = 0;

  constructor(options: LedgerOptions<M>, onUnreadable: (what: Unreadable) => void) {
    this.#options = options;
    this.#policy = options.dataErrors;
    this.#onUnreadable = onUnreadable;
  }

  /** Events of these messages. */
  normalize(messages: readonly M[], origin: Origin): Event[] {
    return this.#options.normalize(messages, origin, (error, message) => {
      this.#quarantine(error, message, 'normalization');
    });
  }

  /** Records of these events, in their order. */
  insert(events: readonly Event[], origin: Origin, incarnation: number): InsertRecord[] {
    const { clock } = this.#options;
    const context = { incarnation, publishedAtUs: clock.nowUs() };
    const records: InsertRecord[] = [];
    for (const event of events) {
      for (const record of this.encode(event, origin, context)) records.push(record);
    }
    return records;
  }

  /** Records of one event. */
  encode(
    event: Event,
    origin: Origin,
    context: { readonly incarnation: number; readonly publishedAtUs: number },
  ): readonly InsertRecord[] {
    try {
      return this.#options.encoders.insert(event, origin, context);
    } catch (error) {
      this.#quarantine(error, event.row, 'encoding');
      return [];
    }
  }

  /** What cannot be published although its row is in its form. */
  refuse(error: DataError, content: unknown): void {
    this.#quarantine(error, content, error.stage);
  }

  /** What a block's whole content changes of what is published of it. */
  revise(
    block: UndoBlock<InsertRecord>,
    messages: readonly M[],
    { origin, incarnation }: { readonly origin: Origin; readonly incarnation: number },
  ): RevisedRows<InsertRecord> {
    const { encoders } = this.#options;
    const before = this.#unreadable;
    const events = this.normalize(messages, origin);
    const orders = new Map(events.map((each) => [eventId(origin, each), encoders.orderOf(each)]));
    const fresh = this.insert(events, origin, incarnation);
    return revisedRows(block, fresh, {
      isWhole: this.#unreadable === before,
      isSameRow: (stored, row) => encoders.isSameRow(stored, row),
      orderOf: (row) => orders.get(row.eventId) ?? null,
    });
  }

  #quarantine(error: unknown, content: unknown, stage: string): void {
    if (!(error instanceof DataError) || this.#policy === 'stop') throw error;
    const raw = rawOf(error, content);
    this.#unreadable += 1;
    this.#onUnreadable({ raw, code: error.code, reason: error.message, stage });
  }
}
