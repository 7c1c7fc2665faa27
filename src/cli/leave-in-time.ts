/** The end of a command that was asked to stop, whatever does not answer. */
import type { Logger } from '../model/runtime.ts';
import { systemClock } from '../model/system-clock.ts';

/** With the end of the process a stop takes less than 5 s. */
const stopMsMax = 4_000;

/**
 * 0, some time after the signal. What is under way then is not committed: the next start settles it
 * and goes on from the last commit.
 */
export async function leaveInTime(signal: AbortSignal, logger: Logger): Promise<number> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await systemClock.sleep(stopMsMax);
  logger.warn({ afterMs: stopMsMax }, 'stop left something unfinished');
  return 0;
}
