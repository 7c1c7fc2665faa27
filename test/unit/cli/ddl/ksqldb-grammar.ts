/**
 * Reads ksqlDB statements by the rules of its grammar, as far as generated statements use it: no
 * package with the real parser is published where this project's packages come from.
 */
import { quotedNames } from '../../../../src/encoding/reserved-names.ts';

/** Throws, naming the place, when the text is not a sequence of statements. */
export function readStatements(text: string): number {
  const words = new Words(text);
  let count = 0;
  for (; !words.isAtEnd; count += 1) {
    readStatement(words);
    words.take(';');
  }
  return count;
}

const token =
  /\s+|--[^\n]*|('(?:[^']|'')*')|(`[A-Z_0-9]+`)|([A-Za-z_]\w*)|(\d+)|(->|<>|[<>=(),;*+\-/[\]])/gy;

class Words {
  readonly #words: string[] = [];
  #at = 0;

  constructor(text: string) {
    token.lastIndex = 0;
    while (token.lastIndex < text.length) {
      const start = token.lastIndex;
      const match = token.exec(text);
      if (match === null) throw new Error(`cannot be read: ${text.slice(start, start + 60)}`);
      if (match.slice(1).some((part) => part !== undefined)) this.#words.push(match[0]);
    }
  }

  get isAtEnd(): boolean {
    return this.#at === this.#words.length;
  }

  next(): string {
    return this.#words[this.#at] ?? '';
  }

  /** True, and past it, when these words come next. */
  has(...wanted: readonly string[]): boolean {
    const isThere = wanted.every((word, index) => this.#words[this.#at + index] === word);
    if (isThere) this.#at += wanted.length;
    return isThere;
  }

  take(...wanted: readonly string[]): void {
    for (const word of wanted) if (!this.has(word)) throw this.error(word);
  }

  match(pattern: RegExp, what: string): string {
    const word = this.next();
    if (!pattern.test(word)) throw this.error(what);
    this.#at += 1;
    return word;
  }

  identifier(): string {
    const word = this.match(/^[A-Za-z_`]/, 'a name');
    if (quotedNames.has(word.toLowerCase())) throw new Error(`${word} is reserved`);
    return word;
  }

  error(expected: string): Error {
    const rest = this.#words.slice(Math.max(0, this.#at - 6), this.#at + 6).join(' ');
    return new Error(`expected ${expected} near: ${rest}`);
  }
}

function list(words: Words, readOne: (words: Words) => void): void {
  do readOne(words);
  while (words.has(','));
}

const isText = /^'/;
const isNumber = /^\d+$/;

function readStatement(words: Words): void {
  if (words.has('SET')) {
    words.match(isText, 'a text');
    words.take('=');
    words.match(isText, 'a text');
    return;
  }
  words.take('CREATE');
  if (!words.has('STREAM')) words.take('TABLE');
  words.identifier();
  if (words.has('AS')) {
    readQuery(words);
    return;
  }
  words.take('(');
  list(words, readElement);
  words.take(')', 'WITH', '(');
  list(words, () => {
    words.identifier();
    words.take('=');
    words.match(isText, 'a text');
  });
  words.take(')');
}

function readElement(words: Words): void {
  words.identifier();
  readType(words);
  if (words.has('PRIMARY')) words.take('KEY');
}

function readType(words: Words): void {
  if (words.has('DECIMAL', '(')) {
    words.match(isNumber, 'a precision');
    words.take(',');
    words.match(isNumber, 'a scale');
    words.take(')');
  } else if (words.has('ARRAY', '<')) {
    readType(words);
    words.take('>');
  } else if (words.has('STRUCT', '<')) {
    list(words, readElement);
    words.take('>');
  } else {
    words.match(/^(?:VARCHAR|BOOLEAN|INTEGER|BIGINT|DOUBLE|BYTES|TIMESTAMP|DATE|TIME)$/, 'a type');
  }
}

function readQuery(words: Words): void {
  words.take('SELECT');
  list(words, () => {
    readExpression(words);
    if (words.has('AS')) words.identifier();
  });
  words.take('FROM');
  words.identifier();
  if (words.has('WINDOW')) readWindow(words);
  if (words.has('WHERE')) readExpression(words);
  if (words.has('GROUP', 'BY')) list(words, readValue);
  if (words.has('HAVING')) readExpression(words);
  words.take('EMIT', 'CHANGES');
}

function readWindow(words: Words): void {
  const duration = (): void => {
    words.match(isNumber, 'a number');
    words.match(/^(?:SECOND|MINUTE|HOUR|DAY)S?$/, 'a unit');
  };
  words.take('TUMBLING', '(', 'SIZE');
  duration();
  if (words.has(',', 'RETENTION')) duration();
  if (words.has(',', 'GRACE', 'PERIOD')) duration();
  words.take(')');
}

function readExpression(words: Words): void {
  readValue(words);
  if (words.has('IS')) {
    words.has('NOT');
    words.take('NULL');
  } else if (['=', '<>', '<', '>'].some((operator) => words.has(operator))) {
    readValue(words);
  }
  if (words.has('AND') || words.has('OR')) readExpression(words);
}

function readValue(words: Words): void {
  readPrimary(words);
  while (words.has('->')) words.identifier();
  if (['*', '/', '+', '-'].some((operator) => words.has(operator))) readValue(words);
}

function readPrimary(words: Words): void {
  const word = words.next();
  if (isText.test(word) || isNumber.test(word)) {
    words.has(word);
  } else if (words.has('CASE')) {
    readCase(words);
  } else if (words.has('CAST', '(')) {
    readExpression(words);
    words.take('AS');
    readType(words);
    words.take(')');
  } else {
    words.identifier();
    if (!words.has('(')) return;
    if (!words.has('*')) list(words, readExpression);
    words.take(')');
  }
}

function readCase(words: Words): void {
  while (words.has('WHEN')) {
    readExpression(words);
    words.take('THEN');
    readExpression(words);
  }
  if (words.has('ELSE')) readExpression(words);
  words.take('END');
}
