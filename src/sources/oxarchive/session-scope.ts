/** What a session works with: passed down as one value. */
import type { SourceRuntime } from '../source.ts';
import type { Archive } from './archive/archive.ts';
import type { OxarchiveConfig } from './config.ts';
import type { RowStream } from './holes/row-streams.ts';
import type { Unfilled } from './holes/unfilled.ts';
import type { LiveBooks } from './live/live-books.ts';
import type { Market } from './markets.ts';
import type { OxarchiveDataset } from './messages.ts';
import type { Subscription } from './stream/subscriptions.ts';
import type { StreamState } from './stream-state.ts';

/** `state`, `books`, `rowStreams` and what is given up outlive the session. */
export interface SessionScope {
  readonly config: OxarchiveConfig;
  readonly runtime: SourceRuntime;
  readonly archive: Archive;
  readonly markets: readonly Market[];
  readonly datasets: readonly OxarchiveDataset[];
  readonly state: StreamState;
  readonly books: LiveBooks;
  readonly unfilled: Unfilled;
  readonly rowStreams: readonly RowStream[];
  /** Symbols of markets that ended: never to be asked for again. */
  readonly ended: Set<string>;
  isLeftOut(subscription: Subscription): boolean;
}
