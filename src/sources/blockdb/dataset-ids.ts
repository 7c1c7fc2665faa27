/**
 * Which id names which dataset. They moved from one revision of BlockDB's documents to the next, so the
 * map is configuration; the stream list's ids are its default (reference section 5).
 */
import type { BlockdbDataset } from './messages.ts';
import { blockdbDatasets, blockdbTables } from './tables/tables.ts';

/** Ids by dataset and datasets by id. */
export interface DatasetIds {
  readonly idOf: Readonly<Record<BlockdbDataset, string>>;
  readonly datasetOf: ReadonlyMap<string, BlockdbDataset>;
}

/** True for four digits, as BlockDB writes an id. */
export function isDatasetId(value: unknown): value is string {
  return typeof value === 'string' && /^\d{4}$/.test(value);
}

/** The stream list's ids, but for those that are configured otherwise. */
export function datasetIds(configured: Readonly<Record<string, string>>): DatasetIds {
  const ids = blockdbDatasets.map((dataset): [BlockdbDataset, string] => [
    dataset,
    configured[dataset] ?? blockdbTables[dataset].id,
  ]);
  return {
    idOf: Object.fromEntries(ids) as Readonly<Record<BlockdbDataset, string>>,
    datasetOf: new Map(ids.map(([dataset, id]) => [id, dataset])),
  };
}

/** Two datasets among these that have one id, so that their rows could not be told apart; else none. */
export function sharedId(
  { idOf }: DatasetIds,
  datasets: ReadonlySet<string>,
): readonly [BlockdbDataset, BlockdbDataset] | undefined {
  const seen = new Map<string, BlockdbDataset>();
  for (const dataset of blockdbDatasets.filter((each) => datasets.has(each))) {
    const other = seen.get(idOf[dataset]);
    if (other !== undefined) return [other, dataset];
    seen.set(idOf[dataset], dataset);
  }
  return undefined;
}

/** `stream-list`: the user guide's list. `newest`, `oldest`: the newest and older dataset pages. */
export const idProfiles = ['stream-list', 'newest', 'oldest'] as const;
export type IdProfile = (typeof idProfiles)[number];

/** What a profile numbers otherwise than the stream list. */
export function profileIds(profile: IdProfile): Readonly<Partial<Record<BlockdbDataset, string>>> {
  return profiles[profile];
}

const profiles = {
  'stream-list': {},
  newest: {
    prices_spot_vwap_fiat: '0605',
    tvl_usd: '0701',
    arb_paths: '0801',
    arb_path_status: '0802',
    arb_opportunities: '0901',
  },
  oldest: {
    contracts: '0104',
    function_results: '0105',
    pools: '0203',
    fee_terms: '0204',
    prices_spot_ohlc: '0403',
    prices_spot_vwap: '0501',
    prices_spot_vwap_fiat: '0602',
  },
} as const;
