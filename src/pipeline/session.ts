/** One session of a source: every update it yields goes into the ledger and from there to Kafka. */

import type { Cursor } from '../model/cursor.ts';
import { FatalError } from '../model/errors.ts';
import type { Clock } from '../model/runtime.ts';
import type { SourceUpdate } from '../model/update.ts';
import type { Source } from '../sources/source.ts';
import type { Ledger } from './ledger.ts';
import type { PublicationLoop } from './publication-loop.ts';

export interface SessionOptions<M> {
  readonly name: string;
  readonly source: Source<M>;
  readonly ledger: Ledger<M>;
  readonly publications: PublicationLoop;
  readonly identity: string;
  readonly signal: AbortSignal;
  /** Called when the source has shown that it is the right one. */
  readonly onOpened: () => void;
  /** Called for every update, after the ledger took it over. */
  readonly onUpdate: (update: SourceUpdate<M>) => void;
}

/** Returns when aborted; throws what the source, the ledger or the publisher throws. */
export async function runSession<M>(options: SessionOptions<M>): Promise<void> {
  const { source, ledger, publications, signal, onOpened, onUpdate } = options;
  assertIdentity(options.name, options.identity, await source.identity(signal));
  onOpened();
  for await (const update of source.updates(ledger.cursor, signal)) {
    if (signal.aborted) return;
    ledger.take(update);
    onUpdate(update);
    await publications.offer();
  }
}

/** Refuses to go on with another chain than the one the checkpoint is about. */
export function assertIdentity(name: string, expected: string, actual: string): void {
  if (expected === actual) return;
  throw new FatalError('source.other_genesis', {
    stage: 'pipeline',
    message: `Source ${name} now serves ${actual}, but its checkpoint and its topics are of ${expected}. Nothing was published. Point the source at the right chain, or give it another name or topic prefix (a restarted devnet has another genesis: ommer checkpoint reset --source ${name}).`,
    context: { expected, actual },
  });
}

/** Announces a heartbeat whenever nothing was published for `everyMs`, until aborted. */
export async function runHeartbeat<M>(options: {
  readonly ledger: Ledger<M>;
  readonly publications: PublicationLoop;
  readonly clock: Clock;
  readonly everyMs: number;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { ledger, publications, clock, everyMs, signal } = options;
  let published = ledger.sequence;
  while (!signal.aborted) {
    await clock.sleep(everyMs, signal);
    if (ledger.sequence === published && ledger.chain.isSettled) {
      ledger.announce({ kind: 'heartbeat', block: ledger.chain.tip });
      await publications.offer();
    }
    published = ledger.sequence;
  }
}

/** Asks the venue for its head now and then, so that the lag is known during a long catch-up. */
export async function runHeadWatch<M>(options: {
  readonly source: Source<M>;
  readonly clock: Clock;
  readonly everyMs: number;
  readonly onHead: (head: Cursor) => void;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { source, clock, everyMs, onHead, signal } = options;
  while (!signal.aborted) {
    // A failure here is no news: the session meets it too, and reports it.
    const head = await source.head(signal).catch(() => null);
    if (head !== null) onHead(head);
    await clock.sleep(everyMs, signal);
  }
}
