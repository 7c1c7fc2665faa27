/** Decodes keys and values of any topic by the schema ids they carry. */
import { type AvroType, avroType, parseRecordSchema } from '../../encoding/avro-schema.ts';
import type { RegistryClient } from '../../encoding/registry-client.ts';
import { headerBytes, schemaIdOf } from '../../encoding/value-layout.ts';

/** Fields of a record by name. */
export type Fields = Readonly<Record<string, unknown>>;

export class RecordDecoder {
  readonly #registry: RegistryClient;
  readonly #types = new Map<number, AvroType>();

  constructor(registry: RegistryClient) {
    this.#registry = registry;
  }

  /** Null for null and for bytes without a schema id. Throws what the registry client throws. */
  async decode(bytes: Buffer | null): Promise<Fields | null> {
    const id = schemaIdOf(bytes);
    if (bytes === null || id === undefined) return null;
    const type =
      this.#types.get(id) ??
      avroType(parseRecordSchema(await this.#registry.byId(id), `with id ${id}`));
    this.#types.set(id, type);
    return type.decode(bytes, headerBytes).value as Fields;
  }
}

/** A value as JSON takes it: bytes as hex, since that is how chains write them. */
export function toJson(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  const { type, data } = value as { readonly type?: unknown; readonly data?: unknown };
  return type === 'Buffer' && Array.isArray(data)
    ? `0x${Buffer.from(data).toString('hex')}`
    : value;
}
