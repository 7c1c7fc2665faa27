/** A frame of a replay, and what such frames are made from. */
import type { Item } from '../../simulator/json.ts';
import type { Exchange } from '../exchange.ts';

/** A frame and the time at which it is due. */
export interface ReplayFrame {
  readonly timeMs: number;
  readonly frame: Item;
  /** Counted in `snapshots_sent`. */
  readonly isRow: boolean;
}

/** What frames are made from. */
export interface ReplaySource {
  readonly exchange: Exchange;
  /** Rows in the shape of the old contract. */
  readonly isLegacy: boolean;
}
