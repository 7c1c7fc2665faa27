/**
 * Lets each row pass once, and its retraction once: topics of a `low_latency` source repeat records
 * after a failure. Remembers rows until they are final and well behind the newest.
 */
import type { DecodedChange } from '../encoding/change-decoder.ts';
import { FatalError } from '../model/errors.ts';

/** A source repeats what it published since its last checkpoint: never blocks this far back. */
const repeatBlocksMax = 256;
/** Rows that come in before what may be forgotten is looked for again. */
const sweepRows = 10_000;

/** Bounded by finality, and by a number of rows. */
export class IdentityFilter {
  /** Rows that are handed over and not taken back, with their heights. */
  readonly #live = new Map<string, number>();
  readonly #rowsMax: number;
  #finalizedHeight = -1;
  #newestHeight = -1;
  /** At or below it rows were forgotten. */
  #forgottenHeight = -1;
  #sweepAt = sweepRows;

  /** At most `rowsMax` rows are remembered. */
  constructor(rowsMax: number) {
    this.#rowsMax = rowsMax;
  }

  get size(): number {
    return this.#live.size;
  }

  /**
   * False for a repeat, and for the retraction of a row that did not pass. Throws
   * `consumer.limit_exceeded` when too many rows have to be remembered.
   */
  lets({ eventId, incarnation, isRetraction }: DecodedChange, height: number): boolean {
    const id = `${eventId}#${incarnation}`;
    // A final row is taken back by a replay only, which happens once.
    if (isRetraction) return this.#live.delete(id) || height <= this.#forgottenHeight;
    if (this.#live.has(id)) return false;
    this.#newestHeight = Math.max(this.#newestHeight, height);
    if (this.#live.size >= Math.min(this.#sweepAt, this.#rowsMax)) this.#sweep();
    if (this.#live.size >= this.#rowsMax) throw tooMany(this.#rowsMax);
    this.#live.set(id, height);
    return true;
  }

  /** Rows at or below this height are final; it may be ahead of the rows seen so far. */
  prune(finalizedHeight: number): void {
    this.#finalizedHeight = Math.max(this.#finalizedHeight, finalizedHeight);
  }

  #sweep(): void {
    const height = Math.min(this.#finalizedHeight, this.#newestHeight - repeatBlocksMax);
    this.#forgottenHeight = Math.max(this.#forgottenHeight, height);
    for (const [id, rowHeight] of this.#live) if (rowHeight <= height) this.#live.delete(id);
    this.#sweepAt = this.#live.size + sweepRows;
  }
}

function tooMany(rowsMax: number): FatalError {
  return new FatalError('consumer.limit_exceeded', {
    stage: 'consumer',
    message: `More than limits.identitiesMax (${rowsMax}) rows are above the finalized head or in the last ${repeatBlocksMax} blocks, so repeats cannot be told. Raise the limit.`,
    context: { rowsMax },
  });
}
