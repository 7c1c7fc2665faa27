/** A subscription's filter in the words of REST, which calls some parameters otherwise. */
import type { BlockdbDataset, WireFields } from '../messages.ts';
import { transferTypes } from '../rows/forms.ts';
import { blockdbTables } from '../tables/tables.ts';

/**
 * The filters to ask REST with, in turn: one, or one for each combination of values where REST takes one
 * value and the stream a list. A parameter that REST has none for is left out.
 */
export function restFilters(dataset: BlockdbDataset, params: WireFields): readonly WireFields[] {
  let filters: readonly WireFields[] = [{}];
  for (const { name, form, rest } of blockdbTables[dataset].params) {
    const given = params[name];
    if (rest === null || given === undefined) continue;
    const items: readonly unknown[] = Array.isArray(given) ? given : [given];
    const values = items.map((value) => (rest.form === form ? value : numbered(value)));
    const alternatives = rest.isList ? [values] : values;
    filters = filters.flatMap((filter) =>
      alternatives.map((value) => ({ ...filter, [rest.name]: value })),
    );
  }
  return filters;
}

/** Only of transfer types the stream takes names, and REST their numbers. */
function numbered(value: unknown): unknown {
  const number = transferTypes.indexOf(String(value));
  return number < 0 ? value : number;
}
