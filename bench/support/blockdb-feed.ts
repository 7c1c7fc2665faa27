/** Frames of a simulated BlockDB chain, and what a session makes of them up to the update of a block. */
import type { BlockHeader } from '../../src/devnet/blockdb/chain/block.ts';
import { BlockdbSimulator } from '../../src/devnet/blockdb/simulator.ts';
import type { SourceUpdate } from '../../src/model/update.ts';
import { Assembler } from '../../src/sources/blockdb/assembly/assembler.ts';
import { Reporter } from '../../src/sources/blockdb/assembly/reporter.ts';
import { headerOf, keyedRow, type SaidRow } from '../../src/sources/blockdb/assembly/said-row.ts';
import { barBlock, bucketEndMs, isBarDataset } from '../../src/sources/blockdb/bars.ts';
import type { BlockdbDataset, BlockdbRow, WireFields } from '../../src/sources/blockdb/messages.ts';
import { memberValue } from '../../src/sources/blockdb/rows/compiled-table.ts';
import { datasetByShape } from '../../src/sources/blockdb/rows/shape.ts';
import { parseFrame } from '../../src/sources/blockdb/stream/frames.ts';
import { blockdbDatasets, blockdbTables } from '../../src/sources/blockdb/tables/tables.ts';

export const chainId = 31337;
const confirmations = 64;
const settleMs = 1_000;
const hourMs = 3_600_000;

/** One row as the socket has it. */
export interface Frame {
  readonly dataset: BlockdbDataset;
  readonly bytes: Buffer;
}

/** A block of the simulator with a frame for each of its rows, that of the block itself first. */
export interface FedBlock {
  readonly header: BlockHeader;
  readonly frames: readonly Frame[];
  /** The rows as an answer of REST would have them, read beforehand. */
  readonly read: readonly ReadRow[];
}

interface ReadRow {
  readonly dataset: BlockdbDataset;
  readonly data: WireFields;
}

/**
 * The same blocks each time, with rows of all datasets. A bar goes with the block that closes its
 * bucket; the source does not publish bars by itself, and the open ones are left out.
 */
export function simulatedBlocks(blocks: number): readonly FedBlock[] {
  // Of the last hours, as a live stream is: Kafka begins a new segment, with files and indexes of its
  // own, in each partition whose first record is a week older than the marker of a transaction.
  const startTimeMs = Math.floor(Date.now() / hourMs - 1) * hourMs + 20 * 60_000;
  const simulator = new BlockdbSimulator({ seed: 'bench', chainId, historyBlocks: 0, startTimeMs });
  simulator.produce(blocks, { isEmpty: false, transactions: 40 });
  const { headers } = simulator;
  const frames = new Map(headers.map(({ height }) => [height, [] as Frame[]]));
  const canonical: Readonly<Record<string, readonly WireFields[]>> = simulator.canonical();
  for (const dataset of blockdbDatasets) {
    const { id, heightMember } = blockdbTables[dataset];
    for (const data of canonical[id] ?? []) {
      const height =
        heightMember === null ? closedAt(dataset, data, headers) : Number(data[heightMember]);
      if (height === undefined) continue;
      const text = JSON.stringify({ chain_id: chainId, dataset_id: id, is_reorg: false, data });
      frames.get(height)?.push({ dataset, bytes: Buffer.from(text) });
    }
  }
  return headers.map((header) => {
    const own = frames.get(header.height) ?? [];
    const read = own.map((frame) => ({ dataset: frame.dataset, data: readFrame(frame) }));
    return { header, frames: own, read };
  });
}

function closedAt(
  dataset: BlockdbDataset,
  data: WireFields,
  headers: readonly BlockHeader[],
): number | undefined {
  const endMs = bucketEndMs(dataset, data);
  return endMs === null ? undefined : barBlock(endMs, headers)?.height;
}

/** The row of a frame, read as the socket reads it. */
export function readFrame({ bytes }: Frame): WireFields {
  const [message] = parseFrame(bytes.toString('utf8'));
  if (message?.kind !== 'row') throw new Error('The simulator made a frame without a row.');
  return message.data;
}

/** What the session asks of a row before it is assembled. */
export function saidRow({ dataset, bytes }: Frame, data: WireFields, height: number): SaidRow {
  const shape = datasetByShape(data);
  if (shape !== undefined && shape !== dataset) throw new Error(`${dataset} looks like ${shape}.`);
  if (!isBarDataset(dataset) && memberValue(dataset, 'block_number', data) !== height) {
    throw new Error(`A row of ${dataset} is not of ${height}.`);
  }
  const header = dataset === 'blocks' ? headerOf(data) : null;
  const { key } = keyedRow(dataset, data);
  return {
    key,
    dataset,
    data,
    height,
    header,
    isCorrection: false,
    raw: bytes,
    receivedAtUs: height,
  };
}

/**
 * Assembles the blocks from their frames and reports each once the next one has come, then confirms
 * it with the same rows as REST would, and lets go of what is final.
 */
export function* assembled(blocks: readonly FedBlock[]): Generator<SourceUpdate<BlockdbRow>> {
  const hashes = new Map<number, string>();
  const first = blocks[0]?.header.height ?? 0;
  let floor = { height: first - 1, isFinal: false };
  const published = {
    canonicalHash: (height: number) => hashes.get(height),
    get floor() {
      return floor;
    },
  };
  const assembler = new Assembler(published, { auditedTo: floor.height, confirmations });
  const reporter = new Reporter(assembler, { published, settleMs, tip: null });
  reporter.startAt(first);
  const covers: ReadonlySet<string> = new Set(blockdbDatasets);
  function* report(nowMs: number): Generator<SourceUpdate<BlockdbRow>> {
    for (let update = reporter.next(nowMs); update; update = reporter.next(nowMs)) {
      if (update.kind !== 'block') throw new Error(`An update of kind ${update.kind} came.`);
      const { header, receivedAtUs } = update;
      hashes.set(header.height, header.hash);
      yield update;
      const read = blocks[header.height - first]?.read ?? [];
      const rows = read.map(({ dataset, data }) => keyedRow(dataset, data));
      assembler.settle(
        { header, rows, receivedAtUs, parentTimeMs: null },
        { atMs: nowMs + 1, nowMs, covers, isWhole: true, servedTo: header.height },
      );
    }
    for (const update of reporter.finalize(confirmations)) {
      if (update.kind === 'finalized') floor = { height: update.block.height, isFinal: true };
      yield update;
    }
    reporter.release();
  }
  for (const { header, frames } of blocks) {
    for (const frame of frames) {
      assembler.take(saidRow(frame, readFrame(frame), header.height), header.height);
    }
    yield* report(header.height);
  }
  yield* report(Number.MAX_SAFE_INTEGER - 1);
}
