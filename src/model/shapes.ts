/**
 * Functions generated for objects with properties of known names. Where a name comes from a variable,
 * the runtime looks it up each time, and copying an object of many shapes costs ten times as much as a
 * literal: of rows of thirty columns, tens of thousands a second, that is a sixth of the work.
 */

type PropertyReader = (object: Readonly<Record<string, unknown>>) => readonly unknown[];

/** By their code: one that is warm already is used again. */
const readers = new Map<string, PropertyReader>();

/** Makes objects with these properties in this order, each null. */
export function blankMaker(names: readonly string[]): () => Record<string, null> {
  const properties = names.map((name) => `${JSON.stringify(name)}: null`);
  return new Function(`return { ${properties.join(', ')} };`) as () => Record<string, null>;
}

/** Reads these properties in this order; undefined for those that are missing. */
export function propertyReader(names: readonly string[]): PropertyReader {
  const values = names.map((name) => `object[${JSON.stringify(name)}]`);
  const code = `return [${values.join(', ')}];`;
  const reader = readers.get(code) ?? (new Function('object', code) as PropertyReader);
  readers.set(code, reader);
  return reader;
}

/** How many properties an object has. */
export function propertyCount(object: object): number {
  let count = 0;
  for (const _ in object) count += 1;
  return count;
}
