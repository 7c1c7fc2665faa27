/** The topics of a configuration as shapes, in the configuration's order. */
import type { RouteConfig, SourceConfig } from '../../config/config.ts';
import { loadDataset } from '../../encoding/dataset.ts';
import {
  debeziumTail,
  flatTail,
  keySchema,
  primaryKeySchema,
  upsertTail,
} from '../../encoding/envelope.ts';
import type { TopicShape } from './topic-shape.ts';

/** Every data topic of these sources. */
export function topicShapes(sources: readonly SourceConfig[], prefix: string): TopicShape[] {
  const names = new Set<string>();
  return sources.flatMap((source) =>
    source.routes.flatMap((route) =>
      shapesOf(route, source).map((shape) => {
        const name = uniqueName(tableName(shape.topic, prefix), names);
        return { ...shape, name };
      }),
    ),
  );
}

/** The changelog, then the tables kept beside it. */
function shapesOf(route: RouteConfig, source: SourceConfig): Omit<TopicShape, 'name'>[] {
  const dataset = loadDataset(route.subject);
  const common = {
    dataset,
    delivery: source.delivery,
    timestamps: route.timestamps,
    key: keySchema(dataset).fields,
    row: dataset.row.fields,
  };
  const { topic, envelope, state, final } = route;
  const tail = envelope === 'debezium' ? debeziumTail : flatTail;
  const shapes: Omit<TopicShape, 'name'>[] = [{ ...common, topic, kind: envelope, tail }];
  if (state !== null) {
    const key = primaryKeySchema(dataset).fields;
    shapes.push({ ...common, topic: state.topic, kind: 'state', key, tail: upsertTail });
  }
  if (final !== null) {
    shapes.push({ ...common, topic: final.topic, kind: 'final', tail: upsertTail });
  }
  return shapes;
}

/** `ommer.eip155-1.logs` → `eip155_1_logs`: what every engine takes without quotes. */
export function tableName(topic: string, prefix: string): string {
  const rest = topic.startsWith(`${prefix}.`) ? topic.slice(prefix.length + 1) : topic;
  const name = rest.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_');
  return /^[a-z]/.test(name) ? name : `t_${name}`;
}

function uniqueName(name: string, taken: Set<string>): string {
  let unique = name;
  for (let count = 2; taken.has(unique); count += 1) unique = `${name}_${count}`;
  taken.add(unique);
  return unique;
}
