/** Writes Basalt's wire format: integers little-endian, `bytes` after their length in LEB128. */

/** Collects the bytes of one message. */
export class WireWriter {
  readonly #parts: Uint8Array[] = [];

  byte(value: number): this {
    return this.raw(Uint8Array.of(value));
  }

  u32(value: number): this {
    const part = Buffer.alloc(4);
    part.writeUInt32LE(value);
    return this.raw(part);
  }

  u64(value: number | bigint): this {
    const part = Buffer.alloc(8);
    part.writeBigUInt64LE(BigInt(value));
    return this.raw(part);
  }

  i64(value: number): this {
    const part = Buffer.alloc(8);
    part.writeBigInt64LE(BigInt(value));
    return this.raw(part);
  }

  u256(value: bigint): this {
    return this.raw(Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse());
  }

  /** Hexadecimal digits, with or without 0x, as they are. */
  hex(digits: string): this {
    return this.raw(Buffer.from(digits.replace(/^0x/, ''), 'hex'));
  }

  varint(value: number): this {
    const part: number[] = [];
    let rest = value;
    for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) part.push((rest % 0x80) | 0x80);
    return this.raw(Uint8Array.from([...part, rest]));
  }

  /** Bytes after their length. */
  bytes(value: Uint8Array): this {
    return this.varint(value.length).raw(value);
  }

  /** Hexadecimal digits as bytes after their length. */
  hexBytes(digits: string): this {
    return this.bytes(Buffer.from(digits, 'hex'));
  }

  raw(value: Uint8Array): this {
    this.#parts.push(value);
    return this;
  }

  /** All bytes so far. */
  finish(): Buffer {
    return Buffer.concat(this.#parts);
  }
}
