/** Compares what a reader of the tzkt source holds with the simulator's own chain, row for row. */
import assert from 'node:assert/strict';
import type { TzktSimulator } from '../../../src/devnet/tzkt/simulator.ts';
import type { Event, Row } from '../../../src/model/event.ts';
import { tzktChannels } from '../../../src/sources/tzkt/channels.ts';
import type { TzktDataset, WireFields } from '../../../src/sources/tzkt/messages.ts';
import { someKinds, type TzktFold } from './tzkt-fold.ts';

/** Names of the simulator's tables. */
const tables = {
  blocks: 'blocks',
  operations: 'operations',
  bigmaps: 'bigmaps',
  events: 'events',
  token_transfers: 'transfers',
  token_balances: 'token_balances',
  ticket_transfers: 'ticket_transfers',
  ticket_balances: 'ticket_balances',
  accounts: 'accounts',
} as const;

/** Datasets where a later row of the same key takes the place of an earlier one. */
export const states: ReadonlySet<string> = new Set([
  'token_balances',
  'ticket_balances',
  'accounts',
]);
const wherePublished = ['height', 'block_hash', 'block_time'];

/** Throws, naming the dataset, when a row is missing, doubled, left over or different. */
export function assertSameRows(
  reader: Pick<TzktFold, 'rows' | 'picture'>,
  simulator: TzktSimulator,
  isRead: (kind: string) => boolean = (kind) => someKinds.includes(kind),
): void {
  const canonical = simulator.canonical();
  const blocks = new Map(canonical.blocks.map((block) => [Number(block['level']), block]));
  for (const [dataset, table] of Object.entries(tables) as [TzktDataset, 'blocks'][]) {
    const items = canonical[table].filter(
      (item) => dataset !== 'operations' || isRead(String(item['type'])),
    );
    const expected = items.flatMap((item) => rowsOf(dataset, item, blocks));
    assert.deepEqual(
      textsOf(dataset, current(dataset, reader.rows(dataset))),
      textsOf(dataset, expected),
      `${dataset} after ${reader.picture}`,
    );
  }
}

function rowsOf(
  dataset: TzktDataset,
  fields: WireFields,
  blocks: ReadonlyMap<number, WireFields>,
): Event[] {
  const level = Number(fields['lastActivity'] ?? fields['lastLevel'] ?? fields['level']);
  const block = blocks.get(level);
  const origin = {
    chain: 'tezos:NetXSCw6Rghzp68',
    source: 'test',
    height: level,
    blockHash: String(block?.['hash']),
    blockTimeMs: Date.parse(String(block?.['timestamp'])),
    isBackfill: false,
    receivedAtUs: 0,
  };
  const parentHash = String(blocks.get(level - 1)?.['hash'] ?? '');
  return [...tzktChannels[dataset].normalize({ dataset, fields, parentHash }, origin)];
}

function current(dataset: string, rows: readonly Event[]): readonly Event[] {
  if (!states.has(dataset)) return rows;
  return [...new Map(rows.map((event) => [event.index, event])).values()];
}

function textsOf(dataset: string, events: readonly Event[]): readonly string[] {
  // Tokens that were recognised later stand in the block at which they were.
  const isPlaced = !dataset.startsWith('token_');
  const isShown = ([name, value]: readonly [string, unknown]) =>
    value !== null && (isPlaced || !wherePublished.includes(name));
  const text = (row: Row) => JSON.stringify(Object.entries(row).filter(isShown).sort());
  return events.map(({ row }) => text(row)).sort();
}
