/** Every kind of topic of every dataset, and an access with everything on. */

import type { Access, TopicKind, TopicShape } from '../../../../src/cli/ddl/topic-shape.ts';
import { rowSubjects } from '../../../../src/encoding/change-decoder.ts';
import { loadDataset } from '../../../../src/encoding/dataset.ts';
import {
  debeziumTail,
  flatTail,
  keySchema,
  primaryKeySchema,
  upsertTail,
} from '../../../../src/encoding/envelope.ts';

const tails = { flat: flatTail, debezium: debeziumTail, state: upsertTail, final: upsertTail };
const kinds: readonly TopicKind[] = ['flat', 'debezium', 'state', 'final'];

/** One shape per dataset, kind of topic and delivery. */
export function everyShape(): TopicShape[] {
  return rowSubjects().flatMap((subject) => {
    const dataset = loadDataset(subject);
    return kinds.flatMap((kind) =>
      (['exactly_once', 'low_latency'] as const)
        .filter((delivery) => kind !== 'final' || delivery === 'exactly_once')
        .map((delivery) => ({
          topic: `ommer.eip155-1.${dataset.name}.${kind}`,
          kind,
          name: `${dataset.name}_${kind}_${delivery}`,
          dataset,
          delivery,
          timestamps: 'event' as const,
          key: (kind === 'state' ? primaryKeySchema(dataset) : keySchema(dataset)).fields,
          row: dataset.row.fields,
          tail: tails[kind],
        })),
    );
  });
}

/** Kafka and a registry that ask for everything. */
export const guardedAccess: Access = {
  protocol: 'SASL_SSL',
  saslMechanism: 'SCRAM-SHA-512',
  hasRegistryAuth: true,
  brokers: 'kafka:9094',
  registryUrl: 'https://registry.example',
};

/** Code without comments, and the comments. Texts in quotes are left in the code. */
export function split(text: string, mark: '--' | '//'): { code: string; comments: string[] } {
  const comments: string[] = [];
  const lines = text.split('\n').map((line) => {
    const at = line.indexOf(mark === '--' ? '-- ' : '// ');
    if (at < 0) return line;
    comments.push(line.slice(at));
    return line.slice(0, at).trimEnd();
  });
  return { code: lines.filter((line) => line !== '').join('\n'), comments };
}
