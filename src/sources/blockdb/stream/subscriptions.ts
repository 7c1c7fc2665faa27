/**
 * Which subscriptions a source needs, and how they are spread over sockets: a socket holds one per
 * dataset, because an answer names nothing but its dataset (reference section 6).
 */
import type { BlockdbConfig } from '../config.ts';
import type { DatasetIds } from '../dataset-ids.ts';
import type { BlockdbDataset, WireFields } from '../messages.ts';
import { blockdbTables } from '../tables/tables.ts';

/** One subscription, as it is asked for. */
export interface Subscription {
  readonly dataset: BlockdbDataset;
  readonly datasetId: string;
  readonly params: WireFields;
}

/** The datasets to subscribe to: blocks always, because only their rows have hashes. */
export function subscribedDatasets(wanted: readonly BlockdbDataset[]): readonly BlockdbDataset[] {
  return wanted.includes('blocks') ? wanted : ['blocks', ...wanted];
}

/** Groups of subscriptions, one per socket; blocks are in the first. */
export function subscriptionPlan(
  config: BlockdbConfig,
  datasets: readonly BlockdbDataset[],
  ids: DatasetIds,
): readonly (readonly Subscription[])[] {
  const layers: Subscription[][] = [];
  for (const dataset of subscribedDatasets(datasets)) {
    for (const [layer, params] of filtersOf(config, dataset).entries()) {
      layers[layer] ??= [];
      layers[layer].push({ dataset, datasetId: ids.idOf[dataset], params });
    }
  }
  const perSocket = config.subscriptionsPerSocketMax;
  return layers.flatMap((layer) =>
    Array.from({ length: Math.ceil(layer.length / perSocket) }, (_, index) =>
      layer.slice(index * perSocket, (index + 1) * perSocket),
    ),
  );
}

/** The filters of a dataset: one that takes all unless others are configured. */
export function filtersOf(
  { filters }: Pick<BlockdbConfig, 'filters'>,
  dataset: BlockdbDataset,
): readonly WireFields[] {
  return filters[dataset] ?? [{}];
}

/** Datasets that BlockDB gives only with parameters, and none are configured. */
export function unfiltered(
  config: Pick<BlockdbConfig, 'filters'>,
  datasets: readonly BlockdbDataset[],
): readonly BlockdbDataset[] {
  return datasets.filter(
    (dataset) =>
      config.filters[dataset] === undefined &&
      blockdbTables[dataset].params.some(({ isRequired }) => isRequired),
  );
}
