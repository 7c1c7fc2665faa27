/** Holes of what is replayed, over REST: it may have rows that were repaired since (reference section 6). */
import { FatalError } from '../../../model/errors.ts';
import type { BackfillPage, BackfillReader, Stretch } from '../holes/backfill.ts';

/** What REST has of such a hole; it is lacking where REST has nothing in it either, or gives nothing. */
export async function* repaired(
  rest: BackfillReader,
  stretch: Stretch,
  signal: AbortSignal,
): AsyncGenerator<BackfillPage> {
  const { fromMs, toMs } = stretch.range;
  let isThere = false;
  let receivedAtUs = 0;
  try {
    for await (const page of rest.pages(stretch, signal)) {
      ({ receivedAtUs } = page);
      isThere ||= page.rows.some(({ eventTimeMs }) => eventTimeMs > fromMs && eventTimeMs < toMs);
      yield page;
    }
  } catch (error) {
    if (!(error instanceof FatalError)) throw error;
  }
  if (!isThere) yield { rows: [], letters: [], lacking: [{ fromMs, toMs }], receivedAtUs };
}
