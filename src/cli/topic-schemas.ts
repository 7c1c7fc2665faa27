/** The schemas that a configuration's topics need, by topic. */
import type { Config, SourceConfig } from '../config/config.ts';
import type { Route } from '../encoding/changelog-encoder.ts';
import { loadDataset } from '../encoding/dataset.ts';
import {
  changelogSchemas,
  commonSchemas,
  type TopicSchemas,
} from '../encoding/schema-registration.ts';

/** Changelog topics first, then control, checkpoints and dead letters; each topic once. */
export function topicSchemas(config: Config, sources: readonly SourceConfig[]): TopicSchemas[] {
  const routes = sources.flatMap((source) => source.routes);
  const control = [...new Set(sources.map(({ controlTopic }) => controlTopic))];
  return [
    ...routes.map((route) => {
      const dataset = loadDataset(route.subject);
      const { topic, envelope, timestamps } = route;
      const routing = route.routing === null ? dataset.routing : [route.routing];
      return changelogSchemas({ dataset, topic, envelope, routing, timestamps } satisfies Route);
    }),
    ...control.map((topic) => commonSchemas('control', topic)),
    commonSchemas('checkpoint', config.topics.checkpoints),
    commonSchemas('dead_letter', config.topics.deadLetters),
  ];
}
