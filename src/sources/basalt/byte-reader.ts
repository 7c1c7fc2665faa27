/** Reads the binary form of the chain's codec: integers little-endian, lengths as unsigned LEB128. */

/** Where the bytes end sooner than they should, or a length is beyond them. */
export class ShortBytesError extends Error {}

/** Reads on from one position. Every read throws `ShortBytesError` beyond the end. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get position(): number {
    return this.#at;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** The bytes from the beginning up to here. */
  before(): Buffer {
    return this.#bytes.subarray(0, this.#at);
  }

  take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new ShortBytesError(`ends at byte ${this.#bytes.length}`);
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  /** So many bytes as lower-case 0x hex. */
  hex(length: number): string {
    return `0x${this.take(length).toString('hex')}`;
  }

  u8(): number {
    return this.take(1).readUInt8();
  }

  u32(): number {
    return this.take(4).readUInt32LE();
  }

  u64(): bigint {
    return this.take(8).readBigUInt64LE();
  }

  i64(): bigint {
    return this.take(8).readBigInt64LE();
  }

  u256(): bigint {
    const [a = 0n, b = 0n, c = 0n, d = 0n] = [this.u64(), this.u64(), this.u64(), this.u64()];
    return a | (b << 64n) | (c << 128n) | (d << 192n);
  }

  /** Unsigned LEB128, within the safe integers. */
  varint(): number {
    let value = 0;
    for (let factor = 1; factor <= 2 ** 49; factor *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
    throw new ShortBytesError('holds a length beyond all bounds');
  }

  /** A length and so many bytes. */
  bytes(): Buffer {
    return this.take(this.varint());
  }
}
