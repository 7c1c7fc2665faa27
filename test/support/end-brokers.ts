/** Ends the brokers of a test's cluster, of which nobody needs the data any more. */
import type { Broker } from '../../src/devnet/kafka.ts';

/** A cluster that is asked to end waits in vain for the quorum that has just gone, so it is not asked. */
export async function endBrokers(brokers: readonly Broker[]): Promise<void> {
  // A single one ends at once, and gracefully: the first of all leaves the class archive.
  if (brokers.length > 1) await Promise.all(brokers.map(({ process }) => process.kill()));
}
