/**
 * Tokens and tickets: supplies, balances and transfers. A token whose contract is not recognised yet
 * is only remembered; when it is, its rows appear with the levels at which it moved.
 */

import type { Item, Json } from '../../simulator/json.ts';
import { hashOf } from './base58.ts';
import { type Contract, type Party, shown } from './cast.ts';
import type { Journal, StateTableName } from './journal.ts';
import type { TableName, Tables } from './tables.ts';

/** What moves. */
export type Asset =
  | { readonly member: 'token'; readonly contract: Contract; readonly tokenId: string }
  | { readonly member: 'ticket'; readonly ticketer: Contract; readonly content: string };

/** One movement of an asset. */
export interface Movement {
  readonly asset: Asset;
  readonly from?: Party;
  readonly to?: Party;
  readonly amount: bigint;
  readonly level: number;
  readonly time: string;
  /** Ids for what this movement may create, the first for the transfer. */
  readonly ids: readonly [number, number, number, number];
  /** `transactionId` or one of its like, and its value. */
  readonly cause: readonly [string, number];
}

const tablesOf = {
  token: { transfers: 'transfers', balances: 'token_balances' },
  ticket: { transfers: 'ticket_transfers', balances: 'ticket_balances' },
} as const satisfies Record<string, { transfers: TableName; balances: StateTableName }>;

/** The assets of one chain. Every change goes through a block's journal. */
export class AssetLedger {
  readonly #tables: Tables;
  readonly #assetIds = new Map<string, number>();
  readonly #balanceIds = new Map<string, number>();
  readonly #unrecognised = new Map<string, readonly Movement[]>();
  readonly #recognised = new Map<string, true>();

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  /** What the party holds of the asset. */
  balance(asset: Asset, party: Party): bigint {
    const id = this.#balanceIds.get(`${nameOf(asset)}/${party.address}`);
    if (id === undefined) return 0n;
    const row = this.#tables.byName[tablesOf[asset.member].balances].find(id);
    return BigInt(String(row?.item['balance'] ?? '0'));
  }

  /** Moves the asset now. The sender must hold the amount. */
  move(journal: Journal, movement: Movement): void {
    this.#move(journal, movement);
  }

  /** Keeps a movement of a token that is not recognised; false when it is by now. */
  remember(journal: Journal, contract: Contract, movement: Movement): boolean {
    if (this.#recognised.has(contract.address)) return false;
    const known = this.#unrecognised.get(contract.address) ?? [];
    journal.set(this.#unrecognised, contract.address, [...known, movement]);
    return true;
  }

  /** Recognises the token; its past movements become rows with their own, lower levels. */
  recognise(journal: Journal, contract: Contract): void {
    for (const movement of this.#unrecognised.get(contract.address) ?? []) {
      this.#move(journal, movement, journal.at.level);
    }
    journal.set(this.#unrecognised, contract.address, []);
    journal.set(this.#recognised, contract.address, true);
  }

  #move(journal: Journal, movement: Movement, indexedAt?: number): void {
    const { asset, from, to, amount, level, time, ids, cause } = movement;
    const id = this.#supply(journal, movement);
    const late = indexedAt === undefined ? {} : { indexedAt };
    journal.add(tablesOf[asset.member].transfers, {
      id: ids[0],
      level,
      asset: id,
      ...late,
      item: {
        id: ids[0],
        level,
        timestamp: time,
        [asset.member]: null,
        ...(from === undefined ? {} : { from: shown(from) }),
        ...(to === undefined ? {} : { to: shown(to) }),
        amount: amount.toString(),
        [cause[0]]: cause[1],
      },
    });
    if (from !== undefined) this.#hold(journal, movement, from, -amount, { id, late });
    if (to !== undefined) this.#hold(journal, movement, to, amount, { id, late });
  }

  /** Changes what the party holds. */
  #hold(
    journal: Journal,
    movement: Movement,
    party: Party,
    amount: bigint,
    of: { readonly id: number; readonly late: { readonly indexedAt?: number } },
  ): void {
    const { asset, level, time, ids } = movement;
    const name = `${nameOf(asset)}/${party.address}`;
    const table = tablesOf[asset.member].balances;
    const known = this.#balanceIds.get(name);
    const before = known === undefined ? undefined : this.#tables.byName[table].find(known)?.item;
    const rowId = known ?? (amount < 0n ? ids[2] : ids[3]);
    if (known === undefined) journal.set(this.#balanceIds, name, rowId);
    const members =
      asset.member === 'token'
        ? { id: rowId, account: shown(party), token: null }
        : { id: rowId, ticket: null, account: shown(party) };
    journal.putState(table, {
      id: rowId,
      level,
      asset: of.id,
      ...of.late,
      item: {
        ...members,
        balance: (BigInt(String(before?.['balance'] ?? '0')) + amount).toString(),
        transfersCount: Number(before?.['transfersCount'] ?? 0) + 1,
        firstLevel: before?.['firstLevel'] ?? level,
        firstTime: before?.['firstTime'] ?? time,
        lastLevel: level,
        lastTime: time,
      },
    });
  }

  /** Creates the asset if it is new and counts what was minted or burnt. Returns its id. */
  #supply(journal: Journal, movement: Movement): number {
    const { asset, from, to, amount, ids } = movement;
    const known = this.#assetIds.get(nameOf(asset));
    const id = known ?? ids[1];
    if (known === undefined) journal.set(this.#assetIds, nameOf(asset), id);
    const before = this.#tables.assets.get(id);
    const supply =
      BigInt(String(before?.['totalSupply'] ?? '0')) +
      (from === undefined ? amount : 0n) -
      (to === undefined ? amount : 0n);
    journal.putAsset(id, shownAsset(asset, id, supply));
    return id;
  }
}

function nameOf(asset: Asset): string {
  return asset.member === 'token'
    ? `${asset.contract.address}/${asset.tokenId}`
    : `${asset.ticketer.address}/${asset.content}`;
}

function shownAsset(asset: Asset, id: number, supply: bigint): Item {
  if (asset.member === 'token') {
    const isFa2 = asset.contract.alias !== undefined;
    return {
      id,
      contract: shown(asset.contract),
      tokenId: asset.tokenId,
      standard: isFa2 ? 'fa2' : 'fa1.2',
      totalSupply: supply.toString(),
      ...(isFa2 ? { metadata: metadataOf(asset.tokenId) } : {}),
    };
  }
  return {
    id,
    ticketer: shown(asset.ticketer),
    rawType: { prim: 'string' },
    rawContent: { string: asset.content },
    content: asset.content,
    typeHash: hashOf('string'),
    contentHash: hashOf(asset.content),
    totalSupply: supply.toString(),
  };
}

function metadataOf(tokenId: string): Json {
  return {
    name: 'Exämple 代币',
    symbol: 'EXA',
    decimals: '18',
    extra: { nothing: null, of: tokenId },
  };
}
