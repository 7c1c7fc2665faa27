/**
 * What a Basalt source costs by itself: catching up over REST, up to the encoded row. The node is
 * another process; Kafka has no part in it. CPU is counted, because the node's time is not ours.
 */
import { basaltConfig } from '../src/sources/basalt/config.ts';
import { basaltSource } from '../src/sources/basalt/index.ts';
import { optionsOf } from '../test/support/sources/options.ts';
import type { BasaltOrder } from './support/basalt-venue.ts';
import type { Bench, Figure } from './support/bench.ts';
import { profiled } from './support/profiler.ts';
import { readSource } from './support/source-reader.ts';
import { median } from './support/statistics.ts';
import { openVenue } from './support/venue-process.ts';

const datasets: ReadonlySet<string> = new Set(Object.keys(basaltSource.channels));
/** Blocks of the chain's quiet hours, and of busier ones. */
const loads = [0, 4];

export const basalt: Bench = {
  name: 'basalt',
  about: 'a Basalt source by itself: catching up over REST',
  async run({ options }) {
    const blocks = options.isQuick ? 2_000 : 9_000;
    const rounds = options.isQuick ? 1 : 5;
    const figures: Figure[] = [];
    const raw: Record<string, readonly number[]> = {};
    for (const transactionsPerBlock of loads) {
      const perSecond: number[] = [];
      for (let round = 0; round < rounds; round += 1) {
        const name = `basalt-${transactionsPerBlock}-${round}`;
        const order = { blocks, transactionsPerBlock };
        const cpuSeconds = await profiled(options.profileDir, name, () => caughtUp(order));
        perSecond.push(blocks / cpuSeconds);
      }
      raw[`${transactionsPerBlock} transactions`] = perSecond;
      figures.push({
        what: `catch-up, blocks of ${transactionsPerBlock} transactions, per second of own CPU`,
        value: median(perSecond),
        unit: 'blocks/s',
        budget: { atLeast: 1_000 },
      });
    }
    return { figures, raw };
  },
};

/** CPU seconds of this process for all blocks, its garbage collection included. */
async function caughtUp(order: BasaltOrder): Promise<number> {
  const venue = await openVenue<BasaltOrder, { readonly url: string }>('basalt-venue', order);
  const config = optionsOf(basaltConfig, {
    ...{ chain: 'basalt:31337', rest: [venue.answer.url], start: 'earliest' },
    requestsPerMinuteMax: 1_000_000,
  });
  const before = process.cpuUsage();
  await readSource(
    { definition: basaltSource, config, datasets },
    ({ header }) => header.height === order.blocks,
  );
  const { user, system } = process.cpuUsage(before);
  venue.close();
  return (user + system) / 1e6;
}
