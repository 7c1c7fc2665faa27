/**
 * Reproducible randomness for the devnet's traffic (xmur3 for the seed, sfc32 for the numbers).
 * Not for secrets.
 */

/** The same seed gives the same sequence on every machine. */
export class SeededRandom {
  readonly #seed: string;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: string | number) {
    this.#seed = String(seed);
    const hash = seedHash(this.#seed);
    this.#a = hash();
    this.#b = hash();
    this.#c = hash();
    for (let round = 0; round < 12; round += 1) this.next();
  }

  /** An independent sequence: what is drawn from it leaves this one as it is. */
  fork(name: string): SeededRandom {
    return new SeededRandom(`${this.#seed}/${name}`);
  }

  /** Uniform in [0, 1). */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return (sum >>> 0) / 2 ** 32;
  }

  /** Uniform among the integers from `min` to `max`, both included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One element; throws on an empty list. */
  pick<T>(list: readonly T[]): T {
    const picked = list.at(this.integer(0, list.length - 1));
    if (picked === undefined) throw new RangeError('Cannot pick from an empty list.');
    return picked;
  }

  /** The same elements in another order; the list itself stays as it is. */
  shuffle<T>(list: readonly T[]): T[] {
    const left = [...list];
    const shuffled: T[] = [];
    while (left.length > 0) shuffled.push(...left.splice(this.integer(0, left.length - 1), 1));
    return shuffled;
  }

  /** `sizeBytes` random bytes as lower-case hexadecimal digits, without `0x`. */
  hex(sizeBytes: number): string {
    const bytes = Buffer.allocUnsafe(sizeBytes);
    for (let index = 0; index < sizeBytes; index += 1) bytes[index] = this.integer(0, 255);
    return bytes.toString('hex');
  }
}

function seedHash(seed: string): () => number {
  let hash = 1779033703 ^ seed.length;
  for (let index = 0; index < seed.length; index += 1) {
    hash = Math.imul(hash ^ seed.charCodeAt(index), 3432918353);
    hash = (hash << 13) | (hash >>> 19);
  }
  return () => {
    hash = Math.imul(hash ^ (hash >>> 16), 2246822507);
    hash = Math.imul(hash ^ (hash >>> 13), 3266489909);
    hash ^= hash >>> 16;
    return hash >>> 0;
  };
}
