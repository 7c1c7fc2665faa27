/** Records of the dead-letter topic: what could not be understood, with its bytes. */
import type { Cursor } from '../model/cursor.ts';
import { CommonEncoder, loadCommonSchema } from './common-schema.ts';
import type { EncodedRecord } from './encoded-record.ts';
import { positiveMurmur2 } from './murmur2.ts';
import type { SchemaIds } from './route.ts';

/** One thing that could not be understood. */
export interface DeadLetter {
  readonly raw: Uint8Array;
  readonly code: string;
  readonly stage: string;
  readonly reason: string;
  /** Position of the source when it met it. */
  readonly cursor: Cursor | null;
  readonly timeMs: number;
}

export interface DeadLetterEncoderOptions {
  readonly topic: string;
  readonly partitions: number;
  readonly chain: string;
  readonly source: string;
  readonly schemaIds: SchemaIds;
  /** Longer bytes are cut here, so that a letter always fits the broker's limit. */
  readonly rawBytesMax: number;
}

/** Encodes dead letters of one source. Keyed by source, on one partition: order is kept. */
export class DeadLetterEncoder {
  readonly #options: DeadLetterEncoderOptions;
  readonly #encoder: CommonEncoder;

  constructor(options: DeadLetterEncoderOptions) {
    this.#options = options;
    this.#encoder = new CommonEncoder(loadCommonSchema('dead_letter'), options.schemaIds);
  }

  /** The record timestamp is the time it was given up. */
  encode(letter: DeadLetter): EncodedRecord {
    const { topic, partitions, chain, source, rawBytesMax } = this.#options;
    const { raw, timeMs } = letter;
    return this.#encoder.encode(
      {
        source,
        chain,
        stage: letter.stage,
        code: letter.code,
        reason: letter.reason,
        position: letter.cursor,
        raw: Buffer.from(raw.subarray(0, rawBytesMax)),
        raw_size_bytes: raw.length,
        time: timeMs,
      },
      {
        topic,
        partition: positiveMurmur2(source) % partitions,
        timestampMs: timeMs,
      },
    );
  }
}
