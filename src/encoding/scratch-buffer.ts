/** One growing buffer that values are encoded into before they are copied out once. */
import type { AvroType } from './avro-schema.ts';

const initialBytes = 64 * 1024;

/** Not re-entrant: one user at a time, which a synchronous encoder is. */
export class ScratchBuffer {
  #buffer = Buffer.allocUnsafeSlow(initialBytes);

  /** Encodes at `position` and returns where it ends. Throws what the Avro library throws. */
  put(type: AvroType, value: unknown, position: number): number {
    const end = type.encode(value, this.#buffer, position);
    if (end >= 0) return end;
    this.#grow(this.#buffer.length - end);
    return type.encode(value, this.#buffer, position);
  }

  /** Copies bytes out into `target` and returns the position after them. */
  copyTo(target: Buffer, at: number, start: number, end: number): number {
    this.#buffer.copy(target, at, start, end);
    return at + end - start;
  }

  #grow(needed: number): void {
    const next = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(next);
    this.#buffer = next;
  }
}
