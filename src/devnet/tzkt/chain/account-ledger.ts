/** Accounts in the form of the list: created when first touched, changed by what operations do. */

import type { Item } from '../../simulator/json.ts';
import { type Cast, type Party, shown } from './cast.ts';
import type { Counters } from './counters.ts';
import type { Journal } from './journal.ts';
import type { Tables } from './tables.ts';

/** What happened to an account; what is left out stays. */
export interface AccountChange {
  /** Mutez to add. */
  readonly balance?: number;
  readonly counter?: number;
  readonly transactions?: number;
  readonly tokenTransfers?: number;
  /** Set on the contract that an origination made. */
  readonly originated?: Item;
}

const initialBalance = 900_000_000_000;

/** The accounts of one chain. Every change goes through a block's journal. */
export class AccountLedger {
  readonly #tables: Tables;
  readonly #cast: Cast;
  readonly #counters: Counters;
  readonly #ids = new Map<string, number>();

  constructor(tables: Tables, cast: Cast, counters: Counters) {
    this.#tables = tables;
    this.#cast = cast;
    this.#counters = counters;
  }

  /** Changes the account, or creates it; it was touched at the journal's level either way. */
  touch(journal: Journal, party: Party, change: AccountChange = {}): void {
    const { level, time } = journal.at;
    const before = this.find(party.address) ?? this.#create(journal, party, change.originated);
    const number = (name: string, added = 0): number => Number(before[name] ?? 0) + added;
    const item: Item = {
      ...before,
      ...('balance' in before ? { balance: number('balance', change.balance) } : {}),
      ...('counter' in before ? { counter: change.counter ?? number('counter') } : {}),
      numTransactions: number('numTransactions', change.transactions),
      tokenTransfersCount: number('tokenTransfersCount', change.tokenTransfers),
      lastActivity: level,
      lastActivityTime: time,
    };
    journal.putState('accounts', { id: Number(item['id']), level, item });
  }

  /** The account with this address. */
  find(address: string): Item | undefined {
    const id = this.#ids.get(address);
    return id === undefined ? undefined : this.#tables.byName.accounts.find(id)?.item;
  }

  #create(journal: Journal, party: Party, originated: Item | undefined): Item {
    this.#counters.account += 1;
    const id = this.#counters.account;
    journal.set(this.#ids, party.address, id);
    const { level, time } = journal.at;
    return {
      ...membersOf(this.#cast, { id, ...shown(party) }, originated),
      numTransactions: 0,
      tokenBalancesCount: 0,
      activeTokensCount: 0,
      tokenTransfersCount: 0,
      firstActivity: level,
      firstActivityTime: time,
    };
  }
}

/** The members by which the types of accounts differ. */
function membersOf(cast: Cast, common: Item, originated: Item | undefined): Item {
  const address = String(common['address']);
  const bonds = { balance: initialBalance, rollupBonds: 0, smartRollupBonds: 0 };
  if (cast.bakers.some((baker) => baker.address === address)) {
    return {
      type: 'delegate',
      ...common,
      active: true,
      revealed: true,
      ...bonds,
      stakedBalance: 6_000_000_000,
      totalStakedBalance: 6_000_000_000,
      issuedPseudotokens: (2n ** 75n).toString(),
      stakersCount: 2,
      counter: 0,
      bakingPower: 2_204_551_230_012,
      votingPower: 2_204_551_230_012,
    };
  }
  if (address.startsWith('tz')) {
    return {
      type: 'user',
      ...common,
      revealed: true,
      ...bonds,
      stakedBalance: 0,
      unstakedBalance: 0,
      counter: 0,
    };
  }
  if (address.startsWith('sr1')) return { type: 'smart_rollup', ...common, pvmKind: 'wasm_2_0_0' };
  if (address.startsWith('txr1')) return { type: 'rollup', ...common };
  if (address === cast.ghost.address) return { type: 'ghost', ...common };
  return {
    type: 'contract',
    ...common,
    kind: 'smart_contract',
    balance: 0,
    creator: cast.users[0] === undefined ? null : shown(cast.users[0]),
    ...(originated === undefined
      ? {}
      : { typeHash: originated['typeHash'], codeHash: originated['codeHash'] }),
  };
}
