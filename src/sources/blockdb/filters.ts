/** Parameters of subscriptions as configuration: what BlockDB has none of is refused here already. */
import type { BlockdbDataset } from './messages.ts';
import type { Param } from './tables/table.ts';
import { blockdbTables } from './tables/tables.ts';

type Mapping = Readonly<Record<string, unknown>>;

/** True for a mapping of datasets to lists of parameters of theirs. */
export function isFilterMap(value: unknown): boolean {
  if (!isMapping(value)) return false;
  return Object.entries(value).every(([dataset, list]) => {
    const table = Object.hasOwn(blockdbTables, dataset)
      ? blockdbTables[dataset as BlockdbDataset]
      : undefined;
    if (table === undefined || !Array.isArray(list) || list.length === 0) return false;
    return list.every((filter) => isFilter(filter, table.params));
  });
}

/** What is missing: datasets that BlockDB gives only with parameters. */
export function requiredFilters(filters: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.values(blockdbTables).flatMap(({ dataset, params }) => {
    const needed = params.filter(({ isRequired }) => isRequired).map(({ name }) => name);
    const given = filters[dataset];
    if (needed.length === 0 || !Array.isArray(given)) return [];
    const hasAll = given.every((filter) => isMapping(filter) && needed.every((n) => n in filter));
    return hasAll ? [] : [`of ${dataset} lack a parameter: each needs ${needed.join(' and ')}`];
  });
}

function isFilter(value: unknown, params: readonly Param[]): boolean {
  if (!isMapping(value)) return false;
  return Object.entries(value).every(([name, given]) => {
    const param = params.find((each) => each.name === name);
    if (param === undefined) return false;
    if (!param.isList) return isValue(given, param);
    return Array.isArray(given) && given.length > 0 && given.every((each) => isValue(each, param));
  });
}

function isValue(value: unknown, { form, sizeBytes }: Param): boolean {
  switch (form) {
    case 'long':
      return Number.isSafeInteger(value);
    case 'flag':
      return typeof value === 'boolean';
    case 'text':
      return typeof value === 'string' && value !== '';
    case 'hex':
      return (
        typeof value === 'string' &&
        /^(?:[0-9a-f]{2})+$/.test(value) &&
        (sizeBytes === null || value.length === sizeBytes * 2)
      );
  }
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
