/** Reads the records of a chain's control topic, by the schema they were written with. */
import { DataError } from '../model/errors.ts';
import { type AvroType, avroType, parseRecordSchema } from './avro-schema.ts';
import { headerBytes, schemaIdOf } from './value-layout.ts';

/** Times in milliseconds; heights and offsets as in the control schema. */
export interface ControlRecord {
  readonly kind: string;
  readonly chain: string;
  readonly source: string;
  readonly time: number;
  readonly height: number | null;
  readonly hash: string | null;
  readonly block: ControlBlock | null;
  readonly reorg: ControlReorg | null;
  readonly gap: {
    readonly after: string;
    readonly resumed_at: string;
    readonly reason: string;
  } | null;
  /** Undefined in a record of a version that did not know it. */
  readonly market?: ControlMarket | null;
}

/** What a record of kind `market` says besides. Times in milliseconds. */
export interface ControlMarket {
  readonly dataset: string;
  readonly symbol: string;
  /** `unsafe`, `safe`, `gap` or `closed`. */
  readonly state: string;
  readonly epoch: number | null;
  readonly from_time: number | null;
  readonly to_time: number | null;
  readonly rows: number | null;
  readonly reason: string;
}

/** What a record of kind `block` says besides. */
export interface ControlBlock {
  readonly parent_hash: string;
  readonly block_time: number;
  readonly incarnation: number;
  readonly is_backfill: boolean;
  readonly tallies: readonly ControlTally[];
}

/** What a record of kind `reorg` says besides. */
export interface ControlReorg {
  readonly id: string;
  readonly depth: number;
  readonly common_ancestor_height: number;
  readonly common_ancestor_hash: string;
  readonly reason: string;
  /** Newest first. */
  readonly reverted: readonly { readonly height: number; readonly hash: string }[];
  readonly tallies: readonly ControlTally[];
}

/** Records of one step on one topic-partition. */
export interface ControlTally {
  readonly topic: string;
  readonly partition: number;
  readonly inserts: number;
  readonly retractions: number;
  readonly first_offset: number;
}

/** A record as it was read. */
export interface StoredControl {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly value: Buffer | null;
}

/** Looks schemas up once. */
export class ControlDecoder {
  readonly #schemaById: (id: number) => Promise<string>;
  readonly #types = new Map<number, AvroType>();

  constructor(schemaById: (id: number) => Promise<string>) {
    this.#schemaById = schemaById;
  }

  /**
   * What the record says. Throws `consumer.foreign_record` for one that ommer did not write, and what
   * the registry throws.
   */
  async decode(stored: StoredControl): Promise<ControlRecord> {
    const id = schemaIdOf(stored.value);
    if (stored.value === null || id === undefined) throw foreign(stored, 'it has no schema id');
    const known = this.#types.get(id);
    const type = known ?? (await this.#load(id, stored));
    return decodeWith(type, stored, stored.value);
  }

  async #load(id: number, stored: StoredControl): Promise<AvroType> {
    const text = await this.#schemaById(id);
    const type = avroType(readable(text, stored));
    this.#types.set(id, type);
    return type;
  }
}

function readable(text: string, stored: StoredControl) {
  try {
    const schema = parseRecordSchema(text, 'of a control record');
    const names = new Set(schema.fields.map(({ name }) => name));
    if (['kind', 'source', 'block', 'reorg'].every((name) => names.has(name))) return schema;
  } catch (cause) {
    throw foreign(stored, 'its schema is not one of ommer', cause);
  }
  throw foreign(stored, 'its schema is not the one of control records');
}

function decodeWith(type: AvroType, stored: StoredControl, value: Buffer): ControlRecord {
  try {
    const { value: record, offset } = type.decode(value, headerBytes);
    if (offset !== value.length) throw new RangeError('its length does not fit its schema');
    return record;
  } catch (cause) {
    throw foreign(stored, String(cause), cause);
  }
}

function foreign({ topic, partition, offset, value }: StoredControl, why: string, cause?: unknown) {
  return new DataError('consumer.foreign_record', {
    stage: 'encoding',
    message: `Record ${topic}/${partition}@${offset} is not a control record of ommer: ${why}. Another program wrote to the topic, or it is not a control topic: check the name, and give ommer topics of its own.`,
    cause,
    context: { topic, partition, offset },
    ...(value === null ? {} : { raw: value }),
  });
}
