/**
 * Updates on their way: in order within a dataset, in any order between datasets. An update that is
 * late holds those of its dataset behind it.
 */
import type { SeededRandom } from '../../traffic/seeded-random.ts';
import type { Row } from '../chain/block.ts';
import { type DatasetId, datasetIds } from '../chain/datasets.ts';

/** A row to send. */
export interface Update {
  readonly row: Row;
  readonly isReorg: boolean;
  /** The row that this one corrects, if there was one. */
  readonly replaced?: Row;
}

interface Waiting {
  readonly update: Update;
  readonly dueMs: number;
}

/** One lane per dataset. */
export class Lanes {
  readonly #random: SeededRandom;
  readonly #isInterleaved: boolean;
  readonly #lanes = new Map<DatasetId, Waiting[]>();

  constructor(random: SeededRandom, isInterleaved: boolean) {
    this.#random = random;
    this.#isInterleaved = isInterleaved;
  }

  /** When the next update is due; undefined when none waits. */
  get nextDueMs(): number | undefined {
    const due = [...this.#lanes.values()].map(
      ([first]) => first?.dueMs ?? Number.POSITIVE_INFINITY,
    );
    const next = Math.min(...due);
    return Number.isFinite(next) ? next : undefined;
  }

  put(update: Update, dueMs: number): void {
    const lane = this.#lanes.get(update.row.dataset) ?? [];
    this.#lanes.set(update.row.dataset, lane);
    lane.push({ update, dueMs });
  }

  /** Takes what is due. */
  take(nowMs: number): readonly Update[] {
    const due = datasetIds.map((id) => this.#takeDue(id, nowMs));
    if (!this.#isInterleaved) return due.flat();
    // Each update keeps its place within its lane: lots are drawn for lanes, not for updates.
    const turns = this.#random.shuffle(due.flatMap((updates, n) => updates.map(() => n)));
    const cursors = due.map((updates) => updates.values());
    return turns.flatMap((n) => {
      const next = cursors[n]?.next();
      return next === undefined || next.done === true ? [] : [next.value];
    });
  }

  #takeDue(id: DatasetId, nowMs: number): readonly Update[] {
    const lane = this.#lanes.get(id) ?? [];
    const end = lane.findIndex(({ dueMs }) => dueMs > nowMs);
    return lane.splice(0, end === -1 ? lane.length : end).map(({ update }) => update);
  }
}
