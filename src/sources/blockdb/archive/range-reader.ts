/**
 * Reads whole blocks from REST: a range of linked blocks with all rows of every dataset, from one
 * state of the chain. Ends where REST ends; that is how its lag is known.
 */
import type { BlockHeader } from '../../../model/block.ts';
import { type ErrorCode, FatalError, PipelineError } from '../../../model/errors.ts';
import type { HeightRange } from '../../source.ts';
import type { ArchiveBlock } from '../assembly/archive-block.ts';
import type { DeadLetter } from '../assembly/discards.ts';
import type { Recheck } from '../assembly/recheck.ts';
import { headerOf, type KeyedRow, keyedRow } from '../assembly/said-row.ts';
import { isBarDataset, type Span } from '../bars.ts';
import type { BlockdbConfig } from '../config.ts';
import type { BlockdbDataset } from '../messages.ts';
import type { Archive } from './archive.ts';
import { barsOf, type RangeRows, rowsOf } from './range-rows.ts';

/**
 * - `read`: linked blocks from the first height asked for on; none where REST has not come so far.
 * - `moved`: the chain changed while it was read.
 */
export type RangeOutcome =
  | {
      readonly kind: 'read';
      readonly blocks: readonly ArchiveBlock[];
      /** The block below them, where bars are wanted and REST has it. */
      readonly below: BlockHeader | null;
      /** REST showed this height before the rows were read, and maybe more. */
      readonly servedTo: number;
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

/** How far REST must have come for its word on the bars of a span, up to a height, to be the newest. */
export type ServedFrom = (span: Span, height: number) => number;

interface Linked {
  readonly blocks: readonly ArchiveBlock[];
  readonly below: BlockHeader | null;
}

/** Remembers which datasets REST does not give, and how much of a range an answer can hold. */
export class RangeReader {
  readonly #archive: Archive;
  readonly #config: BlockdbConfig;
  readonly #datasets: readonly BlockdbDataset[];
  readonly #hasBars: boolean;
  readonly ungiven = new Map<BlockdbDataset, Ungiven>();
  #blocksMax: number;

  constructor(archive: Archive, config: BlockdbConfig, datasets: readonly BlockdbDataset[]) {
    this.#archive = archive;
    this.#config = config;
    this.#datasets = datasets.filter((dataset) => dataset !== 'blocks');
    this.#hasBars = datasets.some(isBarDataset);
    this.#blocksMax = config.blocksPerFetch;
  }

  get origin(): string {
    return this.#archive.origin;
  }

  /** The datasets whose rows a read block has all of. */
  get covers(): ReadonlySet<string> {
    return new Set(['blocks', ...this.#datasets.filter((each) => !this.ungiven.has(each))]);
  }

  /** Goes on without a dataset. */
  leaveOut(ungiven: Ungiven): void {
    this.ungiven.set(ungiven.dataset, ungiven);
  }

  /** At most `blocksPerFetch` blocks from `from` on. Throws what the archive throws. */
  async read(
    { from, to }: HeightRange,
    signal: AbortSignal,
    servedFrom: ServedFrom = () => -1,
  ): Promise<RangeOutcome> {
    for (;;) {
      const end = Math.min(to, from + this.#blocksMax - 1);
      try {
        const outcome = await this.#readRange({ from, to: end }, { signal, servedFrom });
        // Halved for an answer that was too large or too late; most are neither.
        if (outcome.kind === 'read' && outcome.isFull) {
          this.#blocksMax = Math.min(this.#config.blocksPerFetch, this.#blocksMax + 1);
        }
        return outcome;
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

  async #readRange(
    range: HeightRange,
    { signal, servedFrom }: { readonly signal: AbortSignal; readonly servedFrom: ServedFrom },
  ): Promise<RangeOutcome> {
    const linked = await this.#linked(range, signal);
    const { below } = linked;
    const last = linked.blocks.at(-1)?.header;
    const letters: DeadLetter[] = [];
    if (last === undefined) {
      return { kind: 'read', blocks: [], below, servedTo: -1, letters, isFull: false };
    }
    const servedTo = await this.#servedTo(linked, { range, signal, servedFrom });
    const all = await Promise.all(
      this.#datasets.map((dataset) => this.#rowsOf(dataset, linked, { letters, signal })),
    );
    // A dataset may lag behind the blocks themselves.
    const served = Math.min(last.height, ...all.map(({ servedTo }) => servedTo));
    const after = await this.#blocks({ from: last.height, to: last.height }, signal);
    if (after[0]?.header.hash !== last.hash) return { kind: 'moved' };
    const byHeight = new Map<number, KeyedRow[]>();
    for (const { rows } of all) {
      for (const [height, row] of rows) {
        const held = byHeight.get(height);
        if (held === undefined) byHeight.set(height, [row]);
        else held.push(row);
      }
    }
    const blocks = linked.blocks
      .filter(({ header }) => header.height <= served)
      .map((block) => ({
        ...block,
        rows: [...block.rows, ...(byHeight.get(block.header.height) ?? [])],
      }));
    const isFull = served === range.to;
    return { kind: 'read', blocks, below, servedTo, letters, isFull };
  }

  /** What REST says now of the bars that these blocks closed. Throws what the archive throws. */
  async bars(headers: readonly BlockHeader[], signal: AbortSignal): Promise<Recheck> {
    const datasets = this.#datasets.filter((each) => isBarDataset(each) && !this.ungiven.has(each));
    const [first] = headers;
    const at = (first?.height ?? 0) - 1;
    const found = first === undefined ? [] : await this.#blocks({ from: at, to: at }, signal);
    const below = found.find(({ header }) => header.hash === first?.parentHash)?.header ?? null;
    const scope = { archive: this.#archive, config: this.#config, letters: [], signal };
    const all = await Promise.all(
      datasets.map((dataset) => barsOf(dataset, { headers, below }, scope)),
    );
    return { headers, rows: all.flatMap(({ rows }) => rows), covers: new Set(datasets) };
  }

  /** The blocks of a range as far as they are linked; for bars also the one below. */
  async #linked({ from, to }: HeightRange, signal: AbortSignal): Promise<Linked> {
    const lowest = this.#hasBars ? Math.max(0, from - 1) : from;
    const found = await this.#blocks({ from: lowest, to }, signal);
    const isAbove = ({ header }: ArchiveBlock) => header.height >= from;
    const blocks = linkedFrom(from, found.filter(isAbove));
    const parentHash = blocks[0]?.header.parentHash;
    const below = found.find(({ header }) => header.hash === parentHash)?.header ?? null;
    let parentTimeMs = below?.timeMs ?? null;
    const timed = blocks.map((block) => {
      const withParent = { ...block, parentTimeMs };
      if (this.#hasBars) parentTimeMs = block.header.timeMs;
      return withParent;
    });
    return { blocks: timed, below };
  }

  /** The blocks that were read are served; whether more are is asked only where bars need it. */
  async #servedTo(
    { blocks, below }: Linked,
    {
      range,
      signal,
      servedFrom,
    }: {
      readonly range: HeightRange;
      readonly signal: AbortSignal;
      readonly servedFrom: ServedFrom;
    },
  ): Promise<number> {
    const last = blocks.at(-1)?.header;
    if (last === undefined) return -1;
    if (!this.#hasBars) return last.height;
    const afterMs = below?.timeMs ?? Number.NEGATIVE_INFINITY;
    const needed = servedFrom({ afterMs, toMs: last.timeMs }, last.height);
    if (needed <= last.height || last.height < range.to) return last.height;
    const found = await this.#blocks({ from: needed, to: needed }, signal);
    return found.length === 0 ? last.height : needed;
  }

  async #blocks(range: HeightRange, signal: AbortSignal): Promise<readonly ArchiveBlock[]> {
    const query = { dataset: 'blocks', range, params: {} } as const;
    const { rows, receivedAtUs } = await this.#archive.rows(query, signal);
    return rows
      .map((data) => ({
        header: headerOf(data),
        rows: [keyedRow('blocks', data)],
        parentTimeMs: null,
        receivedAtUs,
      }))
      .sort((a, b) => a.header.height - b.header.height);
  }

  async #rowsOf(
    dataset: BlockdbDataset,
    { blocks, below }: Linked,
    { letters, signal }: { readonly letters: DeadLetter[]; readonly signal: AbortSignal },
  ): Promise<RangeRows> {
    const nothing = { rows: [], servedTo: Number.POSITIVE_INFINITY };
    if (this.ungiven.has(dataset)) return nothing;
    const scope = { archive: this.#archive, config: this.#config, letters, signal };
    const headers = blocks.map(({ header }) => header);
    try {
      return isBarDataset(dataset)
        ? await barsOf(dataset, { headers, below }, scope)
        : await rowsOf(dataset, headers, scope);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof FatalError) || !isUngiven(error.code)) throw error;
      this.leaveOut({ dataset, code: error.code, message: error.message });
      return nothing;
    }
  }
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
