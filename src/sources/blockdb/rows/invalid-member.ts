/** What is said of a member that a row cannot be made of. */
import { DataError } from '../../../model/errors.ts';
import type { BlockdbDataset } from '../messages.ts';

/** `row.invalid` that names dataset, member, value and expectation. */
export function invalidMember(
  dataset: BlockdbDataset,
  name: string,
  { value, expected }: { readonly value: unknown; readonly expected: string },
): DataError {
  const shown = shownValue(value);
  return new DataError('row.invalid', {
    stage: 'sources',
    message: `"${name}" of a BlockDB row of ${dataset} is ${shown}, expected ${expected}. If BlockDB is right, report it with the block.`,
    context: { dataset, field: name, value: shown, expected },
  });
}

/** Nested values are not written out: one that is too deep could not be. */
function shownValue(value: unknown): string {
  if (value === undefined || value === null) return 'missing';
  if (Array.isArray(value))
    return value.some(isNested) ? `a list of ${value.length}` : listed(value);
  if (typeof value === 'object') return 'an object';
  return typeof value === 'string' ? `"${value.slice(0, 80)}"` : String(value).slice(0, 80);
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function listed(items: readonly unknown[]): string {
  return `[${items.map(String).join(', ').slice(0, 80)}]`;
}
