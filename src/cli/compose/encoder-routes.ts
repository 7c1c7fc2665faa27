/** A source's routes in the form that encoding takes them. */
import type { SourceConfig } from '../../config/config.ts';
import { loadDataset } from '../../encoding/dataset.ts';
import type { Route } from '../../encoding/route.ts';

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
