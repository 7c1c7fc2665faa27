/**
 * Published rows as they are held for long. A record as it was encoded, or read back, is a view of
 * memory that it shares with requests and rows which are over soon: it would keep all of it alive.
 */
import type { InsertRecord } from './encoded-record.ts';

/** Rows that were published one after the other share so much: they are held about as long. */
const slabBytes = 64 * 1024;

/** Copies records into memory of their own, one after the other. */
export class KeptRows {
  #slab = Buffer.alloc(0);
  #at = 0;

  /** The same record; nothing but kept rows shares its memory. */
  keep(record: InsertRecord): InsertRecord {
    const { key, value } = record;
    const sizeBytes = key.length + value.length;
    if (this.#at + sizeBytes > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, sizeBytes));
      this.#at = 0;
    }
    const kept = new KeptRow(record, this.#slab, this.#at);
    this.#slab.set(value, this.#at);
    this.#slab.set(key, this.#at + value.length);
    this.#at += sizeBytes;
    return kept;
  }
}

/** Makes its buffers when they are asked for: two of them take more memory than their bytes. */
class KeptRow implements InsertRecord {
  readonly topic: string;
  readonly partition: number;
  readonly timestampMs: number;
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly eventId: string;
  readonly incarnation: number;
  readonly #slab: Buffer;
  readonly #valueAt: number;
  readonly #keyAt: number;
  readonly #end: number;

  /** The value lies at `at` of the slab, the key behind it. */
  constructor(record: InsertRecord, slab: Buffer, at: number) {
    this.topic = record.topic;
    this.partition = record.partition;
    this.timestampMs = record.timestampMs;
    this.rowStart = record.rowStart;
    this.rowEnd = record.rowEnd;
    this.eventId = record.eventId;
    this.incarnation = record.incarnation;
    this.#slab = slab;
    this.#valueAt = at;
    this.#keyAt = at + record.value.length;
    this.#end = this.#keyAt + record.key.length;
  }

  get value(): Buffer {
    return this.#slab.subarray(this.#valueAt, this.#keyAt);
  }

  get key(): Buffer {
    return this.#slab.subarray(this.#keyAt, this.#end);
  }
}
