/** Draws the content of a block: which transactions it has, and the rows that they write. */
import type { Item } from '../../simulator/json.ts';
import { SeededRandom } from '../../traffic/seeded-random.ts';
import { type BlockContent, type BlockHeader, timeText } from './block.ts';
import { BlockWriter } from './block-writer.ts';
import type { Cast } from './cast.ts';
import { type DatasetId, datasetIds } from './datasets.ts';
import type { TransactionDraft } from './draft.ts';
import { digest } from './lineage.ts';
import { drawObservations } from './observations.ts';
import { drawTransaction } from './transactions.ts';

/** What a test may ask of a block. */
export interface BlockRequest {
  /** Nothing but its header. */
  readonly isEmpty?: boolean;
  /** It has no row of these datasets. */
  readonly without?: readonly DatasetId[];
  /** How much of what fell with the last reorganization comes back. Default: some, by lot. */
  readonly keeps?: 'all' | 'some' | 'none';
  /** How many new transactions; default: 0 to 7, by lot. */
  readonly transactions?: number;
}

/** Where and from what a block is drawn. */
export interface DrawOptions {
  readonly seed: string;
  readonly cast: Cast;
  readonly chainId: number;
  readonly height: number;
  readonly parentHash: string;
  readonly timeMs: number;
  /** Tells blocks of one height apart. */
  readonly attempt: number;
  /** Transactions of fallen blocks. */
  readonly fallen: readonly TransactionDraft[];
}

const emptyChance = 0.08;
const keepChance = 0.7;

/** Draws a block. Its transactions are in any order: one that comes back may have another place. */
export function drawBlock(options: DrawOptions, request: BlockRequest = {}): BlockContent {
  const { seed, height, attempt, timeMs, parentHash } = options;
  const random = new SeededRandom(`${seed}/${height}/${attempt}`);
  const hash = digest(`${seed}/${height}/${attempt}/${parentHash}`);
  const header: BlockHeader = { height, hash, parentHash, timeMs };
  const isEmpty = request.isEmpty ?? random.chance(emptyChance);
  const kept = options.fallen.filter(() => isKept(random, request.keeps));
  const count = request.transactions ?? random.integer(0, 7);
  const drawn = Array.from({ length: isEmpty ? 0 : count }, (_, n) =>
    drawTransaction(random.fork(`tx${n}`), options.cast),
  );
  const transactions = random.shuffle([...(isEmpty ? [] : kept), ...drawn]);
  const writer = new BlockWriter(header, options.chainId);
  for (const transaction of transactions) writer.write(transaction);
  if (!isEmpty) drawObservations(random, options.cast, writer);
  writer.addHeader(headerMembers(random, header));
  const rows = new Map(
    datasetIds
      .filter((id) => request.without?.includes(id) !== true)
      .map((id) => [id, writer.rowsOf(id)] as const),
  );
  return { header, rows, transactions };
}

function isKept(random: SeededRandom, keeps: BlockRequest['keeps'] = 'some'): boolean {
  return keeps === 'all' || (keeps === 'some' && random.chance(keepChance));
}

function headerMembers(
  random: SeededRandom,
  { height, hash, parentHash, timeMs }: BlockHeader,
): Item {
  const root = random.hex(32);
  const hasShortForm = random.chance(0.05);
  const item: Item = {
    block_number: height,
    block_hash: hash,
    parent_block_hash: parentHash,
    receipt_root: hasShortForm ? null : root,
    miner: random.hex(20),
    gas_limit: hasShortForm ? null : random.pick([30_000_000, 36_000_000, 45_000_000]),
    extra_data: hasShortForm
      ? null
      : random.pick(['', random.hex(32), '6275696c646572', 'd883010e0b']),
    size: hasShortForm ? null : random.integer(600, 180_000),
    timestamp_utc: timeText(timeMs),
    _computed_receipt_root: hasShortForm ? null : root,
    _computed_receipt_timestamp_utc: hasShortForm ? null : timeText(timeMs + 1500),
  };
  return item;
}
