/**
 * A model of the part of Kafka that publishing relies on: partitions with offsets, transactions that
 * commit or abort as one, control markers that take offsets too, fencing by epoch, committed reads.
 */
import type { EncodedRecord, StoredRecord } from '../../../src/encoding/encoded-record.ts';
import type { UndoRange } from '../../../src/model/checkpoint.ts';

interface Slot {
  readonly record: EncodedRecord | null;
  readonly transaction: Transaction | null;
}

/** A record that was read; without a value it is a tombstone. */
export interface TableRecord extends EncodedRecord {
  readonly offset: number;
}

function withValue(record: TableRecord): StoredRecord[] {
  const { value } = record;
  return value === null ? [] : [{ ...record, value }];
}

/** One transaction: its records are read when it is committed. */
export class Transaction {
  readonly epoch: number;
  readonly touched = new Set<string>();
  readonly records: EncodedRecord[] = [];
  state: 'open' | 'committed' | 'aborted' = 'open';

  constructor(epoch: number) {
    this.epoch = epoch;
  }
}

export class SimulatedKafka {
  readonly #logs = new Map<string, Slot[]>();
  /** What committed readers of all topics are given, publication by publication. */
  readonly journal: (readonly EncodedRecord[])[] = [];
  #epoch = 0;
  #open: Transaction | null = null;

  /** A new instance: what an older one left open is aborted, and it can write no more. */
  fence(): number {
    this.#epoch += 1;
    if (this.#open !== null) this.abort(this.#open);
    return this.#epoch;
  }

  begin(epoch: number): Transaction {
    this.assertCurrent(epoch);
    this.#open = new Transaction(epoch);
    return this.#open;
  }

  /** Returns the offset. `null` writes outside any transaction. */
  append(record: EncodedRecord, transaction: Transaction | null): number {
    if (transaction !== null) this.assertCurrent(transaction.epoch);
    const id = `${record.topic}/${record.partition}`;
    const log = this.#log(id);
    transaction?.touched.add(id);
    if (transaction === null) this.journal.push([record]);
    else transaction.records.push(record);
    return log.push({ record, transaction }) - 1;
  }

  commit(transaction: Transaction): void {
    this.assertCurrent(transaction.epoch);
    if (transaction.state === 'open') this.journal.push(transaction.records);
    this.#end(transaction, 'committed');
  }

  abort(transaction: Transaction): void {
    this.#end(transaction, 'aborted');
  }

  assertCurrent(epoch: number): void {
    if (epoch !== this.#epoch) throw new Error(`fenced: epoch ${epoch}, current ${this.#epoch}`);
  }

  /** Committed records with a value of a topic, per partition in offset order. */
  read(topic: string): StoredRecord[] {
    return this.readTable(topic).flatMap(withValue);
  }

  /** Committed records and tombstones of a topic, per partition in offset order. */
  readTable(topic: string): TableRecord[] {
    return [...this.#logs.keys()]
      .filter((id) => id.startsWith(`${topic}/`))
      .flatMap((id) => this.#readLog(id));
  }

  topics(): string[] {
    return [...new Set([...this.#logs.keys()].map((id) => id.slice(0, id.lastIndexOf('/'))))];
  }

  readRange(range: UndoRange): StoredRecord[] {
    return this.#readLog(`${range.topic}/${range.partition}`)
      .flatMap(withValue)
      .filter(({ offset }) => offset >= range.firstOffset && offset <= range.lastOffset);
  }

  ends(topics: readonly string[]): UndoRange[] {
    return topics.flatMap((topic) =>
      [...this.#logs].flatMap(([id, log]) => {
        if (!id.startsWith(`${topic}/`)) return [];
        const partition = Number(id.slice(topic.length + 1));
        return [{ topic, partition, firstOffset: 0, lastOffset: log.length - 1 }];
      }),
    );
  }

  #readLog(id: string): TableRecord[] {
    return this.#log(id).flatMap(({ record, transaction }, offset) => {
      if (record === null) return [];
      if (transaction !== null && transaction.state !== 'committed') return [];
      const { topic, partition, key, value, timestampMs } = record;
      return [{ topic, partition, key, value, timestampMs, offset }];
    });
  }

  #end(transaction: Transaction, state: 'committed' | 'aborted'): void {
    if (transaction.state !== 'open') return;
    transaction.state = state;
    for (const id of transaction.touched) this.#log(id).push({ record: null, transaction });
    if (this.#open === transaction) this.#open = null;
  }

  #log(id: string): Slot[] {
    const log = this.#logs.get(id) ?? [];
    this.#logs.set(id, log);
    return log;
  }
}
