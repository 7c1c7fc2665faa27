/**
 * Reads whole blocks from REST: a range of linked blocks with all rows of every dataset, from one
 * state of the chain. Ends where REST ends; that is how its lag is known.
 */
import { DataError, type ErrorCode, FatalError, PipelineError } from '../../../model/errors.ts';
import type { HeightRange } from '../../source.ts';
import type { ArchiveBlock, DeadLetter } from '../assembly/assembler.ts';
import { headerOf, heightOf, type KeyedRow, keyedRow } from '../assembly/said-row.ts';
import type { BlockdbConfig } from '../config.ts';
import type { BlockdbDataset, WireFields } from '../messages.ts';
import { filtersOf } from '../stream/subscriptions.ts';
import type { Archive } from './archive.ts';

/**
 * - `read`: linked blocks from the first height asked for on; none where REST has not come so far.
 * - `moved`: the chain changed while it was read.
 */
export type RangeOutcome =
  | {
      readonly kind: 'read';
      readonly blocks: readonly ArchiveBlock[];
      /** Rows that cannot be read. */
      readonly letters: readonly DeadLetter[];
      /** REST had all that was asked for, so there may be more. */
      readonly isFull: boolean;
    }
  | { readonly kind: 'moved' };

/** A dataset that REST does not give: its rows cannot be compared. */
export interface Ungiven {
  readonly dataset: BlockdbDataset;
  readonly code: ErrorCode;
  readonly message: string;
}

/** Remembers which datasets REST does not give, and how much of a range an answer can hold. */
export class RangeReader {
  readonly #archive: Archive;
  readonly #config: BlockdbConfig;
  readonly #datasets: readonly BlockdbDataset[];
  readonly ungiven = new Map<BlockdbDataset, Ungiven>();
  #blocksMax: number;

  /** `datasets` without those that have no height. */
  constructor(archive: Archive, config: BlockdbConfig, datasets: readonly BlockdbDataset[]) {
    this.#archive = archive;
    this.#config = config;
    this.#datasets = datasets.filter((dataset) => dataset !== 'blocks');
    this.#blocksMax = config.blocksPerFetch;
  }

  get origin(): string {
    return this.#archive.origin;
  }

  /** The datasets whose rows a read block has all of. */
  get covers(): ReadonlySet<string> {
    return new Set(['blocks', ...this.#datasets.filter((each) => !this.ungiven.has(each))]);
  }

  /** At most `blocksPerFetch` blocks from `from` on. Throws what the archive throws. */
  async read({ from, to }: HeightRange, signal: AbortSignal): Promise<RangeOutcome> {
    for (;;) {
      const end = Math.min(to, from + this.#blocksMax - 1);
      try {
        return await this.#readRange({ from, to: end }, signal);
      } catch (error) {
        const isTooMuch =
          error instanceof PipelineError &&
          (error.code === 'transport.frame_too_large' || error.code === 'source.unreachable');
        signal.throwIfAborted();
        if (!isTooMuch || this.#blocksMax === 1) throw error;
        this.#blocksMax = Math.ceil(this.#blocksMax / 2);
        if (error.code === 'source.unreachable') throw error;
      }
    }
  }

  async #readRange(range: HeightRange, signal: AbortSignal): Promise<RangeOutcome> {
    const before = await this.#blocks(range, signal);
    const linked = linkedFrom(range.from, before);
    const last = linked.at(-1);
    if (last === undefined) return { kind: 'read', blocks: [], letters: [], isFull: false };
    const to = { from: range.from, to: last.header.height };
    const letters: DeadLetter[] = [];
    const all = await Promise.all(
      this.#datasets.map((dataset) => this.#rowsOf(dataset, to, { letters, signal })),
    );
    // A dataset may lag behind the blocks themselves.
    const served = Math.min(to.to, ...all.map(({ resolvedTo }) => resolvedTo ?? to.to));
    const after = await this.#blocks({ from: to.to, to: to.to }, signal);
    if (after[0]?.header.hash !== last.header.hash) return { kind: 'moved' };
    const byHeight = new Map<number, KeyedRow[]>();
    for (const { rows } of all) {
      for (const [height, row] of rows) {
        const held = byHeight.get(height);
        if (held === undefined) byHeight.set(height, [row]);
        else held.push(row);
      }
    }
    const blocks = linked
      .filter(({ header }) => header.height <= served)
      .map(({ header, rows, receivedAtUs }) => ({
        header,
        rows: [...rows, ...(byHeight.get(header.height) ?? [])],
        receivedAtUs,
      }));
    return { kind: 'read', blocks, letters, isFull: served === range.to };
  }

  async #blocks(range: HeightRange, signal: AbortSignal): Promise<readonly ArchiveBlock[]> {
    const query = { dataset: 'blocks', range, params: {} } as const;
    const { rows, receivedAtUs } = await this.#archive.rows(query, signal);
    return rows
      .map((data) => ({ header: headerOf(data), rows: [keyedRow('blocks', data)], receivedAtUs }))
      .sort((a, b) => a.header.height - b.header.height);
  }

  async #rowsOf(
    dataset: BlockdbDataset,
    range: HeightRange,
    { letters, signal }: { readonly letters: DeadLetter[]; readonly signal: AbortSignal },
  ): Promise<{ readonly rows: readonly [number, KeyedRow][]; readonly resolvedTo: number | null }> {
    const nothing = { rows: [], resolvedTo: null };
    if (this.ungiven.has(dataset)) return nothing;
    try {
      const answers = await Promise.all(
        filtersOf(this.#config, dataset).map((params) =>
          this.#archive.rows({ dataset, range, params }, signal),
        ),
      );
      const ends = answers.flatMap(({ resolvedTo }) => (resolvedTo === null ? [] : [resolvedTo]));
      const placed = answers.map(({ rows }) => placedRows(dataset, rows, { range, letters }));
      // Several filters may match one row.
      const rows = new Map(placed.flatMap((each) => [...each]));
      return { rows: [...rows.values()], resolvedTo: ends.length === 0 ? null : Math.min(...ends) };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof FatalError) || !isUngiven(error.code)) throw error;
      this.ungiven.set(dataset, { dataset, code: error.code, message: error.message });
      return nothing;
    }
  }
}

/**
 * The rows of one answer by height and key. A batch may hold the same token twice: rows that their key
 * does not tell apart are counted.
 */
function placedRows(
  dataset: BlockdbDataset,
  rows: readonly WireFields[],
  { range, letters }: { readonly range: HeightRange; readonly letters: DeadLetter[] },
): ReadonlyMap<string, [number, KeyedRow]> {
  const placed = new Map<string, [number, KeyedRow]>();
  for (const data of rows) {
    try {
      const height = heightOf(dataset, data);
      if (height < range.from || height > range.to) continue;
      const row = keyedRow(dataset, data);
      let { key } = row;
      for (let times = 2; placed.has(`${height}/${key}`); times += 1) key = `${row.key}#${times}`;
      placed.set(`${height}/${key}`, [height, { ...row, key }]);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      const raw = Buffer.from(JSON.stringify(data, textOfBigint), 'utf8');
      letters.push({ raw, code: error.code, reason: error.message });
    }
  }
  return placed;
}

/** The blocks from `from` on, as far as each is the child of the one before. */
function linkedFrom(from: number, blocks: readonly ArchiveBlock[]): readonly ArchiveBlock[] {
  const linked: ArchiveBlock[] = [];
  for (const block of blocks) {
    const last = linked.at(-1)?.header;
    if (block.header.height !== from + linked.length) break;
    if (last !== undefined && block.header.parentHash !== last.hash) break;
    linked.push(block);
  }
  return linked;
}

function isUngiven(code: ErrorCode): boolean {
  return code === 'source.dataset_forbidden' || code === 'source.dataset_unknown';
}

function textOfBigint(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
