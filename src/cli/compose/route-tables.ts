/** The tables that a source's routes keep beside their changelogs, with their datasets. */
import type { RouteConfig, SourceConfig } from '../../config/config.ts';
import { type Dataset, loadDataset } from '../../encoding/dataset.ts';

/** Topics of one route. */
export interface RouteTables {
  readonly route: RouteConfig;
  readonly dataset: Dataset;
  readonly state: string | null;
  /**
   * Compacted: the newest finalized row per primary key, which a retraction may uncover. Only beside
   * the state topic of a dataset whose later rows supersede earlier ones.
   */
  readonly covered: string | null;
  readonly final: string | null;
}

/** Of the routes that have any. Throws `schema.invalid`. */
export function routeTables(source: SourceConfig): RouteTables[] {
  return source.routes
    .filter(({ state, final }) => state !== null || final !== null)
    .map((route) => {
      const { state, final, subject } = route;
      const dataset = loadDataset(subject);
      const covered = state !== null && dataset.supersedes ? `${state.topic}.finalized` : null;
      return { route, dataset, state: state?.topic ?? null, covered, final: final?.topic ?? null };
    });
}
