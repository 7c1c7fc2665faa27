/** Ways to make one value per key of the rows that are true: each gives back what a retraction takes. */

/**
 * Adds and removes values. `remove` undoes an `add` of the same id, whatever came between. A state may
 * be changed in place.
 */
export interface Fold<T, S, V> {
  /** The state of a key that has no row. */
  empty(): S;
  add(state: S, value: T, id: string): S;
  remove(state: S, value: T, id: string): S;
  /** The row is final: what is kept only to give it back may be forgotten. Oldest rows come first. */
  settle?(state: S, value: T, id: string): void;
  /** Undefined when the key has no row any more. */
  result(state: S): V | undefined;
}

interface Total {
  readonly units: bigint;
  readonly rows: number;
}

/**
 * The exact sum of amounts: bigints, or decimal strings with at most `scale` digits after the point.
 * The result is in units of 10^-scale; base units for scale 0. Throws `RangeError` for other texts.
 */
export function sum(scale = 0): Fold<bigint | string, Total, bigint> {
  const units = (value: bigint | string) =>
    typeof value === 'bigint' ? value : decimalUnits(value, scale);
  return {
    empty: () => ({ units: 0n, rows: 0 }),
    add: (state, value) => ({ units: state.units + units(value), rows: state.rows + 1 }),
    remove: (state, value) => ({ units: state.units - units(value), rows: state.rows - 1 }),
    result: ({ units: total, rows }) => (rows === 0 ? undefined : total),
  };
}

/** How many rows. */
export function count(): Fold<unknown, number, number> {
  return {
    empty: () => 0,
    add: (state) => state + 1,
    remove: (state) => state - 1,
    result: (state) => (state === 0 ? undefined : state),
  };
}

/** Rows that can still be taken back, oldest first, and what the final ones come to. */
interface Rows<T> {
  readonly open: Map<string, T>;
  settled: { readonly value: T } | null;
}

/** The row that became true last, and the one before it again when it is taken back. */
export function latest<T>(): Fold<T, Rows<T>, T> {
  return ofRows((_, later) => later);
}

/** The greatest value by `compare`; the next one when it is taken back. */
export function max<T>(compare: (a: T, b: T) => number): Fold<T, Rows<T>, T> {
  return ofRows((a, b) => (compare(b, a) > 0 ? b : a));
}

/** Keeps the rows that are not final, because any of them may be taken back. */
function ofRows<T>(better: (earlier: T, later: T) => T): Fold<T, Rows<T>, T> {
  return {
    empty: () => ({ open: new Map(), settled: null }),
    add: (state, value, id) => {
      state.open.set(id, value);
      return state;
    },
    remove: (state, _, id) => {
      if (!state.open.delete(id)) throw new RangeError(`row ${id} was final: make the view anew`);
      return state;
    },
    settle: (state, value, id) => {
      if (!state.open.delete(id)) return;
      state.settled = {
        value: state.settled === null ? value : better(state.settled.value, value),
      };
    },
    result: ({ open, settled }) => {
      let found = settled;
      for (const value of open.values()) {
        found = { value: found === null ? value : better(found.value, value) };
      }
      return found?.value;
    },
  };
}

const decimal = /^(-?)(\d+)(?:\.(\d+))?$/;

/** A decimal string in units of 10^-scale. Throws `RangeError` when it does not fit. */
export function decimalUnits(text: string, scale: number): bigint {
  const [, sign = '', whole = '', fraction = ''] = decimal.exec(text) ?? [];
  if (whole === '' || fraction.length > scale) {
    throw new RangeError(`"${text}" is not a decimal with at most ${scale} digits after the point`);
  }
  return BigInt(`${sign}${whole}${fraction.padEnd(scale, '0')}`);
}
