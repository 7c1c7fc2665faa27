/**
 * What replays of a source leave behind: a checkpoint of their own, beside the source's, that says
 * which parts of the control topic they wrote, and which heights they wrote to state topics that do
 * not have all. It also tells a replay that another one took over.
 */
import type { Checkpoint, KeptTable } from '../model/checkpoint.ts';
import type { HeightRange } from '../sources/source.ts';

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
  const tables = new Set(checkpoint?.tables.map(({ topic }) => topic));
  return (checkpoint?.undo ?? [])
    .filter(({ topic }) => !tables.has(topic))
    .map(({ firstOffset, lastOffset }) => ({
      firstOffset,
      lastOffset: Math.min(lastOffset, controlEnd - 1),
    }))
    .filter(({ firstOffset, lastOffset }) => firstOffset <= lastOffset);
}

/** Heights that replays wrote to a state topic; none when the topic was begun anew since. */
export function filledHeights(checkpoint: Checkpoint | null, table: KeptTable): HeightRange[] {
  const known = checkpoint?.tables.find(({ topic }) => topic === table.topic);
  if (known === undefined || known.fromHeight !== table.fromHeight) return [];
  return (checkpoint?.undo ?? [])
    .filter(({ topic }) => topic === table.topic)
    .map(({ firstOffset: from, lastOffset: to }) => ({ from, to }));
}

/** A state topic, as its source keeps it, and what replays wrote to it before. */
export interface FilledTable extends KeptTable {
  readonly filled: readonly HeightRange[];
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
  readonly tables: readonly FilledTable[];
  /** First height that it goes through. */
  readonly fromHeight: number;
}

/**
 * The checkpoint after a publication. `endOffset` is null while the replay goes on: the part that it
 * writes is then open, and closed by the replay that follows. Up to `height` all is right. Heights
 * written to a state topic stand where the undo window of a source has offsets.
 */
export function replayCheckpoint(
  state: ReplayState,
  at: {
    readonly sequence: number;
    readonly endOffset: number | null;
    readonly height: number;
    readonly nowMs: number;
  },
): Checkpoint {
  const { source, identity, controlTopic, generation, earlier, startOffset, tables } = state;
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
    undo: [
      ...ranges.map((range) => ({ topic: controlTopic, partition: 0, ...range })),
      ...tables.flatMap(({ topic, filled }) =>
        united([...filled, { from: state.fromHeight, to: at.height }]).map(({ from, to }) => {
          return { topic, partition: 0, firstOffset: from, lastOffset: to };
        }),
      ),
    ],
    partitionCounts: [],
    tables: tables.map(({ topic, fromHeight }) => ({ topic, fromHeight })),
    corrections: [],
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

/** Of too many the oldest heights' are forgotten: their rows are written once more, which is harmless. */
function united(ranges: readonly HeightRange[]): HeightRange[] {
  const all: HeightRange[] = [];
  for (const range of [...ranges].sort((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    if (last === undefined || range.from > last.to + 1) all.push(range);
    else all[all.length - 1] = { from: last.from, to: Math.max(last.to, range.to) };
  }
  return all.slice(-rangesMax);
}
