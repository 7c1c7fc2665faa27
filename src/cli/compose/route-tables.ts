/** The tables that a source's routes keep beside their changelogs, in the forms that others take. */
import type { RouteConfig, SourceConfig } from '../../config/config.ts';
import { type Dataset, loadDataset } from '../../encoding/dataset.ts';
import { FatalError } from '../../model/errors.ts';
import type { TableSpec } from '../../pipeline/table-spec.ts';

/** Topics of one route. */
export interface RouteTables {
  readonly route: RouteConfig;
  readonly dataset: Dataset;
  readonly state: string | null;
  /**
   * Compacted: the newest finalized row per primary key, which a retraction may uncover. Only beside
   * the state topic of a dataset of a chain whose later rows supersede earlier ones; its records carry the
   * schema ids of that topic's.
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
      const isCovering = dataset.supersedes && dataset.feed === 'chain';
      const covered = state !== null && isCovering ? `${state.topic}.finalized` : null;
      return { route, dataset, state: state?.topic ?? null, covered, final: final?.topic ?? null };
    });
}

/** What the pipeline has to keep. */
export function tableSpecs(source: SourceConfig): TableSpec[] {
  return routeTables(source).map(({ route, dataset, covered }) => {
    const { topic: changelog, state, final } = route;
    if (state === null) return { changelog, state, final };
    const { topic, isPartial, keysMax } = state;
    const superseding = dataset.supersedes ? { covered, keysMax } : null;
    return { changelog, state: { topic, isPartial, superseding }, final };
  });
}

/** Throws `kafka.topic_partitions` for a topic without the partitions of the one it goes with. */
export function assertRoom(
  tables: readonly RouteTables[],
  partitions: ReadonlyMap<string, number>,
): void {
  for (const { route, state, covered, final } of tables) {
    const pairs = [
      [final, route.topic],
      [covered, state],
    ] as const;
    for (const [topic, leader] of pairs) {
      if (topic === null || leader === null) continue;
      const found = partitions.get(topic) ?? 0;
      const needed = partitions.get(leader) ?? 0;
      if (found < needed) throw tooFew(topic, { found, needed, leader });
    }
  }
}

function tooFew(
  topic: string,
  { found, needed, leader }: { found: number; needed: number; leader: string },
): FatalError {
  return new FatalError('kafka.topic_partitions', {
    stage: 'cli',
    message: `Topic ${topic} has ${found} partitions, but its rows go to the partitions of ${leader}, which has ${needed}. Add partitions with Kafka's own tools (kafka-topics --alter).`,
    context: { topic, found, needed },
  });
}
