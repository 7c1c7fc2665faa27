/** The channels: method, target, filters, limit, and which rows a batch of levels selects. */
import type { Row } from '../chain/table.ts';
import type { TableName, Tables } from '../chain/tables.ts';
import type { Argument } from './arguments.ts';
import {
  accountLeaves,
  bigMapLeaves,
  eventLeaves,
  operationLeaves,
  ticketLeaves,
  tokenLeaves,
} from './filters.ts';
import type { Leaf } from './subscription.ts';

/** Limits of the server; leaves per connection unless said otherwise. */
export interface HubLimits {
  /** All connections of the process. */
  readonly connections: number;
  readonly operations: number;
  readonly bigmaps: number;
  readonly events: number;
  readonly accounts: number;
  readonly token_balances: number;
  readonly transfers: number;
  readonly ticket_balances: number;
  readonly ticket_transfers: number;
}

/** The defaults of the server. */
export const defaultLimits: HubLimits = {
  connections: 1000,
  operations: 50,
  bigmaps: 50,
  events: 50,
  accounts: 50,
  token_balances: 50,
  transfers: 50,
  ticket_balances: 50,
  ticket_transfers: 50,
};

/** A channel that shows rows of its table to those whose filters match. */
export interface RowChannel {
  /** The target of its messages, and the name of its table. */
  readonly name: Exclude<keyof HubLimits, 'connections'>;
  readonly method: string;
  leaves(argument: Argument): readonly Leaf[];
  /** True where the rows of retroactively recognised tokens belong to a batch too. */
  readonly hasLateRows: boolean;
}

const late = { hasLateRows: true } as const;
const timely = { hasLateRows: false } as const;

/** All channels with filters. */
export const rowChannels: readonly RowChannel[] = [
  { name: 'operations', method: 'SubscribeToOperations', leaves: operationLeaves, ...timely },
  { name: 'bigmaps', method: 'SubscribeToBigMaps', leaves: bigMapLeaves, ...timely },
  { name: 'events', method: 'SubscribeToEvents', leaves: eventLeaves, ...timely },
  {
    name: 'transfers',
    method: 'SubscribeToTokenTransfers',
    leaves: (argument) => tokenLeaves(argument, ['from', 'to']),
    ...late,
  },
  {
    name: 'token_balances',
    method: 'SubscribeToTokenBalances',
    leaves: (argument) => tokenLeaves(argument, ['account']),
    ...late,
  },
  {
    name: 'ticket_transfers',
    method: 'SubscribeToTicketTransfers',
    leaves: (argument) => ticketLeaves(argument, ['from', 'to']),
    ...timely,
  },
  {
    name: 'ticket_balances',
    method: 'SubscribeToTicketBalances',
    leaves: (argument) => ticketLeaves(argument, ['account']),
    ...timely,
  },
  { name: 'accounts', method: 'SubscribeToAccounts', leaves: accountLeaves, ...timely },
];

/** The channels, as faults name them. */
export const channelNames: readonly string[] = [
  'head',
  'blocks',
  'cycles',
  ...rowChannels.map((channel) => channel.name),
];

/** The rows with a level in `(valid, level]`, and late ones indexed there, by ascending id. */
export function rowsBetween(
  tables: Tables,
  name: TableName,
  range: { readonly valid: number; readonly level: number; readonly hasLateRows: boolean },
): readonly Row[] {
  const isWithin = (level: number): boolean => level > range.valid && level <= range.level;
  return tables.byName[name].rows.filter(
    (row) =>
      isWithin(row.level) ||
      (range.hasLateRows &&
        row.level <= range.valid &&
        row.indexedAt !== undefined &&
        isWithin(row.indexedAt)),
  );
}
