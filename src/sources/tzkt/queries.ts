/** What to ask of REST so that it gives the same items as the subscriptions of a dataset. */
import type { TzktConfig } from './config.ts';
import type { TzktDataset } from './messages.ts';
import { operationKinds, operationTypes } from './operation-kinds.ts';
import type { RestQuery } from './rest.ts';
import { levelMember } from './wire.ts';

/** Levels from `from` to `to`, both included. */
export interface LevelRange {
  readonly from: number;
  readonly to: number;
}

/** One list to read in pages. */
export interface ItemQuery extends RestQuery {
  /** A member that the list leaves out and the hub sends. */
  readonly type?: string;
  /**
   * - `level`: items whose level is in the range.
   * - `late`: older ones that the indexer recognised in the range; they belong to its last level.
   * - `early`: those of the range that it recognised only afterwards: they come then, not now.
   */
  readonly role: 'level' | 'late' | 'early';
}

type Params = Readonly<Record<string, string | undefined>>;

/** Lists that together hold the items; the same item may be in several. */
export function queriesOf(
  dataset: TzktDataset,
  config: TzktConfig,
  range: LevelRange,
): readonly ItemQuery[] {
  switch (dataset) {
    case 'operations':
      return config.operations.flatMap((filter) =>
        (filter.types ?? operationTypes).flatMap((type) => operationQueries(type, filter, range)),
      );
    case 'bigmaps':
      return config.bigmaps.map(({ ptr, contract, path, tags }) => {
        const params = { bigmap: text(ptr), contract, path, 'tags.any': tags?.join(',') };
        return listQuery('/v1/bigmaps/updates', dataset, { params, range });
      });
    case 'events':
      return config.events.map(({ contract, codeHash, tag }) => {
        const params = { contract, codeHash: text(codeHash), tag };
        return listQuery('/v1/contracts/events', dataset, { params, range });
      });
    case 'token_transfers':
      return config.tokenTransfers.flatMap(({ account, ...token }) =>
        withLate('/v1/tokens/transfers', dataset, {
          params: { 'anyof.from.to': account, ...tokenParams(token) },
          range,
        }),
      );
    case 'token_balances':
      return config.tokenBalances.flatMap(({ account, ...token }) =>
        withLate('/v1/tokens/balances', dataset, {
          params: { account, ...tokenParams(token) },
          range,
        }),
      );
    case 'ticket_transfers':
      return config.ticketTransfers.map(({ account, ticketer }) => {
        const params = { 'anyof.from.to': account, 'ticket.ticketer': ticketer };
        return listQuery('/v1/tickets/transfers', dataset, { params, range });
      });
    case 'ticket_balances':
      return config.ticketBalances.map(({ account, ticketer }) => {
        const params = { account, 'ticket.ticketer': ticketer };
        return listQuery('/v1/tickets/balances', dataset, { params, range });
      });
    case 'accounts':
      return config.accounts.map(({ addresses }) => {
        const params = { 'address.in': addresses?.join(',') };
        return listQuery('/v1/accounts', dataset, { params, range });
      });
    case 'head':
    case 'cycles':
    case 'blocks':
      return [];
    default:
      return dataset satisfies never;
  }
}

interface Selection {
  readonly params: Params;
  readonly range: LevelRange;
}

function listQuery(path: string, dataset: TzktDataset, { params, range }: Selection): ItemQuery {
  return { path, role: 'level', params: present({ ...params, ...within(dataset, range) }) };
}

/** The three lists of a dataset whose items may be recognised after their level (section 5.2). */
function withLate(path: string, dataset: TzktDataset, selection: Selection): ItemQuery[] {
  const { params, range } = selection;
  const level = levelMember(dataset);
  const late = {
    ...params,
    [`${level}.lt`]: text(range.from),
    'indexedAt.ge': text(range.from),
    'indexedAt.le': text(range.to),
    'sort.asc': 'id',
  };
  const early = { ...params, ...within(dataset, range), 'indexedAt.gt': text(range.to) };
  return [
    listQuery(path, dataset, selection),
    { path, role: 'late', params: present(late) },
    { path, role: 'early', params: present(early) },
  ];
}

function operationQueries(
  type: string,
  filter: TzktConfig['operations'][number],
  range: LevelRange,
): readonly ItemQuery[] {
  const kind = operationKinds[type];
  if (kind === undefined) return [];
  const { select, micheline } = kind;
  const codeHash = kind.codeHash === undefined ? {} : { [kind.codeHash]: text(filter.codeHash) };
  const addresses =
    filter.address === undefined ? [{}] : kind.address.map((name) => ({ [name]: filter.address }));
  return addresses.map((address) => ({
    ...listQuery(`/v1/operations/${kind.path}`, 'operations', {
      params: { ...address, ...codeHash, select, micheline },
      range,
    }),
    type,
  }));
}

function within(dataset: TzktDataset, { from, to }: LevelRange): Params {
  const level = levelMember(dataset);
  return { [`${level}.ge`]: text(from), [`${level}.le`]: text(to), 'sort.asc': 'id' };
}

function tokenParams({ contract, tokenId }: { contract?: string; tokenId?: string }): Params {
  return { 'token.contract': contract, 'token.tokenId': tokenId };
}

function text(value: number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

function present(params: Params): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(params).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
