/** Parameters of subscriptions as configuration: what BlockDB has none of is refused here already. */
import type { BlockdbDataset } from './messages.ts';
import { intervalSeconds } from './tables/bars.ts';
import type { Param } from './tables/table.ts';
import { blockdbDatasets, blockdbTables } from './tables/tables.ts';

type Mapping = Readonly<Record<string, unknown>>;

/** One thing to correct: where, and what is there and what was expected. */
interface Problem {
  readonly path: string;
  readonly message: string;
}

/**
 * What BlockDB would refuse of these filters, by dataset, parameter and value, in their order; also
 * that a dataset lacks parameters without which BlockDB does not give it.
 */
export function filterProblems(filters: unknown): readonly Problem[] {
  return Object.entries(isMapping(filters) ? filters : {}).flatMap(([dataset, list]) => {
    const path = `filters.${dataset}`;
    if (!isDataset(dataset)) {
      const message = `is no dataset of BlockDB, expected one of ${blockdbDatasets.join(', ')}`;
      return [{ path, message }];
    }
    if (!Array.isArray(list) || list.length === 0) {
      return [wrong(path, list, `a list of mappings with ${parameterNames(dataset)}`)];
    }
    return list.flatMap((filter, index) => problemsOf(filter, dataset, `${path}[${index}]`));
  });
}

function problemsOf(filter: unknown, dataset: BlockdbDataset, path: string): readonly Problem[] {
  if (!isMapping(filter)) {
    return [wrong(path, filter, `a mapping with ${parameterNames(dataset)}`)];
  }
  const { params } = blockdbTables[dataset];
  const problems = Object.entries(filter).flatMap(([name, given]) => {
    const param = params.find((each) => each.name === name);
    const at = `${path}.${name}`;
    if (param !== undefined) return valueProblems(given, param, at);
    const message = `is no parameter of ${dataset}, expected ${parameterNames(dataset)}`;
    return [{ path: at, message }];
  });
  const needed = params.filter(({ isRequired }) => isRequired).map(({ name }) => name);
  const lacking = needed.filter((name) => !(name in filter));
  if (lacking.length === 0) return problems;
  const message = `lacks ${lacking.join(' and ')}: each filter of ${dataset} needs ${needed.join(' and ')}`;
  return [...problems, { path, message }];
}

function parameterNames(dataset: BlockdbDataset): string {
  const names = blockdbTables[dataset].params.map(({ name }) => name);
  return names.length === 0 ? 'no parameter: it has none' : `one or more of ${names.join(', ')}`;
}

function wrong(path: string, value: unknown, expected: string): Problem {
  const text = JSON.stringify(value) ?? 'missing';
  const shown = text.length > 80 ? `${text.slice(0, 79)}…` : text;
  return { path, message: `is ${shown}, expected ${expected}` };
}

/** Of a list, each item that is wrong. */
function valueProblems(given: unknown, param: Param, path: string): readonly Problem[] {
  const one = expectationOf(param);
  if (!param.isList) return isValue(given, param) ? [] : [wrong(path, given, one)];
  if (!Array.isArray(given) || given.length === 0) {
    return [wrong(path, given, `a list of at least one: ${one}`)];
  }
  return given.flatMap((item, index) =>
    isValue(item, param) ? [] : [wrong(`${path}[${index}]`, item, one)],
  );
}

function expectationOf({ form, sizeBytes }: Param): string {
  const bytes = sizeBytes === null ? 'whole bytes' : `${sizeBytes} bytes`;
  return {
    long: 'a whole number',
    flag: 'true or false',
    text: 'text that is not empty',
    interval: `one of ${Object.keys(intervalSeconds).join(', ')}`,
    hex: `${bytes} of lower-case hex without 0x`,
  }[form];
}

function isValue(value: unknown, { form, sizeBytes }: Param): boolean {
  switch (form) {
    case 'long':
      return Number.isSafeInteger(value);
    case 'flag':
      return typeof value === 'boolean';
    case 'text':
      return typeof value === 'string' && value !== '';
    case 'interval':
      return typeof value === 'string' && Object.hasOwn(intervalSeconds, value);
    case 'hex':
      return (
        typeof value === 'string' &&
        /^(?:[0-9a-f]{2})+$/.test(value) &&
        (sizeBytes === null || value.length === sizeBytes * 2)
      );
  }
}

function isDataset(name: string): name is BlockdbDataset {
  return Object.hasOwn(blockdbTables, name);
}

/** True for an object that is no list. */
export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
