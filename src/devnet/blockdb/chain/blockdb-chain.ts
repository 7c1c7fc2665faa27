/**
 * The simulated chain as BlockDB's database sees it: blocks are appended and taken back, rows get
 * their lineage, bars follow. It tells nobody: what is sent is the stream's matter.
 */
import type { Item } from '../../simulator/json.ts';
import { SeededRandom } from '../../traffic/seeded-random.ts';
import { BarBook, type BarRow } from './bar-book.ts';
import type { BlockContent, BlockHeader, ChainBlock, Row } from './block.ts';
import { type Cast, createCast } from './cast.ts';
import { type DatasetId, datasetIds, datasetNamed } from './datasets.ts';
import type { TransactionDraft } from './draft.ts';
import { type BlockRequest, drawBlock } from './draw-block.ts';
import { digest, handleOf, Lineage } from './lineage.ts';

/** How the chain is laid out. */
export interface ChainOptions {
  readonly seed: string;
  readonly chainId: number;
  /** Height of the first block. */
  readonly firstHeight: number;
  readonly blockTimeMs: number;
  /** Time of the first block; later ones follow at the block time. */
  readonly startTimeMs: number;
  readonly tracingIds: 'key' | 'content';
  readonly barsCorrectedForMs: number;
  /** Of older blocks only the headers are kept. */
  readonly blocksMax: number;
  nowMs(): number;
  /** When it says something, the time of a block; else the block time decides. */
  blockTimeNowMs(): number | undefined;
}

const undoBlocksMax = 200;

/** The chain. It begins without a block. */
export class BlockdbChain {
  readonly cast: Cast;
  readonly #options: ChainOptions;
  readonly #lineage: Lineage;
  readonly #bars: BarBook;
  readonly #blocks: ChainBlock[] = [];
  /** The bars as they are now: by dataset, by key. */
  readonly #barRows = new Map<DatasetId, Map<string, Row>>();
  readonly #attempts = new Map<number, number>();
  #fallen: readonly TransactionDraft[] = [];
  /** How many of the blocks, from the first on, have nothing but their header. */
  #forgotten = 0;

  constructor(options: ChainOptions) {
    const { seed, tracingIds, nowMs } = options;
    this.cast = createCast(seed);
    this.#options = options;
    this.#lineage = new Lineage({ follows: tracingIds, nowMs });
    this.#bars = new BarBook(this.cast, options.barsCorrectedForMs);
  }

  /** All canonical blocks, oldest first; old ones only with their row of `0101`. */
  get blocks(): readonly ChainBlock[] {
    return this.#blocks;
  }

  /** How many blocks can fall now; the oldest whole one stays. */
  get depthMax(): number {
    return Math.min(undoBlocksMax, Math.max(this.#blocks.length - this.#forgotten - 1, 0));
  }

  /** Draws the next block and appends it. */
  grow(request: BlockRequest = {}): ChainBlock {
    const { seed, chainId, firstHeight } = this.#options;
    const parent = this.#blocks.at(-1)?.header;
    const height = (parent?.height ?? firstHeight - 1) + 1;
    const attempt = this.#attempts.get(height) ?? 0;
    this.#attempts.set(height, attempt + 1);
    const content = drawBlock(
      {
        seed,
        cast: this.cast,
        chainId,
        height,
        parentHash: parent?.hash ?? digest(`${seed}/before`),
        timeMs: this.#timeMs(height),
        attempt,
        fallen: this.#fallen,
      },
      request,
    );
    this.#fallen = [];
    return this.append(content);
  }

  /** Appends a block that was drawn before, or elsewhere. Throws a `RangeError` if it does not link. */
  append(content: BlockContent): ChainBlock {
    const { header } = content;
    const parent = this.#blocks.at(-1)?.header;
    if (parent !== undefined && !isLinked(parent, header)) {
      throw new RangeError(`Block ${header.height} ${header.hash} does not follow ${parent.hash}.`);
    }
    const rows = this.#writeRows(content);
    const prints = content.rows.get('0302') ?? [];
    const random = new SeededRandom(`${this.#options.seed}/bars/${header.hash}`);
    const bars = this.#writeBars(this.#bars.apply(header, prints, random), header.height, rows);
    const block = { content, header, rows, bars };
    this.#blocks.push(block);
    const mined = new Set(content.transactions.map(({ hash }) => hash));
    this.#fallen = this.#fallen.filter(({ hash }) => !mined.has(hash));
    this.#forget(header);
    return block;
  }

  /** Takes the last blocks back, newest first; returns them oldest first, and the bars they changed. */
  revert(depth: number): { readonly fallen: readonly ChainBlock[]; readonly bars: readonly Row[] } {
    if (depth < 1 || depth > this.depthMax) {
      throw new RangeError(`A depth of 1 to ${this.depthMax} is possible now, not ${depth}.`);
    }
    const fallen = this.#blocks.splice(-depth);
    const height = this.#blocks.at(-1)?.header.height ?? 0;
    this.#fallen = [...fallen.flatMap(({ content }) => content.transactions), ...this.#fallen];
    for (const { dataset, key } of fallen.flatMap(({ bars }) => bars)) {
      this.#barRows.get(dataset)?.delete(key);
    }
    const bars = this.#writeBars(this.#bars.revert(height), height, []);
    return { fallen, bars };
  }

  /** The canonical rows of a dataset: by height and place, bars by bucket. */
  rows(dataset: DatasetId): readonly Row[] {
    if (datasetNamed(dataset).isBar) return sortedBars([...this.#barsOf(dataset).values()]);
    return this.#blocks.flatMap(({ rows }) => rows.filter((row) => row.dataset === dataset));
  }

  #writeRows({ header, rows }: BlockContent): readonly Row[] {
    const { height } = header;
    const handles = new Map<string, string>();
    const written: Row[] = [];
    for (const dataset of datasetIds) {
      for (const item of rows.get(dataset) ?? []) {
        const parents = parentsOf(dataset, item, handles);
        const row = this.#lineage.write(dataset, item, { height, parents });
        for (const name of placesOf(dataset, item)) handles.set(name, handleOf(row));
        written.push(row);
      }
    }
    return written;
  }

  #writeBars(bars: readonly BarRow[], height: number, rows: readonly Row[]): readonly Row[] {
    const parents = rows.filter(({ dataset }) => dataset === '0302').map(handleOf);
    return bars.map(({ dataset, item }) => {
      const at = { height: Number(item['first_block_number']), parents };
      const row = { ...this.#lineage.write(dataset, item, at), height };
      this.#barsOf(dataset).set(row.key, row);
      return row;
    });
  }

  #barsOf(dataset: DatasetId): Map<string, Row> {
    const known = this.#barRows.get(dataset) ?? new Map<string, Row>();
    this.#barRows.set(dataset, known);
    return known;
  }

  #timeMs(height: number): number {
    const { blockTimeNowMs, startTimeMs, firstHeight, blockTimeMs } = this.#options;
    const timeMs = blockTimeNowMs() ?? startTimeMs + (height - firstHeight) * blockTimeMs;
    const parentMs = this.#blocks.at(-1)?.header.timeMs ?? 0;
    return Math.max(Math.floor(timeMs / 1000) * 1000, parentMs);
  }

  #forget(head: BlockHeader): void {
    const { blocksMax } = this.#options;
    if (this.#blocks.length - this.#forgotten <= blocksMax) return;
    const [forgotten, next] = this.#blocks.slice(this.#forgotten, this.#forgotten + 2);
    if (forgotten === undefined || next === undefined) return;
    this.#blocks[this.#forgotten] = headerOnly(forgotten);
    this.#forgotten += 1;
    const oldest = next.header;
    this.#attempts.delete(oldest.height - 1);
    this.#lineage.forget(oldest.height - 1);
    this.#bars.forget(head.height - undoBlocksMax, oldest.timeMs);
    for (const [, bars] of this.#barRows) {
      for (const [key, { item }] of bars) {
        if (Date.parse(String(item['bucket_end'])) < oldest.timeMs) bars.delete(key);
      }
    }
  }
}

/** The lowest block names the chain, and heads are looked for among the headers. */
function headerOnly({ header, rows }: ChainBlock): ChainBlock {
  const content = { header, transactions: [], rows: new Map() };
  return { content, header, rows: rows.filter(({ dataset }) => dataset === '0101'), bars: [] };
}

function isLinked(parent: BlockHeader, child: BlockHeader): boolean {
  return child.parentHash === parent.hash && child.height === parent.height + 1;
}

/** Names under which rows find their parents: logs by place, contracts by id, transactions. */
function placesOf(dataset: DatasetId, item: Item): readonly string[] {
  if (dataset === '0103') return [`${item['tx_index']}/${item['log_index']}`];
  if (dataset === '0121') return [String(item['contract_id'])];
  return dataset === '0102' ? [`${item['tx_index']}/null`] : [];
}

function parentsOf(
  dataset: DatasetId,
  item: Item,
  handles: ReadonlyMap<string, string>,
): readonly string[] {
  if (dataset < '0200') return [];
  const names = [`${item['tx_index']}/${item['log_index'] ?? null}`, String(item['contract_id'])];
  return names.map((name) => handles.get(name)).filter((handle) => handle !== undefined);
}

function sortedBars(rows: readonly Row[]): readonly Row[] {
  return [...rows].sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1));
}

function sortKey({ item, key }: Row): string {
  return `${item['bucket_start']} ${String(item['bucket_seconds']).padStart(6, '0')} ${key}`;
}
