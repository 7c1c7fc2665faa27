/** The one-pass encoding of Produce requests against kafkajs's own, byte by byte. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import fc from 'fast-check';
import { crc32c } from '../../../src/publishing/crc32c.ts';
import { encodeProduceRequest } from '../../../src/publishing/produce-request.ts';

type KafkajsRequest = (options: unknown) => { encode(): Promise<{ readonly buffer: Buffer }> };

const kafkajsRequest: KafkajsRequest = createRequire(import.meta.url)(
  'kafkajs/src/protocol/requests/produce/v7/request',
);

const blob = fc.oneof(
  fc.constant(null),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
);
const message = fc.record({
  key: blob,
  value: blob,
  timestamp: fc
    .integer({ min: 1, max: 9_999_999_999_999 })
    .map((time) => String(time).padStart(13, '0')),
});
const request = fc.record({
  acks: fc.constant(-1),
  timeout: fc.integer({ min: 0, max: 60_000 }),
  transactionalId: fc.option(fc.string({ minLength: 1, maxLength: 40 }), { nil: undefined }),
  producerId: fc.bigInt({ min: 0n, max: 2n ** 62n }).map(String),
  producerEpoch: fc.integer({ min: 0, max: 32_767 }),
  compression: fc.constant(0),
  topicData: fc.array(
    fc.record({
      topic: fc.string({ minLength: 1, maxLength: 50 }),
      partitions: fc.array(
        fc.record({
          partition: fc.nat(1_000),
          firstSequence: fc.nat(2 ** 31 - 1),
          messages: fc.array(message, { minLength: 1, maxLength: 200 }),
        }),
        { maxLength: 4 },
      ),
    }),
    { maxLength: 3 },
  ),
});

test('a produce request has the very bytes that kafkajs would send', async () => {
  await fc.assert(
    fc.asyncProperty(request, async (options) => {
      const expected = (await kafkajsRequest(options).encode()).buffer;
      assert.equal(encodeProduceRequest(options).toString('hex'), expected.toString('hex'));
    }),
    { numRuns: 150 },
  );
});

test('a time of zero and a record of a megabyte are encoded like any other', async () => {
  const messages = [
    { key: Buffer.from('k'), value: Buffer.alloc(1_000_000, 7), timestamp: '1700000000000' },
    { key: Buffer.from('k'), value: null, timestamp: '0000000000000' },
  ];
  const topicData = [{ topic: 't', partitions: [{ partition: 3, firstSequence: 9, messages }] }];
  const options = { acks: -1, timeout: 1, producerId: '5', producerEpoch: 2, topicData };
  const expected = (await kafkajsRequest(options).encode()).buffer;
  assert.ok(encodeProduceRequest(options).equals(expected));
});

test('the checksum is that of the standard', () => {
  const digits = Buffer.from('..123456789.');
  assert.equal(crc32c(digits, 2, 11), 0xe3069283);
  assert.equal(crc32c(Buffer.alloc(32), 0, 32), 0x8a9136aa);
});
