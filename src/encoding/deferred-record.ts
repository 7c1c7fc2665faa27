/** A record that is encoded when it is wanted: of the checkpoints that wait only the last is written. */
import type { EncodedRecord } from './encoded-record.ts';

/** Calls `encode` once, when anything but its topic is first asked for. */
export class DeferredRecord implements EncodedRecord {
  readonly topic: string;
  readonly #encode: () => EncodedRecord;
  #encoded: EncodedRecord | null = null;

  constructor(topic: string, encode: () => EncodedRecord) {
    this.topic = topic;
    this.#encode = encode;
  }

  get partition(): number {
    return this.#record.partition;
  }

  get key(): Buffer {
    return this.#record.key;
  }

  get value(): Buffer | null {
    return this.#record.value;
  }

  get timestampMs(): number {
    return this.#record.timestampMs;
  }

  get #record(): EncodedRecord {
    this.#encoded ??= this.#encode();
    return this.#encoded;
  }
}
