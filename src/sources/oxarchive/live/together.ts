/**
 * Batches that came together as one: what each step after the session costs is then paid once, and one
 * publication carries them, where a first one by itself would make all others wait for its answer.
 */
import type { BatchUpdate, SourceUpdate } from '../../../model/update.ts';

/** The rows of a batch say that they were received with its first frame: so much early at most. */
const apartUsMax = 500;
const messagesMax = 64;

/** In the same order. What was given before something is thrown is yielded before it is. */
export function* together<M>(updates: Iterable<SourceUpdate<M>>): Generator<SourceUpdate<M>> {
  let open: BatchUpdate<M> | null = null;
  try {
    for (const update of updates) {
      const both: BatchUpdate<M> | null = joined(open, update);
      if (both !== null) {
        open = both;
        continue;
      }
      if (open !== null) yield open;
      open = update.kind === 'batch' ? update : null;
      if (open === null) yield update;
    }
  } catch (error) {
    if (open !== null) yield open;
    throw error;
  }
  if (open !== null) yield open;
}

/** Both as one; null where they are not to be. */
function joined<M>(first: BatchUpdate<M> | null, update: SourceUpdate<M>): BatchUpdate<M> | null {
  if (first === null || update.kind !== 'batch') return null;
  const { cursor, messages, isBackfill, receivedAtUs } = update;
  const isWith =
    isBackfill === first.isBackfill &&
    Math.abs(receivedAtUs - first.receivedAtUs) <= apartUsMax &&
    first.messages.length + messages.length <= messagesMax;
  return isWith ? { ...first, cursor, messages: [...first.messages, ...messages] } : null;
}
