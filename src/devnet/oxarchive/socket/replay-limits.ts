/** What the archive and the plan have to say about the window of a replay or of a REST request. */
import type { Plan } from '../access.ts';
import type { Channel } from '../channels.ts';
import { Failure } from '../failure.ts';
import type { ReplayRequest } from './requests.ts';

const dayMs = 24 * 3_600_000;

/** Throws a `Failure` when the archive begins later or the plan has less. */
export function checkWindow(
  { channels, startMs, endMs }: Pick<ReplayRequest, 'channels' | 'startMs' | 'endMs'>,
  { name, historyDaysMax }: Plan,
  nowMs: number,
): void {
  for (const channel of channels) checkCoverage(channel, startMs);
  if (startMs > nowMs) {
    throw new Failure('invalid_time_range', `start ${startMs} is in the future.`, 'start');
  }
  if (nowMs - startMs > historyDaysMax * dayMs) {
    throw new Failure(
      'historical_depth_exceeded',
      `The ${name} plan has the last ${historyDaysMax} days.`,
      'start',
    );
  }
  if (endMs - startMs > historyDaysMax * dayMs) {
    throw new Failure(
      'historical_range_exceeded',
      `The ${name} plan has ${historyDaysMax} days per request.`,
      'end',
    );
  }
}

function checkCoverage({ name, archiveFromMs }: Channel, startMs: number): void {
  if (startMs >= archiveFromMs) return;
  const since = new Date(archiveFromMs).toISOString();
  throw new Failure('range_before_coverage', `The archive of ${name} begins at ${since}.`, 'start');
}
