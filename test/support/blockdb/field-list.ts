/** BlockDB's field list and rows through the source and the encoder, for tests. */
import { readFileSync } from 'node:fs';
import { type AvroType, avroType } from '../../../src/encoding/avro-schema.ts';
import { ByteWriter } from '../../../src/encoding/byte-writer.ts';
import { loadDataset } from '../../../src/encoding/dataset.ts';
import { RowEncoder } from '../../../src/encoding/row-encoder.ts';
import type { Event, Origin, Row } from '../../../src/model/event.ts';
import { blockdbChannels } from '../../../src/sources/blockdb/channels.ts';
import type { BlockdbDataset, WireFields } from '../../../src/sources/blockdb/messages.ts';
import { blockdbTables } from '../../../src/sources/blockdb/tables/tables.ts';

/** One field of the list. */
export interface ListedField {
  readonly name: string;
  readonly type: string;
  readonly wire: string;
  readonly nullable: boolean;
  readonly bytes: number | null;
  readonly seenIn: readonly string[];
}

/** One dataset of the list. */
export interface ListedDataset {
  readonly id: string;
  readonly slug: string;
  readonly aliases: readonly { readonly id: string; readonly collides: boolean }[];
  readonly primaryKey: readonly string[];
  readonly naturalKey: readonly string[] | null;
  readonly orderKey: readonly string[];
  readonly blockField: string;
  readonly timeField: string;
  readonly updateMode: string;
  readonly params: readonly {
    readonly name: string;
    readonly type: string;
    readonly required: boolean;
  }[];
  readonly restPaths: readonly string[];
  readonly fields: readonly ListedField[];
  readonly example: WireFields;
}

const folder = new URL('../../fixtures/blockdb/001-field-list/', import.meta.url);

/** A file of the fixture. */
export function fieldListFile(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, folder), 'utf8'));
}

/** The datasets as BlockDB's documents have them. */
export const fieldList = fieldListFile('datasets.json') as readonly ListedDataset[];

/** The source's name of a listed dataset. */
export function nameOf({ slug }: Pick<ListedDataset, 'slug'>): BlockdbDataset {
  return slug.replaceAll('-', '_') as BlockdbDataset;
}

/** The documents' row of a dataset. */
export function exampleOf(dataset: BlockdbDataset): WireFields {
  const listed = fieldList.find((each) => nameOf(each) === dataset);
  if (listed === undefined) throw new Error(`${dataset} is not listed`);
  return listed.example;
}

/** The block of all examples. */
export const exampleOrigin: Origin = {
  chain: 'eip155:1',
  source: 'test',
  height: 21_000_500,
  blockHash: '0x0f364582070ee11dd421518358ee1fbfd5e1a7aacdb04032d5827f37506a7e7d',
  blockTimeMs: Date.UTC(2026, 0, 15, 10, 20, 35),
  isBackfill: false,
  receivedAtUs: 0,
};

/** The one event of a row. */
export function eventOf(
  dataset: BlockdbDataset,
  data: WireFields,
  ordinal: number | null = null,
): Event {
  const [event, ...others] = blockdbChannels[dataset].normalize(
    { dataset, data, ordinal },
    exampleOrigin,
  );
  if (event === undefined || others.length > 0) throw new Error(`not one event of ${dataset}`);
  return event;
}

const out = new ByteWriter();
const codecs = new Map<BlockdbDataset, { encoder: RowEncoder; type: AvroType }>();

/** The row as a reader of the topic gets it: through Avro bytes. */
export function decodedRow(dataset: BlockdbDataset, row: Row): Readonly<Record<string, unknown>> {
  let codec = codecs.get(dataset);
  if (codec === undefined) {
    const declared = loadDataset(blockdbTables[dataset].subject);
    codec = { encoder: new RowEncoder(declared), type: avroType(declared.row) };
    codecs.set(dataset, codec);
  }
  codec.encoder.encode(row, out);
  return { ...codec.type.fromBuffer(out.take()) };
}
