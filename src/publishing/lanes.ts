/**
 * Several transactional ids used in turn. A transaction's commit markers are still being written when
 * the next one begins; on another id it does not have to wait for them. Order is kept: the next
 * transaction begins only after the last one's commit was acknowledged.
 */
import { type LaneOptions, ProducerLane } from './producer-lane.ts';

/** How the lanes of one source are made. */
export interface LanesOptions extends Omit<LaneOptions, 'transactionalId'> {
  /** Lane `n` has the transactional id `<prefix>-<n>`; the same for every instance of the source. */
  readonly transactionalIdPrefix: string;
  readonly count: number;
}

/** The transactional ids of a source, one per lane. */
export function transactionalIds(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${prefix}-${n}`);
}

/** The lanes of one source. */
export class Lanes {
  readonly #options: LanesOptions;
  #lanes: readonly ProducerLane[] = [];
  #turn = 0;

  constructor(options: LanesOptions) {
    this.#options = options;
  }

  /**
   * Throws the present producers away and initialises every lane. When it resolves, older instances
   * are fenced and nothing they or we sent before can become visible any more.
   */
  async open(): Promise<void> {
    this.kill();
    const { transactionalIdPrefix, count, ...options } = this.#options;
    const lanes = transactionalIds(transactionalIdPrefix, count).map(
      (transactionalId) => new ProducerLane({ ...options, transactionalId }),
    );
    this.#lanes = lanes;
    const opened = await Promise.allSettled(lanes.map((lane) => lane.open()));
    const failed = opened.find((result) => result.status === 'rejected');
    if (failed === undefined) return;
    for (const lane of lanes) lane.kill();
    throw failed.reason;
  }

  /** The lane whose turn it is. Throws when the lanes were killed. */
  next(): ProducerLane {
    const lane = this.#lanes[this.#turn % this.#lanes.length];
    if (lane === undefined) throw new Error('the producers are closed');
    this.#turn += 1;
    return lane;
  }

  /** The last thing any of the present producers complained about. */
  lastTrouble(): string | null {
    return this.#lanes.map((lane) => lane.lastTrouble()).find((text) => text !== null) ?? null;
  }

  /** Ends all producers at once. */
  kill(): void {
    for (const lane of this.#lanes) lane.kill();
    this.#lanes = [];
  }
}
