/**
 * Filters of the channels as configuration. The hub ignores what it does not know and so widens a
 * misspelt filter to everything (reference section 2.1): here it is refused.
 */
import { type OptionFormat, optionFormat, parseJsonText } from '../option-format.ts';
import { isObject } from '../wire-object.ts';
import { operationKinds, operationTypes } from './operation-kinds.ts';
import { isLevel } from './wire.ts';

/** One subscription of `operations`; `types` missing means all kinds. */
export interface OperationFilter {
  readonly address?: string;
  readonly types?: readonly string[];
  readonly codeHash?: number;
}

export interface BigmapFilter {
  readonly ptr?: number;
  readonly contract?: string;
  readonly path?: string;
  readonly tags?: readonly string[];
}

export interface EventFilter {
  readonly contract?: string;
  readonly codeHash?: number;
  readonly tag?: string;
}

export interface TokenFilter {
  readonly account?: string;
  readonly contract?: string;
  readonly tokenId?: string;
}

export interface TicketFilter {
  readonly account?: string;
  readonly ticketer?: string;
}

export interface AccountFilter {
  readonly addresses?: readonly string[];
}

type Check = (value: unknown) => boolean;

const address: Check = (value) =>
  typeof value === 'string' &&
  /^(tz[1-4]|KT1|sr1)[0-9A-Za-z]{33}$|^txr1[0-9A-Za-z]{33}$/.test(value);
const contract: Check = (value) => typeof value === 'string' && /^KT1[0-9A-Za-z]{33}$/.test(value);
/** 32 bits with a sign: the hub cannot take more. */
const int32: Check = (value) => typeof value === 'number' && (value | 0) === value;
const short: Check = (value) =>
  typeof value === 'string' && value.length > 0 && value.length <= 256;
const tags: Check = listOf((value) =>
  ['metadata', 'token_metadata', 'ledger'].includes(`${value}`),
);
const tokenId: Check = (value) => typeof value === 'string' && /^\d{1,78}$/.test(value);

function listOf(check: Check): Check {
  return (value) => Array.isArray(value) && value.length > 0 && value.every(check);
}

function filters(
  members: Readonly<Record<string, Check>>,
  doc: string,
  isSound: (filter: Readonly<Record<string, unknown>>) => boolean = () => true,
): OptionFormat {
  const isFilter = (value: unknown): boolean =>
    isObject(value) &&
    Object.entries(value).every(([name, each]) => members[name]?.(each) === true) &&
    isSound(value);
  return optionFormat(
    `a list of filters ${doc}`,
    (value) => Array.isArray(value) && value.length > 0 && value.every(isFilter),
    parseJsonText,
  );
}

/** A member that another one makes meaningless would be ignored by the hub. */
const excludes =
  (name: string, ...others: readonly string[]) =>
  (filter: Readonly<Record<string, unknown>>): boolean =>
    filter[name] === undefined || others.every((other) => filter[other] === undefined);
const needs =
  (name: string, other: string) =>
  (filter: Readonly<Record<string, unknown>>): boolean =>
    filter[name] === undefined || filter[other] !== undefined;

export const operationFilters = filters(
  { address, types: listOf((value) => operationTypes.includes(`${value}`)), codeHash: int32 },
  '{ address?, types?, codeHash? }: types are names of kinds; codeHash goes with transaction, origination and delegation only',
  ({ types, codeHash }) =>
    codeHash === undefined ||
    (Array.isArray(types) && types.every((type) => operationKinds[type]?.codeHash !== undefined)),
);

export const bigmapFilters = filters(
  { ptr: (value) => isLevel(value) && int32(value), contract, path: short, tags },
  '{ ptr } or { contract?, path? } or { contract?, tags? }: tags of metadata, token_metadata, ledger',
  (filter) =>
    excludes('ptr', 'contract', 'path', 'tags')(filter) &&
    excludes('path', 'tags')(filter) &&
    needs('path', 'contract')(filter),
);

export const eventFilters = filters(
  { contract, codeHash: int32, tag: short },
  '{ contract?, tag? } or { codeHash?, tag? }',
  excludes('contract', 'codeHash'),
);

export const tokenFilters = filters(
  { account: address, contract, tokenId },
  '{ account?, contract?, tokenId? }: tokenId is decimal text and needs contract',
  needs('tokenId', 'contract'),
);

export const ticketFilters = filters(
  { account: address, ticketer: contract },
  '{ account?, ticketer? }',
);

export const accountFilters = filters(
  { addresses: listOf(address) },
  '{ addresses? }: without addresses, every account that a block touches',
);
