/** What Kafka must permit a source of a configuration. */
import type { Config, SourceConfig } from '../../config/config.ts';
import { transactionalIds } from '../../publishing/lanes.ts';
import type { NeededPermissions } from '../../publishing/permissions.ts';
import { routeTables } from './route-tables.ts';

/** Of the topics that exist; the others belong to whoever creates them. */
export function neededPermissions(
  config: Config,
  source: SourceConfig,
  existing: ReadonlySet<string>,
): NeededPermissions {
  const { checkpoints, deadLetters } = config.topics;
  const isThere = (topic: string): boolean => existing.has(topic);
  const changelogs = [...new Set(source.routes.map(({ topic }) => topic))];
  const tables = routeTables(source).flatMap(({ state, covered, final }) =>
    [state, covered, final].filter((topic) => topic !== null),
  );
  return {
    transactionalIds: transactionalIds(source.transactionalIdPrefix, config.publishing.lanes),
    writes: [...changelogs, ...tables, source.controlTopic, checkpoints, deadLetters].filter(
      isThere,
    ),
    // A restore reads what could still be retracted, and whether a new table is empty.
    reads: [...changelogs, ...tables, checkpoints].filter(isThere),
  };
}
