/** The printed form of a whole configuration: every option with its value, no secret. */
import type { Config } from './config.ts';
import { isMapping } from './formats.ts';
import { isOption, type OptionTree } from './option.ts';
import { redactValue } from './redact.ts';
import { rootSchema } from './schema.ts';
import type { Definitions } from './source-schema.ts';

/** A copy that is safe to print. Values without an option of the schema are derived, not secret. */
export function redactConfig(
  config: Config,
  definitions: Definitions,
): Readonly<Record<string, unknown>> {
  const { sources, ...root } = config;
  return {
    ...redactTree(root, rootSchema),
    sources: sources.map((source) => ({
      ...source,
      options: redactTree(source.options, (definitions[source.kind]?.config ?? {}) as OptionTree),
    })),
  };
}

function redactTree(
  values: Readonly<Record<string, unknown>>,
  schema: OptionTree,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => {
      const node = schema[name];
      if (node === undefined) return [name, redactValue(value, false)];
      if (isOption(node)) return [name, redactValue(value, node.sensitive === true)];
      return [name, isMapping(value) ? redactTree(value, node) : value];
    }),
  );
}
