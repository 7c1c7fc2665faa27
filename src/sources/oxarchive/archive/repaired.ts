/** Holes of what is replayed, over REST: it may have rows that were repaired since (reference section 6). */
import { FatalError } from '../../../model/errors.ts';
import type { BackfillPage, BackfillReader, Stretch } from '../holes/backfill.ts';
import type { TimeRange } from './archive.ts';

/** The shortest silence that 0xArchive calls a hole of anything (reference section 6). */
const silenceMaxMs = 120_000;

/**
 * What REST has of such a hole. Lacking is what it has nothing of: each silence that is left in it and
 * is long enough to be a hole, or all of it where no row came. So one row repairs no hole.
 */
export async function* repaired(
  rest: BackfillReader,
  stretch: Stretch,
  signal: AbortSignal,
): AsyncGenerator<BackfillPage> {
  const timesMs: number[] = [];
  let receivedAtUs = 0;
  try {
    for await (const page of rest.pages(stretch, signal)) {
      ({ receivedAtUs } = page);
      for (const { eventTimeMs } of page.rows) timesMs.push(eventTimeMs);
      yield { ...page, lacking: [] };
    }
  } catch (error) {
    if (!(error instanceof FatalError)) throw error;
  }
  const lacking = silences(stretch.range, timesMs).map(
    (range) => ({ ...range, reason: 'archive_hole' }) as const,
  );
  if (lacking.length > 0) yield { rows: [], letters: [], lacking, receivedAtUs };
}

function silences({ fromMs, toMs }: TimeRange, timesMs: readonly number[]): readonly TimeRange[] {
  const inside = timesMs.filter((timeMs) => timeMs > fromMs && timeMs < toMs).sort((a, b) => a - b);
  if (inside.length === 0) return [{ fromMs, toMs }];
  return [...inside, toMs].flatMap((untilMs, at) => {
    const sinceMs = inside[at - 1] ?? fromMs;
    return untilMs - sinceMs >= silenceMaxMs ? [{ fromMs: sinceMs, toMs: untilMs }] : [];
  });
}
