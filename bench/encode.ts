/** What making a row and encoding its record costs, per dataset, without any I/O. */
import type { ChangelogEncoder } from '../src/encoding/changelog-encoder.ts';
import type { Event } from '../src/model/event.ts';
import type { BlockUpdate } from '../src/model/update.ts';
import { evmChannels } from '../src/sources/evm/channels.ts';
import type { EvmMessage } from '../src/sources/evm/messages.ts';
import type { Bench, Figure } from './support/bench.ts';
import { record } from './support/recording.ts';
import { changelogEncoder, cpuUsPerRow, encodedBytes, originOf } from './support/row-cost.ts';
import { openStage, type Stage } from './support/stage.ts';
import { rounded } from './support/statistics.ts';

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
    const encoder = changelogEncoder(stage);
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
  const made = blocks.map((block) => ({
    events: normalize(block),
    origin: originOf(stage, block),
  }));
  const rows = made.reduce((sum, { events }) => sum + events.length, 0);
  let bytes = 0;
  const normalizeUs = cpuUsPerRow(seconds, rows, () => {
    for (const block of blocks) normalize(block);
  });
  const encodeUs = cpuUsPerRow(seconds, rows, () => {
    bytes = 0;
    for (const { events, origin } of made) bytes += encodedBytes(encoder, events, origin);
  });
  return { dataset, rows, bytesPerRow: Math.round(bytes / rows), normalizeUs, encodeUs };
}
