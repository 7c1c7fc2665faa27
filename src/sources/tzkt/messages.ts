/**
 * What TzKT tells, in its own words: wire shapes, and the one message of this source. Members stay as
 * the wire has them; `rows/` converts them. TzKT's word for height is level.
 */

/** Members of an object of the wire. */
export type WireFields = Readonly<Record<string, unknown>>;

/** A dataset of this source. */
export type TzktDataset =
  | 'head'
  | 'cycles'
  | 'blocks'
  | 'operations'
  | 'bigmaps'
  | 'events'
  | 'token_transfers'
  | 'token_balances'
  | 'ticket_transfers'
  | 'ticket_balances'
  | 'accounts';

/** One item of one dataset, read with its block. */
export interface TzktMessage {
  readonly dataset: TzktDataset;
  readonly fields: WireFields;
  /** Hash of the block below, for the block itself; empty elsewhere. */
  readonly parentHash: string;
}

/** A checked block. It has no parent hash on the wire (reference section 4.4). */
export interface TzktBlock {
  readonly level: number;
  readonly hash: string;
  readonly timeMs: number;
  readonly cycle: number;
  readonly fields: WireFields;
}

/** Items of one block by dataset; a dataset that is missing was not read. */
export type BlockItems = Readonly<Partial<Record<TzktDataset, readonly WireFields[]>>>;

/** A block with everything that was asked for. */
export interface ReadBlock {
  readonly block: TzktBlock;
  readonly items: BlockItems;
  /** When its first byte was received, microseconds since the epoch. */
  readonly receivedAtUs: number;
}

/** What the hub says on a channel (reference section 3.1). */
export type HubMessage =
  | { readonly type: 'state'; readonly state: number }
  | { readonly type: 'data'; readonly state: number; readonly items: readonly WireFields[] }
  | { readonly type: 'reorg'; readonly state: number };
