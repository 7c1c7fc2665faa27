/**
 * Brings the file's tree, references and environment variables into one convict configuration, and
 * lists everything that is wrong with them.
 */
import convict from 'convict';
import type { OptionSchema } from '../sources/source.ts';
import { closest } from './closest.ts';
import { isMapping } from './formats.ts';
import { type Mistake, wrongValue } from './mistakes.ts';
import { formatOf, isOption, leavesOf, type OptionTree, variableName } from './option.ts';
import { type ReferenceScope, resolveReferences } from './secrets.ts';

/** Complete values (defaults filled in) and what is wrong with the given ones. */
export interface Collected {
  readonly values: Readonly<Record<string, unknown>>;
  readonly mistakes: readonly Mistake[];
}

// A format without a converter: convict then leaves texts alone instead of guessing numbers in them.
convict.addFormat({
  name: 'checked',
  validate: (value: unknown, schema: convict.SchemaObj) => {
    const { check } = schema;
    if (typeof check === 'function') check(value);
  },
});

/** Reads all options of `schema`; a variable of the environment goes before the file. */
export function collect(
  tree: Readonly<Record<string, unknown>>,
  schema: OptionTree,
  scope: ReferenceScope,
): Collected {
  const given = new Map<string, unknown>();
  const mistakes: Mistake[] = [];
  readTree(tree, schema, { path: [], given, mistakes, scope });
  const variables = readVariables(schema, scope.environment, given);
  const check = (path: string, option: OptionSchema, value: unknown): void => {
    const variable = variables.get(path);
    const place = variable === undefined ? path : `${variable} (${path})`;
    const mistake = checkValue(place, option, value);
    if (mistake !== undefined) mistakes.push(mistake);
  };
  const config = convict<Record<string, unknown>>(toConvict(schema, [], check), {
    env: {},
    args: [],
  });
  for (const [path, value] of given) config.set(path, [value]);
  config.validate({ allowed: 'strict' });
  return { values: unbox(config.getProperties(), schema), mistakes };
}

// Every value stands in a list of one: convict looks into mappings and takes a dot in their keys
// (`{ "BTC.PERP": 0 }`) for a path of its own.
function unbox(values: unknown, schema: OptionTree): Record<string, unknown> {
  const entries = isMapping(values) ? Object.entries(values) : [];
  return Object.fromEntries(
    entries.map(([name, value]) => {
      const node = schema[name];
      if (node === undefined || !isOption(node)) return [name, unbox(value, node ?? {})];
      return [name, Array.isArray(value) ? value[0] : value];
    }),
  );
}

type Check = (path: string, option: OptionSchema, value: unknown) => void;

function toConvict(
  tree: OptionTree,
  path: readonly string[],
  check: Check,
): convict.Schema<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(tree).map(([name, node]) => {
      const here = [...path, name];
      if (!isOption(node)) return [name, toConvict(node, here, check)];
      const leaf = {
        doc: node.doc,
        default: [node.default],
        sensitive: node.sensitive === true,
        format: 'checked',
        check: ([value]: readonly unknown[]) => check(here.join('.'), node, value),
      };
      return [name, leaf];
    }),
  );
}

interface Reading {
  readonly path: readonly string[];
  readonly given: Map<string, unknown>;
  readonly mistakes: Mistake[];
  readonly scope: ReferenceScope;
}

function readTree(
  tree: Readonly<Record<string, unknown>>,
  schema: OptionTree,
  reading: Reading,
): void {
  for (const [name, value] of Object.entries(tree)) {
    const here = [...reading.path, name];
    const node = Object.hasOwn(schema, name) ? schema[name] : undefined;
    if (node === undefined) reading.mistakes.push(unknownOption(here, schema));
    else if (isOption(node)) readOption(value, node, { ...reading, path: here });
    else if (isMapping(value)) readTree(value, node, { ...reading, path: here });
    else if (value !== null) reading.mistakes.push(notAGroup(here, value, node));
  }
}

function readOption(raw: unknown, option: OptionSchema, reading: Reading): void {
  const path = reading.path.join('.');
  const resolved = resolveReferences(raw, reading.scope);
  if (!resolved.ok) {
    reading.mistakes.push({ path, message: resolved.problem });
    return;
  }
  const { value } = resolved;
  const isLoneElement = !accepts(option, value) && accepts(option, [value]);
  reading.given.set(path, isLoneElement ? [value] : value);
}

function readVariables(
  schema: OptionTree,
  environment: ReferenceScope['environment'],
  given: Map<string, unknown>,
): Map<string, string> {
  const used = new Map<string, string>();
  for (const { path, option } of leavesOf(schema)) {
    const name = variableName(path);
    const text = environment[name];
    // Container tools pass variables that nobody set as empty text.
    if (text === undefined || text === '') continue;
    given.set(path.join('.'), formatOf(option).parse(text));
    used.set(path.join('.'), name);
  }
  return used;
}

function accepts(option: OptionSchema, value: unknown): boolean {
  return expectationOf(option, value) === undefined;
}

function checkValue(path: string, option: OptionSchema, value: unknown): Mistake | undefined {
  const text = expectationOf(option, value);
  if (text === undefined) return undefined;
  const shown = value === null ? undefined : value;
  return wrongValue(path, shown, { text, isSensitive: option.sensitive === true });
}

/** What was expected instead of this value; undefined when the value is fine. */
function expectationOf(option: OptionSchema, value: unknown): string | undefined {
  if (value === null && option.nullable === true) return undefined;
  try {
    formatOf(option)(value);
    return undefined;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // A source's own check might quote the value.
    return option.sensitive === true ? formatOf(option).expected : message;
  }
}

function unknownOption(path: readonly string[], schema: OptionTree): Mistake {
  const known = Object.keys(schema);
  const near = closest(path.at(-1) ?? '', known);
  const hint =
    near === undefined ? `expected one of ${known.join(', ')}` : `did you mean "${near}"?`;
  return { path: path.join('.'), message: `is not an option; ${hint}` };
}

/** Without the value: a text in place of a group may be the group's secret. */
function notAGroup(path: readonly string[], value: unknown, schema: OptionTree): Mistake {
  const type = Array.isArray(value) ? 'list' : typeof value;
  const names = Object.keys(schema).join(', ');
  return {
    path: path.join('.'),
    message: `is a ${type}, expected a mapping with any of ${names}`,
  };
}
