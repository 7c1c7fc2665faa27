/**
 * A tree of options, and the formats that sources give theirs in convict's own forms (names,
 * constructors, lists of values, functions) brought to the one form of `formats.ts`.
 */
import type { OptionSchema } from '../sources/source.ts';
import {
  createFormat,
  type Format,
  flag,
  integer,
  isMapping,
  parseJson,
  splitList,
  text,
} from './formats.ts';

/** Options and groups of options by name. */
export interface OptionTree {
  readonly [name: string]: OptionSchema | OptionTree;
}

/** True for an option; false for a group. */
export function isOption(node: OptionSchema | OptionTree): node is OptionSchema {
  return 'default' in node && 'format' in node;
}

/** One option of the whole tree with its place: `['kafka', 'tls', 'ca']`. */
export interface Leaf {
  readonly path: readonly string[];
  readonly option: OptionSchema;
}

/** All options, in the order of the schema. */
export function* leavesOf(tree: OptionTree, path: readonly string[] = []): Generator<Leaf> {
  for (const [name, node] of Object.entries(tree)) {
    const here = [...path, name];
    if (isOption(node)) yield { path: here, option: node };
    else yield* leavesOf(node, here);
  }
}

/** `['sources', 'mainnet', 'pollMs']` → `OMMER_SOURCES_MAINNET_POLL_MS`. */
export function variableName(path: readonly string[]): string {
  return ['ommer', ...path]
    .map((part) => part.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').replaceAll(/[^A-Za-z0-9]/g, '_'))
    .join('_')
    .toUpperCase();
}

/** The option's format in our own form. */
export function formatOf(option: OptionSchema): Format {
  const { format } = option;
  if (typeof format === 'string') return namedFormat(format);
  if (Array.isArray(format)) return valuesFormat(format);
  if (typeof format !== 'function') return namedFormat(typeNameOf(option.default));
  const builtIn = builtIns.get(format);
  if (builtIn !== undefined) return namedFormat(builtIn);
  return isFormat(format) ? format : foreignFormat(format, option);
}

const builtIns = new Map<unknown, string>([
  [String, 'string'],
  [Number, 'number'],
  [Boolean, 'boolean'],
  [Array, 'array'],
  [Object, 'object'],
]);

function typeNameOf(value: unknown): string {
  return Array.isArray(value) ? 'array' : typeof value;
}

function isFormat(format: unknown): format is Format {
  return typeof format === 'function' && 'expected' in format && 'parse' in format;
}

function namedFormat(name: string): Format {
  switch (name.toLowerCase()) {
    case 'string':
      return text;
    case 'boolean':
      return flag;
    case 'int':
    case 'integer':
      return integer(Number.MIN_SAFE_INTEGER);
    case 'nat':
      return integer(0);
    case 'port':
      return integer(0, 65_535);
    case 'number':
      return createFormat(
        'a number',
        (v) => typeof v === 'number' && Number.isFinite(v),
        parseJson,
      );
    case 'array':
      return createFormat('a list', Array.isArray, splitList);
    case 'object':
      return createFormat('a mapping', isMapping, parseJson);
    case '*':
      return createFormat('any value', () => true, parseJson);
    default:
      throw new Error(`Option schema uses an unknown format "${name}".`);
  }
}

function valuesFormat(values: readonly unknown[]): Format {
  const expected = `one of ${values.map(String).join(', ')}`;
  const parse = (t: string): unknown => values.find((v) => String(v) === t) ?? t;
  return createFormat(expected, (v) => values.includes(v), parse);
}

/** A function of a source: convict's contract is that it throws with what it expected. */
function foreignFormat(
  format: { readonly name: string; call: (self: null, value: unknown) => unknown },
  option: OptionSchema,
): Format {
  const parse = (t: string): unknown => {
    if (Array.isArray(option.default)) return splitList(t);
    return /^(-?\d+|true|false|\[.*\]|\{.*\})$/s.test(t) ? parseJson(t) : t;
  };
  const check = (value: unknown): void => {
    format.call(null, value);
  };
  const type = typeNameOf(option.default);
  const expected = { array: 'a list', object: 'see the description' }[type] ?? `a ${type}`;
  return Object.assign(check, { expected, parse });
}
