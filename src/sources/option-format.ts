/** Formats of source options: a check that also knows what it expects and how to read text. */

/** Throws an error whose message says what was expected. */
export interface OptionFormat {
  (value: unknown): void;
  readonly expected: string;
  /** Reads an environment variable's text; a wrong text is given back for the check to refuse. */
  readonly parse: (text: string) => unknown;
}

/** A format from a test. */
export function optionFormat(
  expected: string,
  accepts: (value: unknown) => boolean,
  parse: (text: string) => unknown = (text) => text,
): OptionFormat {
  const check = (value: unknown): void => {
    if (!accepts(value)) throw new Error(expected);
  };
  return Object.assign(check, { expected, parse });
}

/** A safe integer within both bounds. */
export function count(min: number, max: number): OptionFormat {
  return optionFormat(
    `a whole number between ${min} and ${max}`,
    (value) => Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max,
    parseNumber,
  );
}

export const flag: OptionFormat = optionFormat(
  'true or false',
  (value) => typeof value === 'boolean',
  (text) => (text === 'true' ? true : text === 'false' ? false : text),
);

/** A list of addresses; from the environment separated by commas. */
export function urls(schemes: readonly string[], atLeast: number): OptionFormat {
  const isUrl = (value: unknown) =>
    typeof value === 'string' &&
    URL.canParse(value) &&
    schemes.some((scheme) => value.startsWith(`${scheme}://`));
  return optionFormat(
    `a list of ${atLeast > 0 ? 'at least one address' : 'addresses'} starting with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
    (value) => Array.isArray(value) && value.length >= atLeast && value.every(isUrl),
    (text) => text.split(',').map((part) => part.trim()),
  );
}

/** One of these words. */
export function oneOf(...words: readonly string[]): OptionFormat {
  return optionFormat(
    `one of ${words.join(', ')}`,
    (value) => typeof value === 'string' && words.includes(value),
  );
}

/** One of these words, or a height. */
export function heightOr(...words: readonly string[]): OptionFormat {
  return optionFormat(
    `${words.join(', ')} or a height`,
    (value) => words.includes(String(value)) || (Number.isSafeInteger(value) && Number(value) >= 0),
    parseNumber,
  );
}

/** Digits as a number, anything else as it is. */
export function parseNumber(text: string): unknown {
  return /^\d+$/.test(text) ? Number(text) : text;
}

/** A JSON text as its value, anything else as it is. */
export function parseJsonText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the check then refuses the text itself, with what it expected.
    return text;
  }
}
