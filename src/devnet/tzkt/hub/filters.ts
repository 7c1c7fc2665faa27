/** From the argument of a subscribe method to leaves: precedence, defaults and error texts. */
import type { Item } from '../../simulator/json.ts';
import { valueAt } from '../chain/item.ts';
import { futureKind, operationKinds } from '../chain/kinds/catalogue.ts';
import type { OperationKind } from '../chain/kinds/kind.ts';
import { type Argument, isAddress, isContractAddress } from './arguments.ts';
import { HubError } from './hub-error.ts';
import { everything, type Leaf } from './subscription.ts';

const textMax = 256;
const bigMapTags = ['metadata', 'token_metadata', 'ledger'];
const codeHashTypes = ['transaction', 'origination', 'delegation'];
const codeHashPlaces = ['senderCodeHash', 'targetCodeHash', 'originatedContract.codeHash'];

const kinds = new Map<string, OperationKind>(
  [...operationKinds, futureKind].map((kind) => [kind.type, kind]),
);

/** `SubscribeToOperations`: one leaf per type. */
export function operationLeaves(argument: Argument): readonly Leaf[] {
  const address = argument.text('address');
  const types = (argument.text('types') ?? 'transaction').split(',');
  const codeHash = argument.int('codeHash');
  if (address !== undefined && !isAddress(address)) throw new HubError('Invalid address');
  if (!types.every((type) => kinds.has(type))) throw new HubError('Invalid operation type');
  if (codeHash !== undefined && !types.every((type) => codeHashTypes.includes(type))) {
    throw new HubError(
      'CodeHash can be used with delegation, origination, and transaction types only',
    );
  }
  return types.map((type) => ({
    key: `${type}/${address ?? ''}/${codeHash ?? ''}`,
    matches: (item) =>
      item['type'] === type &&
      (address === undefined || hasAddress(item, kinds.get(type), address)) &&
      (codeHash === undefined || codeHashPlaces.some((place) => valueAt(item, place) === codeHash)),
  }));
}

/** `SubscribeToBigMaps`: one leaf per tag, else one. */
export function bigMapLeaves(argument: Argument): readonly Leaf[] {
  const ptr = argument.int('ptr');
  const contract = argument.text('contract');
  const path = argument.text('path');
  const tags = argument.texts('tags');
  if (ptr !== undefined && ptr < 0) throw new HubError('Invalid ptr');
  checkContract(contract);
  if (path !== undefined && path.length > textMax) throw new HubError('Too long path');
  if (tags?.length === 0) throw new HubError('Invalid tags');
  if (tags?.some((tag) => tag === null || !bigMapTags.includes(tag)) === true) {
    throw new HubError('Invalid bigmap tag');
  }
  if (ptr !== undefined) return [leaf({ bigmap: ptr })];
  if (contract !== undefined && path !== undefined) {
    return [leaf({ 'contract.address': contract, path })];
  }
  const of = contract === undefined ? {} : { 'contract.address': contract };
  return tags === undefined ? [leaf(of)] : tags.map((tag) => leaf({ ...of, path: String(tag) }));
}

/** `SubscribeToEvents`: one leaf. */
export function eventLeaves(argument: Argument): readonly Leaf[] {
  const contract = argument.text('contract');
  const codeHash = argument.int('codeHash');
  const tag = argument.text('tag');
  checkContract(contract);
  if (tag !== undefined && tag.length > textMax) throw new HubError('Too long tag');
  const tagged = tag === undefined ? {} : { tag };
  if (contract !== undefined) return [leaf({ 'contract.address': contract, ...tagged })];
  return [leaf({ ...(codeHash === undefined ? {} : { codeHash }), ...tagged })];
}

/** `SubscribeToTokenTransfers` and `SubscribeToTokenBalances`: one leaf. */
export function tokenLeaves(argument: Argument, places: readonly string[]): readonly Leaf[] {
  const account = argument.text('account');
  const contract = argument.text('contract');
  const tokenId = argument.natural('tokenId');
  checkAccount(account);
  checkContract(contract);
  if (tokenId !== undefined && contract === undefined) {
    throw new HubError('If you specify token id, contract address must be specified as well');
  }
  return [
    ofAccount(account, places, {
      ...(contract === undefined ? {} : { 'token.contract.address': contract }),
      ...(tokenId === undefined ? {} : { 'token.tokenId': tokenId }),
    }),
  ];
}

/** `SubscribeToTicketTransfers` and `SubscribeToTicketBalances`: one leaf. */
export function ticketLeaves(argument: Argument, places: readonly string[]): readonly Leaf[] {
  const account = argument.text('account');
  const ticketer = argument.text('ticketer');
  checkAccount(account);
  checkContract(ticketer);
  const of = ticketer === undefined ? {} : { 'ticket.ticketer.address': ticketer };
  return [ofAccount(account, places, of)];
}

/** `SubscribeToAccounts`: one leaf per address; without addresses, all accounts. */
export function accountLeaves(argument: Argument): readonly Leaf[] {
  const addresses = argument.texts('addresses') ?? [];
  if (addresses.length === 0) return [everything];
  return addresses.map((address) => {
    if (address === null || address === '') {
      throw new HubError('Empty address. Array should not contain nulls or empty strings');
    }
    if (!isAddress(address)) throw new HubError('Array contains an invalid address');
    return leaf({ address });
  });
}

function checkContract(contract: string | undefined): void {
  if (contract !== undefined && !isContractAddress(contract)) {
    throw new HubError('Invalid contract address');
  }
}

function checkAccount(account: string | undefined): void {
  if (account !== undefined && !isAddress(account)) throw new HubError('Invalid account address');
}

function hasAddress(item: Item, kind: OperationKind | undefined, address: string): boolean {
  const places = Object.values(kind?.addresses ?? {});
  return places.some((place) => valueAt(item, `${place}.address`) === address);
}

/** A leaf that asks for these values at these places. */
function leaf(wanted: Readonly<Record<string, string | number>>): Leaf {
  const entries = Object.entries(wanted);
  return {
    key: entries.length === 0 ? everything.key : JSON.stringify(entries),
    matches: (item) => entries.every(([place, value]) => valueAt(item, place) === value),
  };
}

function ofAccount(
  account: string | undefined,
  places: readonly string[],
  wanted: Readonly<Record<string, string>>,
): Leaf {
  const rest = leaf(wanted);
  if (account === undefined) return rest;
  return {
    key: `${account}/${rest.key}`,
    matches: (item, row) =>
      rest.matches(item, row) &&
      places.some((place) => valueAt(item, `${place}.address`) === account),
  };
}
