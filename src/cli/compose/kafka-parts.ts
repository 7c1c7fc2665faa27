/** Configuration values in the form that publishing and encoding take them. */
import type { Config, SourceConfig } from '../../config/config.ts';
import type { Route } from '../../encoding/changelog-encoder.ts';
import { loadDataset } from '../../encoding/dataset.ts';
import type { RegistryClient } from '../../encoding/registry-client.ts';
import {
  changelogSchemas,
  commonSchemas,
  SchemaRegistration,
} from '../../encoding/schema-registration.ts';

/** Routes of a source as the encoder takes them, each with its dataset's schema. */
export function encoderRoutes(source: SourceConfig): Route[] {
  return source.routes.map(({ subject, topic, envelope, routing, timestamps }) => {
    const dataset = loadDataset(subject);
    return {
      dataset,
      topic,
      envelope,
      routing: routing === null ? dataset.routing : [routing],
      timestamps,
    };
  });
}

/** All schemas of these sources, to be registered and watched together. */
export function schemaRegistration(
  config: Config,
  sources: readonly SourceConfig[],
  client: RegistryClient,
): SchemaRegistration {
  const controls = new Set(sources.map(({ controlTopic }) => controlTopic));
  return new SchemaRegistration(client, [
    ...sources.flatMap((source) => encoderRoutes(source).map(changelogSchemas)),
    ...[...controls].map((topic) => commonSchemas('control', topic)),
    commonSchemas('checkpoint', config.topics.checkpoints),
    commonSchemas('dead_letter', config.topics.deadLetters),
  ]);
}
