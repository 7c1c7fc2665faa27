/**
 * What replays of a source leave behind: a checkpoint of their own, beside the source's, that says
 * which parts of the control topic they wrote. It also tells a replay that another one took over.
 */
import type { Checkpoint } from '../model/checkpoint.ts';

/** Offsets of the control topic; both ends are included. */
export interface ControlRange {
  readonly firstOffset: number;
  readonly lastOffset: number;
}

/** Ranges kept apart; beyond that the closest two become one, which only costs reading. */
const rangesMax = 64;

/** End of a part that is still being written: more than any log will have. */
const openEnd = 2 ** 52;

/** Name under which a source's replays keep their checkpoint: no source can have it. */
export function replayName(source: string): string {
  return `${source}/replay`;
}

/** Prefix of the transactional ids of a source's replays: no source can have it. */
export function replayTransactionalIdPrefix(sourcePrefix: string): string {
  return `${sourcePrefix}.replay`;
}

/** The parts of the control topic that replays wrote, as far as it reaches now. */
export function replayedRanges(checkpoint: Checkpoint | null, controlEnd: number): ControlRange[] {
  return (checkpoint?.undo ?? [])
    .map(({ firstOffset, lastOffset }) => ({
      firstOffset,
      lastOffset: Math.min(lastOffset, controlEnd - 1),
    }))
    .filter(({ firstOffset, lastOffset }) => firstOffset <= lastOffset);
}

/** Of one replay under way. */
export interface ReplayState {
  readonly source: string;
  readonly identity: string;
  readonly controlTopic: string;
  /** Greater than that of every replay before, and nobody else's. */
  readonly generation: number;
  readonly earlier: readonly ControlRange[];
  /** End of the control topic when the replay began. */
  readonly startOffset: number;
}

/**
 * The checkpoint after a publication. `endOffset` is null while the replay goes on: the part that it
 * writes is then open, and closed by the replay that follows.
 */
export function replayCheckpoint(
  state: ReplayState,
  at: { readonly sequence: number; readonly endOffset: number | null; readonly nowMs: number },
): Checkpoint {
  const { source, identity, controlTopic, generation, earlier, startOffset } = state;
  const lastOffset = at.endOffset === null ? openEnd : at.endOffset - 1;
  const ranges = joined([...earlier, { firstOffset: startOffset, lastOffset }]);
  return {
    version: 1,
    source: replayName(source),
    identity,
    generation,
    sequence: at.sequence,
    cursor: null,
    finalized: null,
    blocks: [],
    reverted: [],
    undo: ranges.map((range) => ({ topic: controlTopic, partition: 0, ...range })),
    partitionCounts: [],
    tables: [],
    writtenAtMs: at.nowMs,
  };
}

function joined(ranges: readonly ControlRange[]): ControlRange[] {
  const all = [...ranges].sort((a, b) => a.firstOffset - b.firstOffset);
  while (all.length > rangesMax) {
    const gaps = all
      .slice(1)
      .map((range, index) => range.firstOffset - (all[index]?.lastOffset ?? 0));
    const at = gaps.indexOf(Math.min(...gaps));
    const [first, second] = all.slice(at, at + 2);
    if (first === undefined || second === undefined) break;
    const { firstOffset } = first;
    all.splice(at, 2, { firstOffset, lastOffset: Math.max(first.lastOffset, second.lastOffset) });
  }
  return all;
}
