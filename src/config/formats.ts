/**
 * What a value of the configuration may be. A format is a convict format function that also knows
 * how to say what it expects and how to read the text of an environment variable.
 */

/** Throws an error whose message says what was expected. */
export interface Format {
  (value: unknown): void;
  readonly expected: string;
  /** Reads an environment variable's text; undefined when the text cannot be such a value. */
  readonly parse: (text: string) => unknown;
}

/** A format from a test. */
export function createFormat(
  expected: string,
  test: (value: unknown) => boolean,
  parse: (text: string) => unknown,
): Format {
  const check = (value: unknown): void => {
    if (!test(value)) throw new Error(expected);
  };
  return Object.assign(check, { expected, parse });
}

const same = (text: string): unknown => text;
const parseNumber = (text: string): unknown => (/^-?\d+$/.test(text) ? Number(text) : text);

/** Any text; empty text is refused because it is nearly always an unset variable. */
export const text = createFormat('text', (v) => typeof v === 'string' && v !== '', same);

export const flag = createFormat(
  'true or false',
  (v) => typeof v === 'boolean',
  (t) => (t === 'true' ? true : t === 'false' ? false : t),
);

/** A safe integer within both bounds. */
export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): Format {
  const range =
    max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `between ${min} and ${max}`;
  return createFormat(
    `a whole number ${range}`,
    (v) => typeof v === 'number' && Number.isSafeInteger(v) && v >= min && v <= max,
    parseNumber,
  );
}

export function oneOf(...values: readonly string[]): Format {
  return createFormat(
    `one of ${values.join(', ')}`,
    (v) => typeof v === 'string' && values.includes(v),
    same,
  );
}

export function matching(expected: string, pattern: RegExp): Format {
  return createFormat(expected, (v) => typeof v === 'string' && pattern.test(v), same);
}

/** A list of at least one text that matches. A single text stands for a list of one. */
export function listOf(expected: string, pattern: RegExp): Format {
  return createFormat(
    `a list of ${expected}`,
    (v) =>
      Array.isArray(v) && v.length > 0 && v.every((e) => typeof e === 'string' && pattern.test(e)),
    splitList,
  );
}

/** The text of a list in an environment variable: JSON, or separated by commas. */
export function splitList(list: string): unknown {
  return list.trim().startsWith('[') ? parseJson(list) : list.split(',').map((e) => e.trim());
}

/** The value of a JSON text, or the text itself when it is none. */
export function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    // Not JSON: the format then refuses the text itself, with what it expected.
    return json;
  }
}

/** An absolute address of one of the schemes. Credentials have options of their own. */
export function urlOf(...schemes: readonly string[]): Format {
  const starts = schemes.map((s) => `${s}://`).join(' or ');
  const expected = `an address that starts with ${starts} and holds no user or password`;
  return createFormat(
    expected,
    (v) =>
      typeof v === 'string' &&
      URL.canParse(v) &&
      schemes.some((scheme) => v.startsWith(`${scheme}://`)) &&
      new URL(v).username === '' &&
      new URL(v).password === '',
    same,
  );
}

/** True for what YAML and JSON call a mapping. */
export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function mapOf(expected: string, isValue: (value: unknown) => boolean): Format {
  return createFormat(expected, (v) => isMapping(v) && Object.values(v).every(isValue), parseJson);
}

/** Either of two formats; an environment variable is read by the first that accepts it. */
export function either(first: Format, second: Format): Format {
  const accepts = (f: Format, value: unknown): boolean => {
    try {
      f(value);
      return true;
    } catch {
      // Refused by this alternative; the other one decides.
      return false;
    }
  };
  return createFormat(
    `${first.expected}, or ${second.expected}`,
    (v) => accepts(first, v) || accepts(second, v),
    (t) => {
      const value = first.parse(t);
      return accepts(first, value) ? value : second.parse(t);
    },
  );
}
