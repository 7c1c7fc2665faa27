/** Options of a source kind in a test, without a configuration file. */
import assert from 'node:assert/strict';
import type { ConfigSchema, OptionSchema } from '../../../src/sources/source.ts';

/** What is given; what is not has its default. */
export function optionsOf<C extends object>(schema: ConfigSchema<C>, given: Partial<C>): C {
  const options: Partial<C> = { ...defaultsOf(schema), ...given };
  assert(isWhole(schema, options));
  return options;
}

/** The same of values that nobody has looked at: each is checked by its option's own format. */
export function checkedOptions<C extends object>(
  schema: ConfigSchema<C>,
  values: Readonly<Record<string, unknown>>,
): C {
  const options: object = { ...defaultsOf(schema), ...values };
  assert(isChecked(schema, options));
  return options;
}

function defaultsOf<C>(schema: ConfigSchema<C>): Partial<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries<OptionSchema>(schema).map(([name, option]) => [name, option.default]),
  );
}

function isWhole<C extends object>(schema: ConfigSchema<C>, options: object): options is C {
  return Object.keys(schema).every((name) => name in options);
}

function isChecked<C extends object>(schema: ConfigSchema<C>, options: object): options is C {
  const values = new Map<string, unknown>(Object.entries(options));
  for (const [name, { format, nullable }] of Object.entries<OptionSchema>(schema)) {
    const value = values.get(name);
    assert(typeof format === 'function', `${name} has no format that can be called`);
    if (value !== null || nullable !== true) format(value);
  }
  return isWhole(schema, options);
}
