/**
 * What a BlockDB source costs from the frames of its stream: all datasets mixed until Kafka has
 * acknowledged them, against bare kafkajs with the same bytes; and CPU per row, dataset by dataset.
 */
import type { ChangelogEncoder } from '../src/encoding/changelog-encoder.ts';
import { messagesOf } from '../src/sources/blockdb/assembly/block-messages.ts';
import { HeldRows } from '../src/sources/blockdb/assembly/held-rows.ts';
import { keyedRow } from '../src/sources/blockdb/assembly/said-row.ts';
import { blockdbChannels } from '../src/sources/blockdb/channels.ts';
import type { BlockdbDataset } from '../src/sources/blockdb/messages.ts';
import { blockdbDatasets } from '../src/sources/blockdb/tables/tables.ts';
import { comparedToBare, comparisonFigures } from './support/bare-comparison.ts';
import type { Bench, Figure } from './support/bench.ts';
import {
  assembled,
  chainId,
  type FedBlock,
  readFrame,
  saidRow,
  simulatedBlocks,
} from './support/blockdb-feed.ts';
import { changelogEncoder, cpuUsPerRow, encodedBytes, originOf } from './support/row-cost.ts';
import { openStage, type Stage } from './support/stage.ts';
import { rounded } from './support/statistics.ts';

const source = { kind: 'blockdb', chain: `eip155:${chainId}`, apiKey: 'bench' };

export const blockdb: Bench = {
  name: 'blockdb',
  about: 'frames of all BlockDB datasets until acknowledged, against bare kafkajs; CPU per row',
  async run(scene) {
    const { isQuick, profileDir } = scene.options;
    const blocks = simulatedBlocks(isQuick ? 40 : 150);
    const open = () => openStage(scene, { datasets: blockdbDatasets, source });
    const first = await open();
    const comparison = await comparedToBare({
      ...{ name: 'blockdb', rounds: isQuick ? 3 : 7, profileDir },
      ...{ first, open, updates: () => assembled(blocks) },
    });
    const stage = await open();
    const encoder = changelogEncoder(stage);
    const seconds = isQuick ? 0.3 : 1;
    const costs = blockdbDatasets.map((dataset) =>
      costOf({ dataset, blocks, stage, encoder, seconds }),
    );
    stage.close();
    const worst = costs.reduce((a, b) => (total(a) > total(b) ? a : b));
    const atLeast = { ratio: 0.6, rowsPerSecond: 30_000 };
    return {
      figures: [
        ...comparisonFigures(comparison, 'frames', atLeast),
        ...costs.map((cost) => figure(cost, cost === worst)),
      ],
      raw: { ...comparison, costs },
    };
  },
};

/** Microseconds of CPU per row. */
interface Cost {
  readonly dataset: BlockdbDataset;
  readonly rows: number;
  readonly frameBytesPerRow: number;
  readonly recordBytesPerRow: number;
  readonly parseUs: number;
  readonly assembleUs: number;
  readonly normalizeUs: number;
  readonly encodeUs: number;
}

function total({ parseUs, assembleUs, normalizeUs, encodeUs }: Cost): number {
  return parseUs + assembleUs + normalizeUs + encodeUs;
}

function figure(cost: Cost, isWorst: boolean): Figure {
  const { dataset, parseUs, assembleUs, normalizeUs, encodeUs } = cost;
  const [parse, assemble, normalize, encode] = [parseUs, assembleUs, normalizeUs, encodeUs].map(
    (us) => rounded(us, 2),
  );
  const parts = `${parse} parse + ${assemble} assemble + ${normalize} row + ${encode} record`;
  const what = `${dataset}${isWorst ? ' (worst)' : ''}: ${parts}`;
  return { what, value: total(cost), unit: 'µs/row', budget: null };
}

interface Subject {
  readonly dataset: BlockdbDataset;
  readonly blocks: readonly FedBlock[];
  readonly stage: Stage;
  readonly encoder: ChangelogEncoder;
  readonly seconds: number;
}

/** Each step by itself over the rows of one dataset, given what the step before it made of them. */
function costOf({ dataset, blocks, stage, encoder, seconds }: Subject): Cost {
  const fed = blocks.map(({ header, frames, read }) => {
    const own = frames.filter((frame) => frame.dataset === dataset);
    const { height, timeMs } = header;
    const hash = `0x${header.hash}`;
    const block = { header: { height, hash, parentHash: hash, timeMs }, isBackfill: false };
    const rows = own.map((frame) => ({ frame, data: readFrame(frame) }));
    const again = read.filter((row) => row.dataset === dataset);
    return { height, rows, again, origin: originOf(stage, { ...block, receivedAtUs: 0 }) };
  });
  const covers: ReadonlySet<string> = new Set([dataset]);
  const assemble = ({ height, rows, again }: (typeof fed)[number]) => {
    const held = new HeldRows();
    for (const { frame, data } of rows) held.take(saidRow(frame, data, height));
    const messages = messagesOf(held.values());
    // What REST says of the block later.
    const read = again.map(({ data }) => keyedRow(dataset, data));
    if (held.settle(read, covers)) throw new Error(`Rows of ${dataset} differ from themselves.`);
    return messages;
  };
  const normalize = ({ messages, origin }: (typeof contents)[number]) =>
    messages.flatMap((message) => [...blockdbChannels[dataset].normalize(message, origin)]);
  const contents = fed.map((block) => ({ messages: assemble(block), origin: block.origin }));
  const made = contents.map((block) => ({ events: normalize(block), origin: block.origin }));
  const frames = fed.flatMap(({ rows }) => rows.map(({ frame }) => frame));
  const count = frames.length;
  let bytes = 0;
  const repeat = (round: () => void) => cpuUsPerRow(seconds, count, round);
  const costs = {
    parseUs: repeat(() => frames.forEach(readFrame)),
    assembleUs: repeat(() => fed.forEach(assemble)),
    normalizeUs: repeat(() => contents.forEach(normalize)),
    encodeUs: repeat(() => {
      bytes = 0;
      for (const { events, origin } of made) bytes += encodedBytes(encoder, events, origin);
    }),
  };
  const frameBytes = frames.reduce((sum, frame) => sum + frame.bytes.length, 0);
  return {
    ...{ dataset, rows: count, ...costs },
    frameBytesPerRow: Math.round(frameBytes / count),
    recordBytesPerRow: Math.round(bytes / count),
  };
}
