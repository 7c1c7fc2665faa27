/** The switches for everything that 0xArchive's documents leave open or tell in two ways. */

/** How the simulated service behaves. */
export interface Profile {
  /** Live trades of the Hyperliquid family: one row with both accounts, or a row for each leg. */
  readonly tradeRows: 'pair' | 'legs';
  /** Whose account comes first in a row with both. */
  readonly userOrder: 'maker-taker' | 'buyer-seller';
  /** Names in archived rows of the Hyperliquid family. */
  readonly archivedCase: 'camel' | 'snake';
  /** `data` of an archived trade of the Hyperliquid family. */
  readonly archivedTrades: 'object' | 'array';
  /** Archived books have times of their own, or those of the live ones. */
  readonly archivedBooks: 'shifted' | 'same';
  readonly candleFigures: 'number' | 'text';
  /** Entries of order-level snapshots. */
  readonly snapshotOrders: 'tuple' | 'flat';
  /** Diffs and order events with their number within the block, or without. */
  readonly hasSeq: boolean;
  /** `#520` as `520` on the socket. */
  readonly bareOutcomes: 'refuse' | 'accept';
  /** The old contract's replay rows and errors for who names no version; false: as if named. */
  readonly hasLegacy: boolean;
  /** How far the archive is behind. */
  readonly archiveLagMs: number;
  /** How far the finalized trades of Lighter are behind. */
  readonly finalityLagMs: number;
  /** A hole of this length is announced: of trades, of liquidations, of all else. */
  readonly tradeGapMs: number;
  readonly liquidationGapMs: number;
  readonly stateGapMs: number;
  /** Between the checkpoints that bulk replays begin with. */
  readonly checkpointMs: number;
  /** Waits between replayed rows; false: everything comes at once. */
  readonly isPaced: boolean;
}

const minuteMs = 60_000;

/** The defaults of the reference. */
export const defaultProfile: Profile = {
  tradeRows: 'pair',
  userOrder: 'maker-taker',
  archivedCase: 'camel',
  archivedTrades: 'object',
  archivedBooks: 'shifted',
  candleFigures: 'number',
  snapshotOrders: 'tuple',
  hasSeq: true,
  bareOutcomes: 'refuse',
  hasLegacy: true,
  archiveLagMs: 2000,
  finalityLagMs: 36 * 60 * minuteMs,
  tradeGapMs: 60 * minuteMs,
  liquidationGapMs: 60 * minuteMs,
  stateGapMs: 2 * minuteMs,
  checkpointMs: 10 * minuteMs,
  isPaced: true,
};
