/** The operations of a block in lists by kind, as `operations=true` shows them: empty lists too. */
import { type Item, inOrder } from '../../simulator/json.ts';
import { futureKind, operationKinds } from '../chain/kinds/catalogue.ts';
import type { OperationKind } from '../chain/kinds/kind.ts';
import { shownRow, type Tables } from '../chain/tables.ts';

/** Names that do not follow from the path. */
const names: Readonly<Record<string, string>> = {
  double_baking: 'doubleBaking',
  double_consensus: 'doubleConsensus',
  dal_attestation_reward: 'dalAttestationRewards',
};
const selectOnly = new Set(['storage', 'diffs']);

/** The lists of one level. The server has none for `baking`. */
export function operationLists(tables: Tables, level: number, hasFutureKind: boolean): Item {
  const rows = tables.byName.operations.rows.filter((row) => row.level === level);
  const kinds = operationKinds.filter(({ type }) => type !== 'baking');
  return Object.fromEntries(
    [...kinds, ...(hasFutureKind ? [futureKind] : [])].map((kind) => [
      listName(kind),
      rows
        .filter((row) => row.kind?.type === kind.type)
        .map((row) => shownItem(shownRow(tables, row))),
    ]),
  );
}

function listName({ type, path }: OperationKind): string {
  const name = path.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  return names[type] ?? (path === type ? `${name}Ops` : name);
}

function shownItem(item: Item): Item {
  return inOrder(
    item,
    Object.keys(item).filter((name) => !selectOnly.has(name)),
  );
}
