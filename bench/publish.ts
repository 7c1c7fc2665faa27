/**
 * Recorded blocks through ledger, encoder and transactional publisher until Kafka has acknowledged
 * them, against bare kafkajs that publishes the same bytes, encoded beforehand, to the same topics.
 */
import { comparedToBare, comparisonFigures } from './support/bare-comparison.ts';
import type { Bench } from './support/bench.ts';
import { record } from './support/recording.ts';
import { openStage } from './support/stage.ts';

const datasets = ['blocks', 'transactions', 'logs', 'token_transfers'];

export const publish: Bench = {
  name: 'publish',
  about: 'recorded blocks until acknowledged, against bare kafkajs',
  async run(scene) {
    const { isQuick, profileDir } = scene.options;
    const { firstHeight, lastHeight } = await scene.filled();
    const last = Math.min(lastHeight, firstHeight + (isQuick ? 199 : 799));
    const open = () => openStage(scene, { datasets, start: firstHeight });
    const first = await open();
    const blocks = await record(first, last);
    const comparison = await comparedToBare({
      ...{ name: 'publish', rounds: isQuick ? 3 : 7, profileDir },
      ...{ first, open, updates: () => blocks },
    });
    const atLeast = { ratio: 0.7, rowsPerSecond: null };
    return { figures: comparisonFigures(comparison, 'blocks', atLeast), raw: { ...comparison } };
  },
};
