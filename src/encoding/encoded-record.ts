/** A record as Kafka takes it, and a published row as the undo window keeps it. */

/** Key and value are final bytes (Confluent wire format); the partition is chosen. */
export interface EncodedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly key: Buffer;
  readonly value: Buffer | null;
  readonly timestampMs: number;
}

/** A record that says what a row is. */
export interface RowRecord extends EncodedRecord {
  readonly value: Buffer;
}

/**
 * An insert as it was published, with what its retraction needs. The row is
 * `value.subarray(rowStart, rowEnd)`; the schema id stands in bytes 1–4 of the value.
 */
export interface InsertRecord extends RowRecord {
  readonly rowStart: number;
  readonly rowEnd: number;
  readonly eventId: string;
  readonly incarnation: number;
}

/** A record of a changelog as it was read back from Kafka. */
export interface StoredRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: Buffer;
  readonly value: Buffer;
  readonly timestampMs: number;
}

/** What a stored changelog record says, for the restore of the undo window. */
export interface StoredChange {
  readonly isRetraction: boolean;
  /** 0 for market data. */
  readonly height: number;
  /** Null for market data, which has no blocks. */
  readonly blockHash: string | null;
  /** Of the block, or of the row itself. */
  readonly timeMs: number;
  readonly record: InsertRecord;
}
