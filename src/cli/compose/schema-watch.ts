/**
 * Asks the registry now and then whether the ids that records carry still mean the same: a registry
 * that was restarted empty gets the schemas back, one that means something else stops the run.
 */
import type { SchemaRegistration } from '../../encoding/schema-registration.ts';
import { FatalError } from '../../model/errors.ts';
import type { Clock, Logger } from '../../model/runtime.ts';

/** Resolves when aborted; throws `registry.ids_changed`. An unreachable registry is only logged. */
export async function watchSchemas(options: {
  readonly registration: SchemaRegistration;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly everyMs: number;
  readonly signal: AbortSignal;
}): Promise<void> {
  const { registration, clock, logger, everyMs, signal } = options;
  while (!signal.aborted) {
    await clock.sleep(everyMs, signal).catch(() => undefined);
    if (signal.aborted) return;
    try {
      const found = await registration.verifyNext();
      if (found.kind === 'healed') {
        logger.warn({ subjects: found.subjects.length }, 'registry had lost schemas: restored');
      }
    } catch (error) {
      if (error instanceof FatalError) throw error;
      logger.warn({ err: error }, 'registry not reachable');
    }
  }
}
