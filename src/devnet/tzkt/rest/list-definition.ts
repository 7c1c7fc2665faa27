/** The list endpoints: table, columns, filters and sorts of each. */
import { blockColumns } from '../chain/block-item.ts';
import { futureKind, operationKinds } from '../chain/kinds/catalogue.ts';
import { type OperationKind, words } from '../chain/kinds/kind.ts';
import type { TableName } from '../chain/tables.ts';
import type { Column, ColumnType } from './column.ts';

/** One list endpoint. */
export interface ListDefinition {
  readonly path: string;
  readonly table: TableName | 'cycles';
  /** Only rows of this kind. */
  readonly kind?: OperationKind;
  /** What can be selected. */
  readonly columns: readonly string[];
  /** What comes under `select` only. */
  readonly selectOnly: readonly string[];
  readonly filters: Readonly<Record<string, Column>>;
  /** Sort names and their places. */
  readonly sorts: Readonly<Record<string, string>>;
  readonly defaultSort: { readonly place: string; readonly isDescending: boolean };
  /** Sorts by id where another endpoint refuses the sort field. */
  readonly hasSortFallback: boolean;
}

const selectOnlyColumns = ['storage', 'diffs'];

/** Code-hash filters, where the name says something else in each kind. */
const codeHashes: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  transaction: {
    codeHash: ['senderCodeHash', 'targetCodeHash'],
    targetCodeHash: ['targetCodeHash'],
  },
  origination: {
    codeHash: ['originatedContract.codeHash'],
    anyCodeHash: ['senderCodeHash', 'originatedContract.codeHash'],
  },
};

const common = columns('int', 'id level');
const timed = { ...common, timestamp: { type: 'time', places: ['timestamp'] } } as const;
const moved = { ...timed, indexedAt: { type: 'int', places: ['@indexedAt'] } } as const;
const state = {
  ...columns('int', 'id firstLevel lastLevel transfersCount'),
  ...columns('natural', 'balance'),
  account: { type: 'address', places: ['account'] },
  indexedAt: { type: 'int', places: ['@indexedAt'] },
} as const;
const token = {
  'token.id': { type: 'int', places: ['token.id'] },
  'token.contract': { type: 'address', places: ['token.contract'] },
  'token.tokenId': { type: 'natural', places: ['token.tokenId'] },
  'token.standard': { type: 'text', places: ['token.standard'] },
} as const;
const ticket = {
  'ticket.id': { type: 'int', places: ['ticket.id'] },
  'ticket.ticketer': { type: 'address', places: ['ticket.ticketer'] },
} as const;

const otherLists: readonly ListDefinition[] = [
  list('/v1/bigmaps/updates', 'bigmaps', {
    columns: 'id level timestamp bigmap contract path action content',
    filters: {
      ...timed,
      ...columns('int', 'bigmap'),
      ...columns('address', 'contract'),
      ...columns('text', 'path action'),
      tags: { type: 'text', places: ['path'] },
    },
    sorts: 'id level',
  }),
  list('/v1/contracts/events', 'events', {
    columns: 'id level timestamp contract codeHash tag payload transactionId type rawPayload',
    selectOnly: ['type', 'rawPayload'],
    filters: {
      ...timed,
      ...columns('int', 'codeHash transactionId'),
      ...columns('address', 'contract'),
      ...columns('text', 'tag'),
    },
    sorts: 'id level',
    hasSortFallback: true,
  }),
  list('/v1/tokens/transfers', 'transfers', {
    columns: 'id level timestamp token from to amount transactionId originationId migrationId',
    filters: {
      ...moved,
      ...token,
      ...columns('address', 'from to'),
      ...columns('natural', 'amount'),
    },
    sorts: 'id level',
    hasSortFallback: true,
  }),
  list('/v1/tokens/balances', 'token_balances', {
    columns:
      'id account token balance balanceValue transfersCount firstLevel firstTime lastLevel lastTime',
    filters: { ...state, ...token },
    sorts: 'id firstLevel lastLevel transfersCount',
    hasSortFallback: true,
  }),
  list('/v1/tickets/transfers', 'ticket_transfers', {
    columns:
      'id level timestamp ticket from to amount transactionId transferTicketId smartRollupExecuteId',
    filters: { ...timed, ...ticket, ...columns('address', 'from to') },
    sorts: 'id level',
  }),
  list('/v1/tickets/balances', 'ticket_balances', {
    columns: 'id ticket account balance transfersCount firstLevel firstTime lastLevel lastTime',
    filters: { ...state, ...ticket },
    sorts: 'id firstLevel lastLevel transfersCount',
  }),
  list('/v1/accounts', 'accounts', {
    columns:
      'id type address alias active publicKey revealed balance rollupBonds smartRollupBonds stakedBalance unstakedBalance totalStakedBalance issuedPseudotokens stakersCount counter bakingPower votingPower kind creator typeHash codeHash pvmKind numTransactions tokenBalancesCount activeTokensCount tokenTransfersCount firstActivity firstActivityTime lastActivity lastActivityTime',
    filters: {
      ...columns('int', 'id firstActivity lastActivity balance'),
      ...columns('address', 'address'),
      ...columns('text', 'type kind'),
    },
    sorts: 'id balance firstActivity lastActivity',
  }),
  {
    ...list('/v1/blocks', 'blocks', {
      columns: blockColumns.join(' '),
      filters: {
        ...columns('int', 'level cycle proto'),
        ...columns('text', 'hash'),
        timestamp: { type: 'time', places: ['timestamp'] },
        ...columns('address', 'proposer producer'),
      },
      sorts: 'level',
    }),
    sorts: { id: 'level', level: 'level' },
    defaultSort: { place: 'level', isDescending: false },
  },
  {
    ...list('/v1/cycles', 'cycles', {
      columns:
        'index firstLevel startTime lastLevel endTime snapshotLevel randomSeed totalBakers totalBakingPower',
      filters: columns('int', 'index firstLevel lastLevel'),
      sorts: 'index',
    }),
    defaultSort: { place: 'index', isDescending: true },
  },
];

/** All list endpoints by path; former names of operations among them. */
export const lists: ReadonlyMap<string, ListDefinition> = new Map(
  [...otherLists, ...[...operationKinds, futureKind].flatMap(operationLists)].map((definition) => [
    definition.path,
    definition,
  ]),
);

function operationLists(kind: OperationKind): readonly ListDefinition[] {
  const paths = kind.formerPath === undefined ? [kind.path] : [kind.path, kind.formerPath];
  const addresses = Object.entries(kind.addresses).map(
    ([name, place]) => [name, { type: 'address', places: [place] }] as const,
  );
  const hashes = Object.entries(codeHashes[kind.type] ?? {}).map(
    ([name, places]) => [name, { type: 'int', places }] as const,
  );
  return paths.map((path) => ({
    ...list(`/v1/operations/${path}`, 'operations', {
      columns: kind.columns.join(' '),
      selectOnly: selectOnlyColumns,
      filters: {
        ...timed,
        ...columns('int', 'counter senderCodeHash nonce amount'),
        ...columns('text', 'hash status block'),
        entrypoint: { type: 'text', places: ['parameter.entrypoint'] },
        ...Object.fromEntries(hashes),
        ...Object.fromEntries(addresses),
      },
      sorts: 'id level',
    }),
    kind,
  }));
}

function list(
  path: string,
  table: ListDefinition['table'],
  options: {
    readonly columns: string;
    readonly selectOnly?: readonly string[];
    readonly filters: Readonly<Record<string, Column>>;
    readonly sorts: string;
    readonly hasSortFallback?: boolean;
  },
): ListDefinition {
  return {
    path,
    table,
    columns: words(options.columns),
    selectOnly: options.selectOnly ?? [],
    filters: options.filters,
    sorts: Object.fromEntries(words(options.sorts).map((name) => [name, name])),
    defaultSort: { place: 'id', isDescending: false },
    hasSortFallback: options.hasSortFallback ?? false,
  };
}

function columns(type: ColumnType, names: string): Readonly<Record<string, Column>> {
  return Object.fromEntries(words(names).map((name) => [name, { type, places: [name] }]));
}
