/** Values that can be computed again, a bounded number of them; the oldest goes first. */

/** Computes on demand. */
export class BoundedCache<Key, Value> {
  readonly #max: number;
  readonly #compute: (key: Key) => Value;
  readonly #values = new Map<Key, Value>();

  constructor(max: number, compute: (key: Key) => Value) {
    this.#max = max;
    this.#compute = compute;
  }

  get(key: Key): Value {
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const value = this.#compute(key);
    this.#values.set(key, value);
    if (this.#values.size > this.#max) {
      for (const oldest of this.#values.keys()) {
        this.#values.delete(oldest);
        break;
      }
    }
    return value;
  }
}
