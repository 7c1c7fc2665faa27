/**
 * Memory that encoders write into, one piece after the other. A piece that is taken is a view of it:
 * one allocation serves the records of many rows, and nothing is copied.
 */

const slabBytes = 64 * 1024;
/** Above so many characters the runtime writes a text faster than we do, call included. */
const shortTextMax = 24;
/** Below it the length takes at most two bytes. */
const asciiMax = 8192;
/** Zigzag of a number of this size still fits 31 bits. */
const smallMax = 0x40000000;

/** Not re-entrant: one user at a time, which a synchronous encoder is. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafeSlow(slabBytes);
  #start = 0;
  #at = 0;

  /** Bytes of the piece so far. */
  get length(): number {
    return this.#at - this.#start;
  }

  /** Begins the piece anew: what was written of one that failed is forgotten. */
  begin(): void {
    this.#at = this.#start;
  }

  /**
   * The piece, which nobody changes any more; the next one follows it. It keeps the memory of those
   * around it alive: for records that live and die together.
   */
  take(): Buffer {
    const piece = this.#bytes.subarray(this.#start, this.#at);
    this.#start = this.#at;
    return piece;
  }

  /** The piece in memory of its own, for one that may outlive its neighbours. */
  copy(): Buffer {
    const piece = Buffer.from(this.#bytes.subarray(this.#start, this.#at));
    this.begin();
    return piece;
  }

  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#at] = value;
    this.#at += 1;
  }

  /** Confluent wire format: a zero byte and the schema id. */
  header(schemaId: number): void {
    this.#reserve(5);
    this.#bytes[this.#at] = 0;
    this.#at = this.#bytes.writeInt32BE(schemaId, this.#at + 1);
  }

  /** An Avro `long` (or `int`): zigzag, of variable length. Exact for safe integers. */
  long(value: number): void {
    this.#reserve(10);
    if (value >= -smallMax && value < smallMax) {
      this.#varint((value << 1) ^ (value >> 31));
      return;
    }
    const zigzag = value >= 0 ? value * 2 : value * -2 - 1;
    const high = Math.floor(zigzag / 2 ** 28);
    const bytes = this.#bytes;
    let low = zigzag - high * 2 ** 28;
    for (let group = 0; group < 4; group += 1) {
      bytes[this.#at + group] = low | 0x80;
      low >>>= 7;
    }
    this.#at += 4;
    this.#varint(high);
  }

  /** Avro `bytes`: the shortest big-endian two's complement of a safe integer that is not negative. */
  unsigned(value: number): void {
    let count = 1;
    for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 256)) count += 1;
    this.#reserve(count + 1);
    const bytes = this.#bytes;
    bytes[this.#at] = count << 1;
    let rest = value;
    for (let at = this.#at + count; at > this.#at; at -= 1) {
      bytes[at] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    this.#at += count + 1;
  }

  /** An Avro `double`. */
  double(value: number): void {
    this.#reserve(8);
    this.#at = this.#bytes.writeDoubleLE(value, this.#at);
  }

  /** An Avro `float`. */
  float(value: number): void {
    this.#reserve(4);
    this.#at = this.#bytes.writeFloatLE(value, this.#at);
  }

  /** An Avro `string`: how many bytes of UTF-8, and the bytes. */
  text(value: string): void {
    if (value.length < asciiMax && this.#ascii(value)) return;
    const sizeBytes = Buffer.byteLength(value);
    this.long(sizeBytes);
    this.#reserve(sizeBytes);
    this.#at += this.#bytes.write(value, this.#at);
  }

  /** Bytes as they are, without a length. */
  raw(source: Uint8Array, start = 0, end = source.length): void {
    if (start === end) return;
    this.#reserve(end - start);
    const part = start === 0 && end === source.length ? source : source.subarray(start, end);
    this.#bytes.set(part, this.#at);
    this.#at += end - start;
  }

  /** Writes a text that is ASCII, as almost all are; false for others, of which nothing is written. */
  #ascii(value: string): boolean {
    const { length } = value;
    // As many bytes as the text may have: more than its characters, and it is not ASCII.
    this.#reserve(3 * length + 2);
    const from = this.#at + (length < 64 ? 1 : 2);
    const isAscii =
      length > shortTextMax
        ? this.#bytes.write(value, from) === length
        : this.#putShort(value, from);
    if (!isAscii) return false;
    this.#varint(length << 1);
    this.#at += length;
    return true;
  }

  #putShort(value: string, at: number): boolean {
    const bytes = this.#bytes;
    for (let index = 0; index < value.length; index += 1) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) return false;
      bytes[at + index] = code;
    }
    return true;
  }

  /** Of at most 31 bits, where there is room. */
  #varint(value: number): void {
    const bytes = this.#bytes;
    let rest = value;
    let at = this.#at;
    for (; rest >= 0x80; rest >>>= 7) {
      bytes[at] = rest | 0x80;
      at += 1;
    }
    bytes[at] = rest;
    this.#at = at + 1;
  }

  #reserve(count: number): void {
    if (this.#at + count > this.#bytes.length) this.#renew(count);
  }

  /** New memory, to which the piece so far moves. */
  #renew(count: number): void {
    const written = this.#bytes.subarray(this.#start, this.#at);
    const next = Buffer.allocUnsafeSlow(Math.max(slabBytes, 2 * (written.length + count)));
    next.set(written);
    this.#bytes = next;
    this.#start = 0;
    this.#at = written.length;
  }
}
