/** Which datasets a source asks for, and by which ids. */
import { FatalError } from '../../model/errors.ts';
import type { SourceRuntime } from '../source.ts';
import type { BlockdbConfig } from './config.ts';
import { type DatasetIds, datasetIds, profileIds, sharedId } from './dataset-ids.ts';
import type { BlockdbDataset } from './messages.ts';
import { subscribedDatasets, unfiltered } from './stream/subscriptions.ts';
import { blockdbDatasets } from './tables/tables.ts';

/** The numbering of the profile, with the ids that are configured otherwise. */
export function configuredIds({ idProfile, ids }: BlockdbConfig): DatasetIds {
  return datasetIds({ ...profileIds(idProfile), ...ids });
}

/**
 * Those somebody wants, as far as they can be asked for, in the order in which a block's rows are
 * published. What is left out is logged. Throws `config.invalid` when two of them have one id.
 */
export function wantedDatasets(
  config: BlockdbConfig,
  datasets: ReadonlySet<string>,
  { logger }: Pick<SourceRuntime, 'logger'>,
): readonly BlockdbDataset[] {
  const wanted = blockdbDatasets.filter((dataset) => datasets.has(dataset));
  const without = new Set(unfiltered(config, wanted));
  for (const dataset of without) {
    logger.warn({ dataset }, 'dataset left out: blockdb gives it only with filters');
  }
  const asked = wanted.filter((dataset) => !without.has(dataset));
  const shared = sharedId(configuredIds(config), new Set(subscribedDatasets(asked)));
  if (shared === undefined) return asked;
  throw new FatalError('config.invalid', {
    stage: 'sources',
    message: `The datasets ${shared.join(' and ')} have one id. Give each its own with "ids", choose another idProfile, or leave one out of "datasets".`,
    context: { datasets: shared.join() },
  });
}
