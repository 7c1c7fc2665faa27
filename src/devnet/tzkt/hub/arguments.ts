/**
 * Binding of a subscribe method's argument, as strict as the server's: names in any case, unknown
 * members ignored, null as good as absent, and no conversion between JSON types.
 */
import { type Item, isItem, type Json } from '../../simulator/json.ts';
import { wrongType } from './hub-error.ts';

/** The members of an argument, by their name in lower case. */
export class Argument {
  readonly #members: ReadonlyMap<string, Json>;

  /** Throws a `BindingError` when the value is neither an object nor null. */
  constructor(value: unknown) {
    if (value !== null && !isItem(value)) throw wrongType();
    const members: Item = value ?? {};
    this.#members = new Map(
      Object.entries(members).flatMap(([name, member]) =>
        member === null || member === undefined ? [] : [[name.toLowerCase(), member]],
      ),
    );
  }

  /** A string. */
  text(name: string): string | undefined {
    const value = this.#members.get(name.toLowerCase());
    if (value !== undefined && typeof value !== 'string') throw wrongType();
    return value;
  }

  /** A 32-bit integer. */
  int(name: string): number | undefined {
    const value = this.#members.get(name.toLowerCase());
    if (value === undefined) return undefined;
    if (typeof value !== 'number' || value !== (value | 0)) throw wrongType();
    return value;
  }

  /** A list of strings; its elements may be null. */
  texts(name: string): readonly (string | null)[] | undefined {
    const value = this.#members.get(name.toLowerCase());
    if (value === undefined) return undefined;
    if (!Array.isArray(value)) throw wrongType();
    return value.map((element: Json) => {
      if (element !== null && typeof element !== 'string') throw wrongType();
      return element;
    });
  }

  /** A natural number of any size, as decimal text or as an integer. */
  natural(name: string): string | undefined {
    const value = this.#members.get(name.toLowerCase());
    if (value === undefined) return undefined;
    const text = typeof value === 'number' ? String(value) : value;
    if (typeof text !== 'string' || !/^\d+$/.test(text)) throw wrongType();
    return text;
  }
}

const addressPattern = /^(tz[1-4]|KT1|txr1|sr1)[0-9A-Za-z]{33}$/;

/** True for what the server takes for an address; checksums are not looked at. */
export function isAddress(text: string): boolean {
  return addressPattern.test(text);
}

/** True for the address of a contract. */
export function isContractAddress(text: string): boolean {
  return text.startsWith('KT1') && isAddress(text);
}
