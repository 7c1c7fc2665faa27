/** What making a row and encoding its record costs, per dataset, without any I/O. */
import { encoderRoutes } from '../src/cli/compose/encoder-routes.ts';
import { ChangelogEncoder } from '../src/encoding/changelog-encoder.ts';
import { PartitionTable } from '../src/encoding/partition-table.ts';
import type { Event, Origin } from '../src/model/event.ts';
import type { BlockUpdate } from '../src/model/update.ts';
import { evmChannels } from '../src/sources/evm/channels.ts';
import type { EvmMessage } from '../src/sources/evm/messages.ts';
import type { Bench, Figure } from './support/bench.ts';
import { record } from './support/recording.ts';
import { openStage, type Stage } from './support/stage.ts';
import { median, rounded } from './support/statistics.ts';

interface Cost {
  readonly dataset: string;
  readonly rows: number;
  readonly bytesPerRow: number;
  readonly normalizeUs: number;
  readonly encodeUs: number;
}

export const encode: Bench = {
  name: 'encode',
  about: 'microseconds per row and dataset, in process',
  async run(scene) {
    const { first, last } = await scene.mixedBlocks(scene.options.isQuick ? 40 : 150);
    const stage = await openStage(scene, { datasets: Object.keys(evmChannels), start: first });
    const updates = await record(stage, last);
    const blocks = updates.filter((update) => update.kind === 'block');
    const encoder = encoderOf(stage);
    const seconds = scene.options.isQuick ? 0.5 : 2;
    const costs = Object.entries(evmChannels).map(([dataset, channel]) => {
      const normalize = (block: BlockUpdate<EvmMessage>) =>
        block.messages.flatMap((message) =>
          channel.accepts(message) ? [...channel.normalize(message, originOf(stage, block))] : [],
        );
      return costOf({ dataset, blocks, normalize, encoder, stage, seconds });
    });
    stage.close();
    const worst = costs.reduce((a, b) => (total(a) > total(b) ? a : b));
    return { figures: costs.flatMap((cost) => figures(cost, cost === worst)), raw: { costs } };
  },
};

function total({ normalizeUs, encodeUs }: Cost): number {
  return normalizeUs + encodeUs;
}

function figures(cost: Cost, isWorst: boolean): Figure[] {
  const parts = `${rounded(cost.normalizeUs, 2)} row + ${rounded(cost.encodeUs, 2)} record`;
  const what = `${cost.dataset}${isWorst ? ' (worst)' : ''}: ${parts}`;
  return [
    { what, value: total(cost), unit: 'µs/row', budget: null },
    { what: '  that is', value: 1e6 / total(cost), unit: 'rows/s', budget: null },
  ];
}

interface Subject {
  readonly dataset: string;
  readonly blocks: readonly BlockUpdate<EvmMessage>[];
  readonly normalize: (block: BlockUpdate<EvmMessage>) => Event[];
  readonly encoder: ChangelogEncoder;
  readonly stage: Stage;
  readonly seconds: number;
}

function costOf({ dataset, blocks, normalize, encoder, stage, seconds }: Subject): Cost {
  const context = { incarnation: 1, publishedAtUs: 1_700_000_000_000_000 };
  const made = blocks.map((block) => ({
    events: normalize(block),
    origin: originOf(stage, block),
  }));
  const rows = made.reduce((sum, { events }) => sum + events.length, 0);
  let bytes = 0;
  const normalizeUs = repeat(seconds, rows, () => {
    for (const block of blocks) normalize(block);
  });
  const encodeUs = repeat(seconds, rows, () => {
    bytes = 0;
    for (const { events, origin } of made) {
      for (const event of events) {
        for (const { key, value } of encoder.insert(event, origin, context)) {
          bytes += key.length + value.length;
        }
      }
    }
  });
  return { dataset, rows, bytesPerRow: Math.round(bytes / rows), normalizeUs, encodeUs };
}

/** Median of the microseconds per row over many rounds; the first quarter warms up. */
function repeat(seconds: number, rows: number, round: () => void): number {
  const costs: number[] = [];
  const endMs = performance.now() + seconds * 1_000;
  while (performance.now() < endMs || costs.length < 8) {
    const startedAtMs = performance.now();
    round();
    costs.push(((performance.now() - startedAtMs) * 1_000) / rows);
  }
  return median(costs.slice(costs.length >> 2));
}

function originOf(
  stage: Stage,
  { header, isBackfill, receivedAtUs }: BlockUpdate<EvmMessage>,
): Origin {
  const { chain, name } = stage.source;
  return {
    chain,
    source: name,
    height: header.height,
    blockHash: header.hash,
    blockTimeMs: header.timeMs,
    isBackfill,
    receivedAtUs,
  };
}

function encoderOf(stage: Stage): ChangelogEncoder {
  const { source, prepared } = stage;
  const counts = [...prepared.partitions].map(([topic, partitions]) => ({
    topic,
    fromHeight: 0,
    partitions,
  }));
  return new ChangelogEncoder({
    source: source.name,
    chain: source.chain,
    connector: source.kind,
    version: '0.0.0',
    routes: encoderRoutes(source),
    schemaIds: prepared.schemaIds,
    partitions: new PartitionTable({ counts, pinned: new Map(), hashesMax: 100_000 }),
    schemaById: (id, topic) => prepared.registration.textOf(id, topic),
  });
}
