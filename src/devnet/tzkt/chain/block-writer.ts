/**
 * Writes the operations of one block into the tables: ids, what they do to big maps, events, tokens,
 * tickets and accounts. What its sender cannot pay for becomes a failed operation.
 */

import { type Item, isItem, type Json } from '../../simulator/json.ts';
import type { AccountChange, AccountLedger } from './account-ledger.ts';
import type { Asset, AssetLedger, Movement } from './asset-ledger.ts';
import { type Cast, type Party, shown } from './cast.ts';
import { type Counters, operationIdStep } from './counters.ts';
import type { Effect, OperationDraft } from './draft.ts';
import type { Journal } from './journal.ts';

/** The parts of a chain that a block changes. */
export interface ChainParts {
  readonly cast: Cast;
  readonly counters: Counters;
  readonly accounts: AccountLedger;
  readonly assets: AssetLedger;
}

type AssetEffect = Extract<Effect, { effect: 'token' | 'ticket' }>;

/** Members that name the operation in the rows it caused. */
const causeMembers: Readonly<Record<string, string>> = {
  origination: 'originationId',
  migration: 'migrationId',
  transfer_ticket: 'transferTicketId',
  sr_execute: 'smartRollupExecuteId',
};

/** Writes operations in the order given. */
export class BlockWriter {
  readonly #parts: ChainParts;
  readonly #journal: Journal;
  readonly #blockHash: string;

  constructor(parts: ChainParts, journal: Journal, blockHash: string) {
    this.#parts = parts;
    this.#journal = journal;
    this.#blockHash = blockHash;
  }

  /** Adds the operation and all it does. */
  write(draft: OperationDraft): void {
    const { counters } = this.#parts;
    const { level, time } = this.#journal.at;
    counters.operation += 1;
    const id = counters.operation * operationIdStep;
    const { fields, effects } = this.#settle(draft);
    const item: Item = {
      ...fields,
      id,
      level,
      timestamp: time,
      block: this.#blockHash,
      ...counts(effects),
    };
    this.#journal.add('operations', { id, level, kind: draft.kind, item });
    this.#writeDiffs(item);
    this.#touchAccounts(draft, item);
    effects.forEach((effect, n) => {
      this.#carryOut(effect, { id, n, type: draft.kind.type });
    });
  }

  /** What is left of the operation when it is not, or cannot be, applied. */
  #settle(draft: OperationDraft): { fields: Item; effects: readonly Effect[] } {
    const { status } = draft.fields;
    const isPaid = draft.effects.every((effect) => this.#canPay(effect));
    if (isPaid && (status === undefined || status === 'applied')) return draft;
    const { storage: _storage, diffs: _diffs, ...fields } = draft.fields;
    if (status !== 'applied') return { fields, effects: [] };
    const errors = [{ type: 'script_rejected' }];
    return { fields: { ...fields, status: 'failed', errors }, effects: [] };
  }

  #canPay(effect: Effect): boolean {
    if (effect.effect === 'event' || effect.from === undefined) return true;
    return this.#parts.assets.balance(this.#assetOf(effect), effect.from) >= effect.amount;
  }

  #assetOf(effect: AssetEffect): Asset {
    return effect.effect === 'token'
      ? { member: 'token', contract: effect.contract, tokenId: effect.tokenId }
      : { member: 'ticket', ticketer: this.#parts.cast.ticketer, content: effect.content };
  }

  #writeDiffs(item: Item): void {
    const { counters } = this.#parts;
    const { level, time } = this.#journal.at;
    const { diffs, target, originatedContract, account } = item;
    const contract = target ?? contractOfOrigination(originatedContract) ?? account ?? null;
    if (!Array.isArray(diffs)) return;
    for (const diff of diffs as readonly Item[]) {
      counters.bigmapUpdate += 1;
      const { bigmap, path, action, content } = diff;
      const id = counters.bigmapUpdate;
      const update = { id, level, timestamp: time, bigmap, contract, path, action, content };
      this.#journal.add('bigmaps', { id, level, item: update });
    }
  }

  #touchAccounts(draft: OperationDraft, item: Item): void {
    const { accounts } = this.#parts;
    const isApplied = item['status'] === 'applied';
    const isPayment = isApplied && draft.kind.type === 'transaction';
    const amount = isPayment ? Number(item['amount'] ?? 0) : 0;
    const places = Object.values(draft.kind.addresses);
    for (const name of new Set(places.map((place) => place.split('.')[0] ?? place))) {
      const party = partyOf(item[name]);
      if (party === undefined) continue;
      accounts.touch(this.#journal, party, { ...changeOf(name, item, amount), transactions: 1 });
    }
    const { originatedContract } = item;
    const originated = isApplied ? partyOf(originatedContract) : undefined;
    if (originated === undefined || !isItem(originatedContract)) return;
    accounts.touch(this.#journal, originated, { originated: originatedContract });
  }

  #carryOut(effect: Effect, of: { id: number; n: number; type: string }): void {
    if (effect.effect === 'event') {
      this.#emit(effect, of.id);
      return;
    }
    const first = of.id + of.n * 4 + 1;
    const { from, to, amount } = effect;
    const movement: Movement = {
      asset: this.#assetOf(effect),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      amount,
      ...this.#journal.at,
      ids: [first, first + 1, first + 2, first + 3],
      cause: [causeMembers[of.type] ?? 'transactionId', of.id],
    };
    const { assets, accounts } = this.#parts;
    if (effect.effect === 'token' && effect.isUnrecognised === true) {
      if (assets.remember(this.#journal, effect.contract, movement)) return;
    }
    assets.move(this.#journal, movement);
    for (const party of [from, to]) {
      if (party !== undefined) accounts.touch(this.#journal, party, { tokenTransfers: 1 });
    }
  }

  #emit(effect: Extract<Effect, { effect: 'event' }>, transactionId: number): void {
    const { counters } = this.#parts;
    const { level, time } = this.#journal.at;
    counters.event += 1;
    const { contract, tag, payload } = effect;
    const id = counters.event;
    const item: Item = {
      id,
      level,
      timestamp: time,
      contract: shown(contract),
      codeHash: contract.codeHash,
      ...(tag === undefined ? {} : { tag }),
      ...(payload === undefined ? {} : { payload }),
      transactionId,
    };
    this.#journal.add('events', { id, level, item });
  }
}

/** What an operation does to the account at this place of it. */
function changeOf(name: string, item: Item, amount: number): AccountChange {
  if (name === 'target') return { balance: amount };
  if (name !== 'sender') return {};
  const counter = item['counter'] === undefined ? {} : { counter: Number(item['counter']) };
  return { balance: -amount - Number(item['bakerFee'] ?? 0), ...counter };
}

function counts(effects: readonly Effect[]): Item {
  const count = (effect: Effect['effect'], isSeen: (one: Effect) => boolean = () => true) =>
    effects.filter((one) => one.effect === effect && isSeen(one)).length || undefined;
  return {
    tokenTransfersCount: count('token', (one) => !('isUnrecognised' in one)),
    ticketTransfersCount: count('ticket'),
    eventsCount: count('event'),
  };
}

function partyOf(value: Json | undefined): Party | undefined {
  if (!isItem(value) || typeof value['address'] !== 'string') return undefined;
  const { address, alias } = value;
  return typeof alias === 'string' ? { address, alias } : { address };
}

function contractOfOrigination(value: Json | undefined): Item | undefined {
  const party = partyOf(value);
  return party === undefined ? undefined : shown(party);
}
