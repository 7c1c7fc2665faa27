/** Adds up what a control topic says: rows per block, rows that are live, per topic and in all. */

import type { ControlRecord } from '../../encoding/control-decoder.ts';

/** Pure bookkeeping; blocks below the newest thousand are forgotten. */
export class ChainTally {
  readonly #rowsOfBlock = new Map<string, number>();
  readonly #liveByTopic = new Map<string, number>();
  inserts = 0;
  retractions = 0;

  /** Rows that were inserted and not retracted. */
  get live(): number {
    return this.inserts - this.retractions;
  }

  liveOf(topic: string): number {
    return this.#liveByTopic.get(topic) ?? 0;
  }

  /** Rows of a block, as published and put right since. */
  rowsOf(hash: string): number {
    return this.#rowsOfBlock.get(hash) ?? 0;
  }

  add(record: ControlRecord): void {
    const tallies = record.block?.tallies ?? record.reorg?.tallies ?? [];
    for (const { topic, inserts, retractions } of tallies) {
      this.#liveByTopic.set(topic, this.liveOf(topic) + inserts - retractions);
      this.inserts += inserts;
      this.retractions += retractions;
    }
    if (record.block === null || record.hash === null) return;
    const change = tallies.reduce(
      (sum, { inserts, retractions }) => sum + inserts - retractions,
      0,
    );
    const before = record.kind === 'block' ? 0 : this.rowsOf(record.hash);
    this.#rowsOfBlock.set(record.hash, before + change);
    const [oldest] = this.#rowsOfBlock.keys();
    if (this.#rowsOfBlock.size > 1000 && oldest !== undefined) this.#rowsOfBlock.delete(oldest);
  }
}
