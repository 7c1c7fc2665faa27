/** The schemas that a configuration's topics need, by topic. */
import type { Config, SourceConfig } from '../config/config.ts';
import {
  changelogSchemas,
  commonSchemas,
  type TopicSchemas,
} from '../encoding/schema-registration.ts';
import { encoderRoutes } from './compose/encoder-routes.ts';

/** Changelog topics first, then control, checkpoints and dead letters; each topic once. */
export function topicSchemas(config: Config, sources: readonly SourceConfig[]): TopicSchemas[] {
  const control = [...new Set(sources.map(({ controlTopic }) => controlTopic))];
  return [
    ...sources.flatMap((source) => encoderRoutes(source).map(changelogSchemas)),
    ...control.map((topic) => commonSchemas('control', topic)),
    commonSchemas('checkpoint', config.topics.checkpoints),
    commonSchemas('dead_letter', config.topics.deadLetters),
  ];
}
