/** Which changes `ommer tail` shows. */
import type { Change } from './change.ts';
import { toJson } from './decoder.ts';

export interface Filter {
  /** Part of the key as JSON; an identity column's value finds its rows. */
  readonly key: string | undefined;
  readonly onlyReorgs: boolean;
}

export function isShown(change: Change, filter: Filter): boolean {
  if (filter.onlyReorgs && change.reorgId === null) return false;
  if (filter.key === undefined) return true;
  // Rows are looked at too: the key of a changelog holds the identity, not the account or contract.
  const text = JSON.stringify([change.key, change.row], toJson);
  return text.toLowerCase().includes(filter.key.toLowerCase());
}
