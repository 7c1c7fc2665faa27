/** What a session works with: passed down as one value. */
import type { SourceRuntime } from '../source.ts';
import type { RangeReader, Ungiven } from './archive/range-reader.ts';
import type { BlockdbConfig } from './config.ts';
import type { DatasetIds } from './dataset-ids.ts';
import type { BlockdbDataset } from './messages.ts';

/** Nothing in it changes during the session, but what the reader learns of REST. */
export interface SessionScope {
  readonly config: BlockdbConfig;
  readonly runtime: SourceRuntime;
  readonly reader: RangeReader;
  readonly ids: DatasetIds;
  readonly datasets: readonly BlockdbDataset[];
  /** Tells the highest block seen, for the lag. */
  onNewest(height: number): void;
  /** True the first time this source tells that REST does not give a dataset. */
  isNews(ungiven: Ungiven): boolean;
}
