/** What the conformance suite needs of a source kind: a scripted venue that it can be run against. */
import type { Cursor } from '../../src/model/cursor.ts';
import type { Source, SourceRuntime } from '../../src/sources/source.ts';

/** One venue, started anew for each test, with some data in it. */
export interface World {
  /** A source of this kind on this venue, with every dataset. */
  connect(runtime: SourceRuntime): Source<unknown>;
  /** A source that must notice at once that the venue is not there. */
  connectToNothing(runtime: SourceRuntime): Source<unknown>;
  /** Where the identity is what the configuration says, and nobody is asked. */
  readonly ownIdentity?: string;
  /** The venue's newest position. */
  readonly newest: Cursor;
  /** Adds data: at least one update follows. */
  grow(): void;
  /** Replaces the newest data, for venues that reorganize. */
  fork?(): void;
  /** Network connections that are open to the venue now. */
  connections(): Promise<number>;
  stop(): Promise<void>;
}
