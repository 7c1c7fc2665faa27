/**
 * An operation before a block gives it its id: what it shows, and what it does to tokens, tickets
 * and events. The same draft can be put into another block after a reorganization.
 */

import type { Item, Json } from '../../simulator/json.ts';
import type { Contract, Party } from './cast.ts';
import type { OperationKind } from './kinds/kind.ts';

/** What an applied operation does beyond tez balances. */
export type Effect =
  | {
      readonly effect: 'token';
      readonly contract: Contract;
      readonly tokenId: string;
      /** Absent: minted. */
      readonly from?: Party;
      /** Absent: burnt. */
      readonly to?: Party;
      readonly amount: bigint;
      /** The indexer does not know the contract as a token yet. */
      readonly isUnrecognised?: boolean;
    }
  | {
      readonly effect: 'ticket';
      readonly content: string;
      readonly from?: Party;
      readonly to?: Party;
      readonly amount: bigint;
    }
  | {
      readonly effect: 'event';
      readonly contract: Contract;
      readonly tag?: string;
      readonly payload?: Json;
    };

/** An operation that no block holds yet. */
export interface OperationDraft {
  readonly kind: OperationKind;
  /** Without id, level, time and block. */
  readonly fields: Item;
  readonly effects: readonly Effect[];
  /** False for what belongs to one block or one state: it never comes back in a new branch. */
  readonly isRepeatable: boolean;
}
