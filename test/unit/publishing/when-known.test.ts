import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { whenKnown } from '../../../src/publishing/when-known.ts';

const errors = createRequire(import.meta.url)('kafkajs/src/errors');

function protocol(type: string): Error {
  return new errors.KafkaJSProtocolError({ type, code: 1, retriable: false, message: type });
}

test('a broker that has not heard of a topic yet is asked again', async () => {
  const answers = [() => null, () => unknownTopic(), () => 'known'];
  let asked = 0;
  const found = await whenKnown('it', async () => {
    asked += 1;
    return answers.shift()?.() ?? null;
  });
  assert.equal(found, 'known');
  assert.equal(asked, 3);
});

test('a refusal is not repeated', async () => {
  let asked = 0;
  const refused = whenKnown('it', () => {
    asked += 1;
    return Promise.reject(protocol('TOPIC_AUTHORIZATION_FAILED'));
  });
  await assert.rejects(refused, /TOPIC_AUTHORIZATION_FAILED/);
  assert.equal(asked, 1);
});

function unknownTopic(): never {
  throw protocol('UNKNOWN_TOPIC_OR_PARTITION');
}
