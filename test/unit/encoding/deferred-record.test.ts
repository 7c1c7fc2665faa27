import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeferredRecord } from '../../../src/encoding/deferred-record.ts';

test('a deferred record is encoded once, when something but its topic is asked for', () => {
  let encoded = 0;
  const whole = {
    ...{ topic: 'checkpoints', partition: 3, timestampMs: 7 },
    ...{ key: Buffer.from('key'), value: Buffer.from('value') },
  };
  const record = new DeferredRecord('checkpoints', () => {
    encoded += 1;
    return whole;
  });
  assert.equal(record.topic, 'checkpoints');
  assert.equal(encoded, 0);
  const { topic, partition, key, value, timestampMs } = record;
  assert.deepEqual({ topic, partition, timestampMs, key, value }, whole);
  assert.equal(encoded, 1);
});
