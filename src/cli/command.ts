/** What a command is, and how its arguments are read: strictly, with a hint for a mistyped one. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { closest } from '../config/closest.ts';
import type { Io } from './io.ts';

/** One `--option`. */
export interface OptionSpec {
  readonly doc: string;
  /** Placeholder of the value; an option without one is a switch. */
  readonly value?: string;
  /** May be given more than once. */
  readonly isList?: boolean;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** After `ommer`. */
  readonly usage: string;
  /** What somebody should know before using it. */
  readonly about: string;
  readonly options: Readonly<Record<string, OptionSpec>>;
  readonly examples: readonly string[];
  /** Names of positional arguments; the last may end in `…`. */
  readonly positionals: readonly string[];
  /** The exit code. Throws what failed. */
  run(args: Arguments, io: Io): Promise<number>;
}

/** Arguments of one call, checked against the command. */
export interface Arguments {
  readonly positionals: readonly string[];
  flag(name: string): boolean;
  text(name: string): string | undefined;
  list(name: string): readonly string[];
  /** A whole number of at least `min`. Throws `UsageError`. */
  number(name: string, min: number): number | undefined;
}

/** The command line was not understood: exit code 64. */
export class UsageError extends Error {}

/** Throws `UsageError` for anything the command does not declare. */
export function parseArguments(command: Command, argv: readonly string[]): Arguments {
  const options: ParseArgsConfig['options'] = { help: { type: 'boolean' } };
  for (const [name, spec] of Object.entries(command.options)) {
    options[name] = {
      type: spec.value === undefined ? 'boolean' : 'string',
      multiple: spec.isList === true,
    };
  }
  const { values, positionals } = parse(argv, options, Object.keys(command.options));
  const last = command.positionals.at(-1);
  const extra = positionals[command.positionals.length];
  if (extra !== undefined && last?.endsWith('…') !== true) {
    throw new UsageError(`"${extra}" is one argument too many.`);
  }
  const text = (name: string): string | undefined => {
    const value = values[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    positionals,
    flag: (name) => values[name] === true,
    text,
    list: (name) => {
      const value = values[name];
      return Array.isArray(value) ? value.map(String) : [];
    },
    number: (name, min) => wholeNumber(name, text(name), min),
  };
}

function parse(
  argv: readonly string[],
  options: NonNullable<ParseArgsConfig['options']>,
  known: readonly string[],
) {
  try {
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const empty = /^Option '(?:-\w, )?(--\S+) <value>' argument missing/.exec(message)?.[1];
    if (empty !== undefined) throw new UsageError(`${empty} needs a value.`);
    const unknown = /^Unknown option '(-+[^' =]+)/.exec(message)?.[1];
    if (unknown === undefined) throw new UsageError(message.split('\n')[0] ?? message);
    const near = closest(unknown.replace(/^-+/, ''), ['help', ...known]);
    throw new UsageError(
      `There is no option ${unknown}.${near === undefined ? '' : ` Did you mean --${near}?`}`,
    );
  }
}

function wholeNumber(name: string, text: string | undefined, min: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= min) return value;
  throw new UsageError(`--${name} is "${text}", expected a whole number of at least ${min}.`);
}

/** Milliseconds since 1970 of a time as somebody writes it. Throws `UsageError`. */
export function timeFrom(name: string, text: string): number {
  const timeMs = /^\d+$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isSafeInteger(timeMs)) return timeMs;
  throw new UsageError(
    `--${name} is "${text}", expected a time such as 2024-01-31T12:00:00Z, or milliseconds since 1970.`,
  );
}

/** One of the verbs of a command with several. Throws `UsageError` with a hint. */
export function verbOf<V extends string>(args: Arguments, verbs: readonly V[]): V {
  const [given] = args.positionals;
  const verb = verbs.find((candidate) => candidate === given);
  if (verb !== undefined) return verb;
  const expected = `expected ${verbs.join(', ')}`;
  if (given === undefined) throw new UsageError(`A verb is missing: ${expected}.`);
  const near = closest(given, verbs);
  const hint = near === undefined ? expected : `did you mean "${near}"?`;
  throw new UsageError(`There is no verb "${given}"; ${hint}${near === undefined ? '.' : ''}`);
}
