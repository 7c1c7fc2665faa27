/** Checks the values that a client gives for filters; tells everything that is wrong at once. */
import type { Item, Json } from '../../simulator/json.ts';
import type { Filter, FilterKind } from './filters.ts';

/** What is wrong with a parameter. */
export interface InvalidParameter {
  readonly name: string;
  readonly reason:
    | 'invalid_format'
    | 'invalid_type'
    | 'invalid_value'
    | 'missing'
    | 'unknown_parameter';
}

/** What to check against. */
export interface ParameterRules {
  readonly filters: Readonly<Record<string, Filter>>;
  /** Before each name: `params.` on the stream. */
  readonly prefix: string;
  readonly refusesUnknown: boolean;
  readonly listMax: number;
}

/** All that is wrong; empty when nothing is. */
export function invalidParameters(given: Item, rules: ParameterRules): readonly InvalidParameter[] {
  const { filters, prefix, refusesUnknown } = rules;
  const wrong: InvalidParameter[] = [];
  for (const [name, value] of Object.entries(given)) {
    const filter = Object.hasOwn(filters, name) ? filters[name] : undefined;
    if (filter !== undefined && value !== undefined) {
      wrong.push(...wrongValues(`${prefix}${name}`, value, { kind: filter.kind, rules }));
    } else if (refusesUnknown) {
      wrong.push({ name: `${prefix}${name}`, reason: 'unknown_parameter' });
    }
  }
  for (const { name, isRequired } of Object.values(filters)) {
    if (isRequired && given[name] === undefined) {
      wrong.push({ name: `${prefix}${name}`, reason: 'missing' });
    }
  }
  return wrong;
}

function wrongValues(
  name: string,
  value: Json,
  { kind, rules }: { readonly kind: FilterKind; readonly rules: ParameterRules },
): readonly InvalidParameter[] {
  const isList = 'isList' in kind && kind.isList;
  if (!isList) {
    const reason = reasonOf(kind, value);
    return reason === undefined ? [] : [{ name, reason }];
  }
  if (!Array.isArray(value)) return [{ name, reason: 'invalid_type' }];
  if (value.length > rules.listMax) return [{ name, reason: 'invalid_value' }];
  return value.flatMap((one: Json, n) => {
    const reason = reasonOf(kind, one);
    return reason === undefined ? [] : [{ name: `${name}[${n}]`, reason }];
  });
}

function reasonOf(kind: FilterKind, value: Json): InvalidParameter['reason'] | undefined {
  switch (kind.of) {
    case 'hex':
      return reasonOfHex(kind, value);
    case 'number':
      return Number.isInteger(value) ? undefined : 'invalid_type';
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'invalid_type';
    case 'word': {
      if (typeof value !== 'string') return 'invalid_type';
      return kind.allowed.includes(value) ? undefined : 'invalid_value';
    }
  }
}

function reasonOfHex(
  { bytes, isList }: Extract<FilterKind, { of: 'hex' }>,
  value: Json,
): InvalidParameter['reason'] | undefined {
  // `token_address: null` asks for the native coin.
  if (value === null && !isList) return undefined;
  if (typeof value !== 'string') return 'invalid_type';
  const isHex = value.length === bytes * 2 && /^[0-9a-f]*$/i.test(value);
  return isHex ? undefined : 'invalid_format';
}
