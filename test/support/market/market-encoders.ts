/** The real encoders for the made-up venue's rows, with fixed schema ids; the rest as JSON. */
import { ChangelogEncoder } from '../../../src/encoding/changelog-encoder.ts';
import type { Dataset } from '../../../src/encoding/dataset.ts';
import { PartitionTable } from '../../../src/encoding/partition-table.ts';
import { TableEncoder } from '../../../src/encoding/table-encoder.ts';
import type { LedgerEncoders } from '../../../src/pipeline/ledger-encoders.ts';
import type { TableSpec } from '../../../src/pipeline/table-spec.ts';
import { simulatedEncoders } from '../simulation/encoders.ts';
import { books, kind, trades, venue } from './market-datasets.ts';

export const marketDatasets: readonly Dataset[] = [trades, books];

/** Every dataset has a state topic; of trades there is a final one too. */
export const marketTables: readonly TableSpec[] = [
  {
    changelog: 'trades',
    state: { topic: 'trades.state', isPartial: false, superseding: null },
    final: { topic: 'trades.final', isPartial: false },
  },
  {
    changelog: 'books',
    state: {
      topic: 'books.state',
      isPartial: false,
      superseding: { covered: null, keysMax: 100 },
    },
    final: null,
  },
];

/** Topics are named as their datasets. Schema ids go by topic. */
export function marketEncoders(envelope: 'flat' | 'debezium' = 'flat', partitions = 3) {
  const topics = ['trades', 'books', 'trades.state', 'books.state', 'trades.final'];
  const schemaIds = new Map(topics.map((topic, at) => [topic, { key: at, value: 100 + at }]));
  const counts = topics.map((topic) => ({ topic, fromHeight: 0, partitions }));
  const changelog = new ChangelogEncoder({
    ...{ source: 'perps', chain: venue, connector: kind, version: '0', schemaIds },
    routes: marketDatasets.map((dataset) => ({
      ...{ dataset, topic: dataset.name, envelope, routing: dataset.routing, timestamps: 'event' },
    })),
    partitions: new PartitionTable({ counts, pinned: new Map() }),
    schemaById: (id) => Promise.reject(new Error(`nobody registered ${id}`)),
  });
  const tables = new TableEncoder({
    routes: marketTables.map((spec, at) => ({
      dataset: marketDatasets[at] ?? trades,
      changelog: spec.changelog,
      state: spec.state?.topic ?? null,
      final: spec.final?.topic ?? null,
    })),
    schemaIds,
    partitions: new Map(topics.map((topic) => [topic, partitions])),
    layoutOf: (record) => changelog.layoutOf(record),
  });
  const ledger: LedgerEncoders = {
    ...simulatedEncoders(),
    insert: (event, origin, at) => changelog.insert(event, origin, at),
    retract: (record, reorg, at) => changelog.retract(record, reorg, at),
    isSameRow: (stored, fresh) => changelog.isSameRow(stored, fresh),
    isOutdated: (stored, fresh) => changelog.isOutdated(stored, fresh),
    completed: (stored, fresh) => changelog.completed(stored, fresh),
    isCorrectable: (dataset) => changelog.isCorrectable(dataset),
    isReadBack: (topic) => changelog.isReadBack(topic),
    orderOf: (event) => changelog.orderOf(event),
    tables: {
      state: (record, madeAtMs) => tables.state(record, madeAtMs),
      tombstone: (record) => tables.tombstone(record),
      final: (record, madeAtMs) => tables.final(record, madeAtMs),
    },
  };
  return { ledger, changelog };
}
