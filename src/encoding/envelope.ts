/**
 * The value and key schemas of a changelog topic: a dataset's row inside an envelope. The row's
 * bytes are the same in both envelopes; only what stands around them differs.
 */
import type { AvroField, AvroRecord } from './avro-schema.ts';
import type { Dataset } from './dataset.ts';

/** How a value is laid out. `upsert` is the value of state and final topics. */
export type Envelope = ChangelogEnvelope | 'upsert';

/** The envelopes that can say that a row is no longer true. */
export type ChangelogEnvelope = 'flat' | 'debezium';

const doc = {
  op: 'c: the row is true from now on. r: the same, read from history. d: the row is no longer true.',
  sign: '1 for c and r, -1 for d: the sum over a row is 1 while it is true and 0 when it is not.',
  eventId:
    'Deterministic identity of the row: chain, block hash, dataset and index. A retraction carries the id of the row it takes back.',
  incarnation:
    '1 when the block is canonical for the first time, one more each time it came back or was revised. A retraction carries the number of the insert it takes back.',
  reorg: 'Id of the reorg that takes the row back; null unless op is d.',
  ts: 'When this record was made, milliseconds. The time of the event is the record timestamp.',
  received: 'When the first byte of what this record is made of was received, microseconds.',
  published: 'When this record was handed to Kafka, microseconds.',
  tracing: "The venue's own handle of the row, where it has one; null when op is d.",
} as const;

const nullable = (name: string, type: string, text: string): AvroField => ({
  name,
  type: ['null', type],
  doc: text,
  default: null,
});
const required = (name: string, type: string, text: string): AvroField => ({
  name,
  type,
  doc: text,
});

/** What follows the row's columns in the `flat` envelope. */
export const flatTail: readonly AvroField[] = [
  required('op', 'string', doc.op),
  required('sign', 'int', doc.sign),
  required('event_id', 'string', doc.eventId),
  required('incarnation', 'int', doc.incarnation),
  nullable('reorg_id', 'string', doc.reorg),
  required('ts_ms', 'long', doc.ts),
  required('received_at_us', 'long', doc.received),
  required('published_at_us', 'long', doc.published),
  nullable('tracing_id', 'string', doc.tracing),
];

const sourceSchema: AvroRecord = {
  type: 'record',
  name: 'Source',
  doc: 'Where the row comes from, in the form that readers of Debezium expect.',
  fields: [
    required('version', 'string', 'Version of ommer.'),
    required('connector', 'string', 'Kind of the source.'),
    required('name', 'string', 'Name of the source in the configuration.'),
    required('ts_ms', 'long', 'Time of the event, milliseconds.'),
    required('snapshot', 'string', 'true when the row was read from history, else false.'),
    required('db', 'string', 'CAIP-2 id of the chain, or name of the venue.'),
    required('schema', 'string', 'Kind of the source.'),
    required('table', 'string', 'Dataset.'),
    required('sequence', 'string', 'JSON list of two strings: height, and index within the block.'),
    required('txId', 'string', 'Block hash.'),
  ],
};

const transactionSchema: AvroRecord = {
  type: 'record',
  name: 'Transaction',
  doc: 'Not used: there for readers that expect it.',
  fields: [
    required('id', 'string', 'Transaction.'),
    required('total_order', 'long', 'Position in the transaction.'),
    required('data_collection_order', 'long', 'Position among the rows of its dataset.'),
  ],
};

const reorgSchema: AvroRecord = {
  type: 'record',
  name: 'Reorg',
  doc: 'Why the row is taken back.',
  fields: [
    required('id', 'string', 'Deterministic id of the reorg.'),
    required('depth', 'int', 'Number of blocks taken back.'),
    required('common_ancestor_height', 'long', 'Newest height that both branches share.'),
    required('common_ancestor_hash', 'string', 'Hash of that block.'),
    required('reason', 'string', 'How the source knew.'),
  ],
};

/** What follows `before` and `after` in the `debezium` envelope. */
export const debeziumTail: readonly AvroField[] = [
  { name: 'source', type: sourceSchema, doc: 'Where the row comes from.' },
  {
    name: 'transaction',
    type: ['null', transactionSchema],
    doc: 'Always null: the block is txId of source.',
    default: null,
  },
  required('op', 'string', doc.op),
  required('ts_ms', 'long', doc.ts),
  required('sign', 'int', doc.sign),
  required('event_id', 'string', doc.eventId),
  required('incarnation', 'int', doc.incarnation),
  {
    name: 'reorg',
    type: ['null', reorgSchema],
    doc: 'The reorg that takes the row back; null unless op is d.',
    default: null,
  },
  nullable('tracing_id', 'string', doc.tracing),
  required('received_at_us', 'long', doc.received),
  required('published_at_us', 'long', doc.published),
];

/** What follows the row's columns in the `upsert` envelope: it says nothing of a change. */
export const upsertTail: readonly AvroField[] = [
  required('event_id', 'string', doc.eventId),
  required('incarnation', 'int', doc.incarnation),
  required('ts_ms', 'long', doc.ts),
];

/** Names of the envelope that a row must not use: the writer's schema is split at them. */
export const envelopeNames: readonly string[] = [
  ...new Set([...flatTail, ...debeziumTail].map((field) => field.name)),
  'before',
  'after',
];

/** Key of a changelog: chain, dataset and the row's identity, flat and without nulls. */
export function keySchema(dataset: Dataset): AvroRecord {
  const columns = new Map(dataset.row.fields.map((field) => [field.name, field]));
  const identity = dataset.identity.flatMap((name) => {
    const field = columns.get(name);
    return field === undefined ? [] : [{ name, type: field.type, doc: field.doc }];
  });
  return {
    type: 'record',
    name: 'Key',
    namespace: `ommer.${dataset.name}`,
    doc: `Identity of one row of ${dataset.name}, the same for its insert and its retraction.`,
    fields: [
      required('chain', 'string', 'CAIP-2 id of the chain, or name of the venue.'),
      required('dataset', 'string', 'Dataset.'),
      ...identity,
    ],
  };
}

/**
 * Key of a state topic: chain, dataset and the primary key, flat and without nulls. A key must keep
 * its bytes, the schema's id among them, for ever: so it repeats no text that may be reworded.
 */
export function primaryKeySchema(dataset: Dataset): AvroRecord {
  const columns = new Map(dataset.row.fields.map((field) => [field.name, field]));
  const primaryKey = dataset.primaryKey.flatMap((name) => {
    const field = columns.get(name);
    return field === undefined || name === 'chain'
      ? []
      : [{ name, type: field.type, doc: 'Column of the primary key.' }];
  });
  return {
    type: 'record',
    name: 'PrimaryKey',
    namespace: `ommer.${dataset.name}`,
    doc: 'What identifies a row on one canonical chain.',
    fields: [
      required('chain', 'string', 'CAIP-2 id of the chain, or name of the venue.'),
      required('dataset', 'string', 'Dataset.'),
      ...primaryKey,
    ],
  };
}

/** Value of a topic in this envelope. */
export function valueSchema(dataset: Dataset, envelope: Envelope): AvroRecord {
  const namespace = `ommer.${dataset.name}`;
  const { row } = dataset;
  switch (envelope) {
    case 'flat':
      return {
        type: 'record',
        name: 'Value',
        namespace,
        doc: `${row.doc} With what happened to it.`,
        fields: [...row.fields, ...flatTail],
      };
    case 'debezium':
      return {
        type: 'record',
        name: 'Envelope',
        namespace,
        doc: `A change of ${dataset.name}.`,
        fields: [
          {
            name: 'before',
            type: ['null', { ...withoutNamespace(row), name: 'Row' }],
            doc: 'The row that is no longer true; null unless op is d.',
            default: null,
          },
          {
            name: 'after',
            type: ['null', 'Row'],
            doc: 'The row that is true from now on; null when op is d.',
            default: null,
          },
          ...debeziumTail,
        ],
      };
    case 'upsert':
      return {
        type: 'record',
        name: 'Row',
        namespace,
        doc: `${row.doc} As it is true now.`,
        fields: [...row.fields, ...upsertTail],
      };
  }
}

function withoutNamespace(row: AvroRecord): AvroRecord {
  return { type: 'record', name: row.name, doc: row.doc, fields: row.fields };
}
