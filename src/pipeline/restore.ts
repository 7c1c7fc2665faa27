/**
 * Rebuilds the undo window and the correction window from Kafka alone: the checkpoint names the blocks
 * that could still be reverted and where the rows lie on the changelogs. It trusts nothing it cannot
 * count.
 */
import type { InsertRecord, StoredChange, StoredRecord } from '../encoding/encoded-record.ts';
import type { Checkpoint, PublishedBlock, RevertedBlock, UndoRange } from '../model/checkpoint.ts';
import { blockCursor } from '../model/cursor.ts';
import { FatalError } from '../model/errors.ts';
import { UndoBlock } from '../normalization/undo-window.ts';
import { keptTables, readCovered, type TableReader } from './kept-tables.ts';
import { nothingRestored, type RestoredState } from './ledger-state.ts';
import type { TableSpec } from './table-spec.ts';
import { endOf, undoRanges } from './undo-ranges.ts';
import { WindowFinder } from './window-finder.ts';

/** What restore needs of Kafka, of the topics whose rows may be taken back. */
export interface RestoreReader extends TableReader {
  /** The newest committed checkpoint of this source, or null. */
  readCheckpoint(signal: AbortSignal): Promise<Checkpoint | null>;
  /** Committed records of these ranges, both ends included; per partition in offset order. */
  readRanges(ranges: readonly UndoRange[], signal: AbortSignal): AsyncIterable<StoredRecord[]>;
  /** First and last offset that can be read now, for every partition of the changelog topics. */
  readEnds(signal: AbortSignal): Promise<UndoRange[]>;
  readChange(record: StoredRecord): StoredChange | Promise<StoredChange>;
}

/** A row that belongs to a block. */
type BlockChange = StoredChange & { readonly blockHash: string };

interface FoundRow {
  readonly change: StoredChange;
  readonly offset: number;
}

/**
 * Reads what a restart needs. With `readsPastCheckpoint` (no transactions) also finds the rows that
 * were published after the checkpoint. Throws `checkpoint.undo_window_incomplete` when rows that
 * could still have to be retracted are not on the topics any more.
 */
export async function restore(
  reader: RestoreReader,
  options: {
    readonly readsPastCheckpoint: boolean;
    readonly tables: readonly TableSpec[];
    readonly signal: AbortSignal;
  },
): Promise<RestoredState> {
  const { readsPastCheckpoint, signal } = options;
  const checkpoint = await reader.readCheckpoint(signal);
  const tables = await keptTables(options.tables, { checkpoint, reader, signal });
  const ends = await reader.readEnds(signal);
  const endsAfter = readsPastCheckpoint ? ends.map(endOf) : null;
  if (checkpoint === null) {
    const unanswered = [...new Set(ends.filter(isNotEmpty).map(({ topic }) => topic))];
    return { ...nothingRestored, tables, unanswered, ends: endsAfter };
  }

  assertRetained(checkpoint, ends);
  const ranges = readsPastCheckpoint ? extended(checkpoint.undo, ends) : checkpoint.undo;
  const finder = new RowFinder(checkpoint);
  const window = new WindowFinder(checkpoint);
  for await (const records of reader.readRanges(ranges.filter(isNotEmpty), signal)) {
    for (const stored of records) {
      const change = await reader.readChange(stored);
      if (isOfBlock(change)) finder.add(stored, change);
      else window.add(stored, change, isAfter(checkpoint.undo, stored));
    }
  }
  const covered = await readCovered(options.tables, reader, signal);
  const topics = new Set(ends.map(({ topic }) => topic));
  const found = { ...finder.result(), window: window.result(topics) };
  return { ...found, tables, covered, unanswered: [], ends: endsAfter };
}

/** Sorts what is read into rows of blocks that can be reverted, and rows nobody answers for. */
class RowFinder {
  readonly #checkpoint: Checkpoint;
  readonly #incarnations: ReadonlyMap<string, number>;
  readonly #rows = new Map<string, Map<string, FoundRow>>();
  readonly #orphans = new Map<string, StoredChange>();
  readonly #withdrawn: InsertRecord[] = [];
  /** Blocks published after the checkpoint, retracted since or not: they may come back. */
  readonly #later: RevertedBlock[] = [];
  /** From this height on, retraction had begun after the checkpoint. */
  #cutHeight = Number.POSITIVE_INFINITY;

  constructor(checkpoint: Checkpoint) {
    this.#checkpoint = checkpoint;
    this.#incarnations = new Map(checkpoint.blocks.map((block) => [block.hash, block.incarnation]));
  }

  /** An event that was published twice (at least once delivery) counts once, at its first offset. */
  add(stored: StoredRecord, change: BlockChange): void {
    const { blockHash, record } = change;
    const id = `${record.topic}#${record.eventId}#${record.incarnation}`;
    // A block's rows keep the incarnation they were published with when others of it are revised.
    const isLive = record.incarnation <= (this.#incarnations.get(blockHash) ?? 0);
    const isLater = isAfter(this.#checkpoint.undo, stored);
    if (isLater && !isLive) {
      this.#later.push({ height: change.height, hash: blockHash, incarnation: record.incarnation });
    }
    if (change.isRetraction) {
      this.#orphans.delete(id);
      if (!isLive) return;
      const found = this.#rows.get(blockHash)?.get(id);
      this.#rows.get(blockHash)?.delete(id);
      if (!isLater) return;
      this.#cutHeight = Math.min(this.#cutHeight, change.height);
      if (found !== undefined) this.#withdrawn.push(found.change.record);
    } else if (isLive) {
      const rows = this.#rows.get(blockHash) ?? new Map<string, FoundRow>();
      if (!rows.has(id)) rows.set(id, { change, offset: stored.offset });
      this.#rows.set(blockHash, rows);
    } else if (isLater) this.#orphans.set(id, change);
  }

  result(): Omit<RestoredState, 'ends' | 'tables' | 'covered' | 'unanswered' | 'window'> {
    const { blocks } = this.#checkpoint;
    const kept = blocks.filter((block) => block.height < this.#cutHeight);
    const cut = blocks.filter((block) => block.height >= this.#cutHeight);
    const orphans = [...cut.flatMap((block) => this.#changesOf(block)), ...this.#orphans.values()];
    const reverted = [
      ...this.#checkpoint.reverted,
      ...cut.map(({ height, hash, incarnation }) => ({ height, hash, incarnation })),
      ...this.#later,
    ];
    const first = cut[0];
    const cursor =
      first === undefined
        ? this.#checkpoint.cursor
        : blockCursor({ height: first.height - 1, hash: first.parentHash });
    const checkpoint = { ...this.#checkpoint, blocks: kept, reverted, cursor };
    const undo = kept.map((block) => this.#undoBlock(block));
    return {
      checkpoint,
      undo,
      orphans: orphans.reverse().map((change) => change.record),
      withdrawn: this.#withdrawn,
    };
  }

  /** The block with exactly the rows that the checkpoint counted. */
  #undoBlock(block: PublishedBlock): UndoBlock<InsertRecord> {
    const rows = [...(this.#rows.get(block.hash)?.values() ?? [])];
    if (rows.length !== block.rows) throw incomplete(this.#checkpoint.source, block, rows.length);
    const records = rows.map((row) => row.change.record);
    return new UndoBlock(block, records, undoRanges(rows.map(placed)));
  }

  #changesOf(block: PublishedBlock): StoredChange[] {
    return [...(this.#rows.get(block.hash)?.values() ?? [])].map((row) => row.change);
  }
}

function isOfBlock(change: StoredChange): change is BlockChange {
  return change.blockHash !== null;
}

function placed({ change, offset }: FoundRow): UndoRange {
  const { topic, partition } = change.record;
  return { topic, partition, firstOffset: offset, lastOffset: offset };
}

function isNotEmpty(range: UndoRange): boolean {
  return range.firstOffset <= range.lastOffset;
}

/** From where the checkpoint's window starts to the end of each changelog partition. */
function extended(undo: readonly UndoRange[], ends: readonly UndoRange[]): UndoRange[] {
  return ends.map((end) => {
    const window = undo.find((range) => isSamePartition(range, end));
    return window === undefined ? end : { ...end, firstOffset: window.firstOffset };
  });
}

function isSamePartition(
  a: { readonly topic: string; readonly partition: number },
  b: { readonly topic: string; readonly partition: number },
): boolean {
  return a.topic === b.topic && a.partition === b.partition;
}

function isAfter(undo: readonly UndoRange[], stored: StoredRecord): boolean {
  const window = undo.find((range) => isSamePartition(range, stored));
  return window === undefined || stored.offset > window.lastOffset;
}

function assertRetained(checkpoint: Checkpoint, ends: readonly UndoRange[]): void {
  const corrected = new Set(checkpoint.corrections.map(({ topic }) => topic));
  for (const range of checkpoint.undo.filter(isNotEmpty)) {
    const end = ends.find((candidate) => isSamePartition(candidate, range));
    // Of a dataset of market data that is not published any more nothing will be corrected.
    if (end === undefined && corrected.has(range.topic)) continue;
    if (end !== undefined && end.firstOffset <= range.firstOffset) continue;
    throw new FatalError('checkpoint.undo_window_incomplete', {
      stage: 'pipeline',
      message: `Source ${checkpoint.source} needs ${range.topic}/${range.partition} from offset ${range.firstOffset} on to be able to retract unfinalized blocks and corrected rows, but ${end === undefined ? 'that partition does not exist' : `its first record is ${end.firstOffset}`}. Give the topic a longer retention; to go on, publish to new topics (topics.prefix).`,
      context: { topic: range.topic, partition: range.partition, offset: range.firstOffset },
    });
  }
}

function incomplete(
  source: string,
  block: { readonly height: number; readonly hash: string; readonly rows: number },
  found: number,
): FatalError {
  return new FatalError('checkpoint.undo_window_incomplete', {
    stage: 'pipeline',
    message: `Source ${source} published ${block.rows} rows for block ${block.height} (${block.hash}), but ${found} are on the topics. They could not be retracted exactly, so nothing is published. Check the topics' retention and who else writes to them; to go on, publish to new topics (topics.prefix).`,
    context: { height: block.height, hash: block.hash, expected: block.rows, found },
  });
}
