import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type AvroField, type AvroSchema, avroType } from '../../../src/encoding/avro-schema.ts';
import { avroWriter, NotOfSchema } from '../../../src/encoding/avro-writer.ts';
import { ByteWriter } from '../../../src/encoding/byte-writer.ts';

const doc = '';
const decimal = { type: 'bytes', logicalType: 'decimal', precision: 38, scale: 2 };
const nested = {
  type: 'record',
  name: 'Nested',
  doc,
  fields: [{ name: 'only', type: 'string', doc }],
} as const;
const fields: readonly AvroField[] = [
  { name: 'text', type: 'string', doc },
  { name: 'maybe', type: ['null', 'string'], doc, default: null },
  { name: 'whole', type: 'long', doc },
  { name: 'time', type: { type: 'long', logicalType: 'timestamp-millis' }, doc, default: 7 },
  { name: 'small', type: 'int', doc },
  { name: 'flag', type: ['null', 'boolean'], doc },
  { name: 'ratio', type: 'double', doc },
  { name: 'rough', type: 'float', doc },
  { name: 'amount', type: ['null', decimal], doc, default: null },
  { name: 'blob', type: 'bytes', doc, default: 'ÿ\u0000' },
  { name: 'list', type: { type: 'array', items: ['null', 'string'] }, doc, default: [] },
  { name: 'inner', type: ['null', nested], doc, default: null },
];
const schema: AvroSchema = { type: 'record', name: 'Sample', doc, fields };
const library = avroType(schema);
const write = avroWriter(schema);
const out = new ByteWriter();

function written(value: unknown): Buffer {
  out.begin();
  write(out, value);
  return out.take();
}

const longMax = 2 ** 53 - 2;
const text = fc.oneof(
  fc.string({ maxLength: 200 }),
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.nat({ max: 20_000 }).map((length) => 'a'.repeat(length)),
  fc.nat({ max: 9_000 }).map((length) => `${'a'.repeat(length)}€`),
  fc.constantFrom(24, 25, 63, 64, 8_191, 8_192).map((length) => 'a'.repeat(length)),
);
const whole = fc.oneof(
  fc.integer(),
  fc.integer({ min: -longMax, max: longMax }),
  fc.constantFrom(0, -0, 2 ** 30, 2 ** 30 - 1, -(2 ** 30), -(2 ** 30) - 1, longMax, -longMax),
);
const bytes = fc.uint8Array({ maxLength: 100 }).map((array) => Buffer.from(array));
const sample = fc.record(
  {
    text,
    maybe: fc.option(text),
    whole,
    time: whole,
    small: fc.integer(),
    flag: fc.option(fc.boolean()),
    ratio: fc.double(),
    rough: fc.float(),
    amount: fc.option(bytes),
    blob: bytes,
    list: fc.array(fc.option(text), { maxLength: 80 }),
    inner: fc.option(fc.record({ only: text })),
  },
  { requiredKeys: ['text', 'whole', 'small', 'flag', 'ratio', 'rough'] },
);

describe('the Avro writer', () => {
  it('writes the bytes of the Avro library', () => {
    fc.assert(
      fc.property(sample, (value) => {
        assert.ok(written(value).equals(library.toBuffer(value)));
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses what the Avro library refuses, field by field', () => {
    const wrong = [
      ...[undefined, null, '', 'x', 1, 1.5, -1, 2 ** 31, 2 ** 53, Number.NaN, true],
      ...[[], [1], [null], {}, { only: 1 }, Buffer.from('x'), new Uint8Array(1)],
    ];
    const whole = { text: '', whole: 0, small: 0, flag: null, ratio: 0, rough: 0 };
    for (const { name } of fields) {
      for (const value of wrong) {
        const given = { ...whole, [name]: value };
        const isTaken = library.isValid(given) || (value === undefined && isOmissible(name));
        const attempt = () => written(given);
        if (isTaken) assert.ok(attempt().equals(library.toBuffer(given)), name);
        else assert.throws(attempt, NotOfSchema, `${name}: ${String(value)}`);
      }
    }
    for (const value of [null, 1, 'x', [whole]]) assert.throws(() => written(value), NotOfSchema);
  });

  it('has no way to write a type that is named again', () => {
    assert.throws(() => avroWriter(['null', 'Nested']), { code: 'schema.invalid' });
  });
});

function isOmissible(name: string): boolean {
  return fields.find((field) => field.name === name)?.default !== undefined;
}
