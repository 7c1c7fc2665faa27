/** Before the first session of a run: the topics are there, as configured, and may be used. */
import type { Config, SourceConfig } from '../../config/config.ts';
import type { Logger } from '../../model/runtime.ts';
import { missingPermissions } from '../../publishing/permissions.ts';
import { differenceError } from '../../publishing/topic-plan.ts';
import { Topics } from '../../publishing/topics.ts';
import { topicSpecs } from '../configuration.ts';
import { neededPermissions } from './needed-permissions.ts';

/**
 * Creates what is missing where that is allowed; throws for what would make a run wrong. Resolves to
 * the partitions of each topic.
 */
export async function prepareTopics(
  config: Config,
  sources: readonly SourceConfig[],
  logger: Logger,
): Promise<ReadonlyMap<string, number>> {
  const topics = new Topics(config.kafka, logger);
  const specs = topicSpecs(config, sources);
  const found = config.topics.autoCreate
    ? await topics.apply(specs, { grow: false })
    : await topics.plan(specs);
  for (const difference of found) {
    if (difference.isBlocking) throw differenceError(difference);
    if (difference.what !== 'unreadable') logger.warn({ ...difference }, 'topic differs');
  }
  const unreadable = found.filter(({ what }) => what === 'unreadable');
  const [first] = unreadable;
  if (first !== undefined) {
    logger.warn({ topics: unreadable.length, advice: first.advice }, 'topic settings not checked');
  }
  const counts = await topics.partitionsOf(specs.map(({ name }) => name));
  await assertPermitted(config, sources, { existing: new Set(counts.keys()), logger });
  return counts;
}

/** In advance, because a broker's own refusal does not say which topic it is about. */
async function assertPermitted(
  config: Config,
  sources: readonly SourceConfig[],
  { existing, logger }: { readonly existing: ReadonlySet<string>; readonly logger: Logger },
): Promise<void> {
  for (const source of sources) {
    const needed = neededPermissions(config, source, existing);
    const [refused] = await missingPermissions(config.kafka, needed, logger);
    if (refused !== undefined) throw refused;
  }
}
