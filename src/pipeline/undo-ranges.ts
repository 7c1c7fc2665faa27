/** Where on the changelogs the undo window lies: one range per topic-partition. */
import type { UndoRange } from '../model/checkpoint.ts';

/** Joins the ranges of several blocks; sorted by topic and partition, so that checkpoints compare. */
export function undoRanges(ranges: readonly UndoRange[]): UndoRange[] {
  const joined = new Map<string, UndoRange>();
  for (const range of ranges) {
    const id = `${range.topic}/${range.partition}`;
    const known = joined.get(id);
    joined.set(id, {
      ...range,
      firstOffset: Math.min(range.firstOffset, known?.firstOffset ?? range.firstOffset),
      lastOffset: Math.max(range.lastOffset, known?.lastOffset ?? range.lastOffset),
    });
  }
  return [...joined.values()].sort(
    (a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition,
  );
}

/** Of several ends of one topic-partition, the last. */
export function latestEnds(ends: readonly UndoRange[]): UndoRange[] {
  const latest = new Map<string, UndoRange>();
  for (const end of ends) {
    const id = `${end.topic}/${end.partition}`;
    const known = latest.get(id);
    if (known === undefined || known.lastOffset < end.lastOffset) latest.set(id, end);
  }
  return [...latest.values()];
}
