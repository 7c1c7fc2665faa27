/** The schemas that a configuration's topics need, by topic. */
import type { Config, SourceConfig } from '../config/config.ts';
import {
  changelogSchemas,
  commonSchemas,
  finalSchemas,
  stateSchemas,
  type TopicSchemas,
} from '../encoding/schema-registration.ts';
import { encoderRoutes } from './compose/encoder-routes.ts';
import { type RouteTables, routeTables } from './compose/route-tables.ts';

/** Changelog topics first, then their tables, control, checkpoints and dead letters; each topic once. */
export function topicSchemas(config: Config, sources: readonly SourceConfig[]): TopicSchemas[] {
  const control = [...new Set(sources.map(({ controlTopic }) => controlTopic))];
  return [
    ...sources.flatMap((source) => encoderRoutes(source).map(changelogSchemas)),
    ...sources.flatMap((source) => routeTables(source).flatMap(tableSchemas)),
    ...control.map((topic) => commonSchemas('control', topic)),
    commonSchemas('checkpoint', config.topics.checkpoints),
    commonSchemas('dead_letter', config.topics.deadLetters),
  ];
}

/** A topic of covered rows has none of its own: its records carry the state topic's ids. */
function tableSchemas({ dataset, state, final }: RouteTables): TopicSchemas[] {
  return [
    ...(state === null ? [] : [stateSchemas(state, dataset)]),
    ...(final === null ? [] : [finalSchemas(final, dataset)]),
  ];
}
