/** Rows of a message that holds many things: one that makes no row must not cost the others theirs. */
import type { RefusePart } from './source.ts';

/** What `make` gives; undefined when it threw and `refuse` took the part over. */
export function rowOfPart<R>(
  part: unknown,
  refuse: RefusePart | undefined,
  make: () => R,
): R | undefined {
  try {
    return make();
  } catch (error) {
    if (refuse === undefined) throw error;
    refuse(error, part);
    return undefined;
  }
}
