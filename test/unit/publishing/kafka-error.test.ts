import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { DataError, FatalError } from '../../../src/model/errors.ts';
import { kafkaError } from '../../../src/publishing/kafka-error.ts';

const errors = createRequire(import.meta.url)('kafkajs/src/errors');

function protocol(type: string): Error {
  return new errors.KafkaJSProtocolError({ type, code: 1, retriable: false, message: type });
}

function classify(thrown: unknown) {
  const error = kafkaError(thrown, { action: 'publish' });
  return [error.code, error instanceof FatalError];
}

test('each kind of failure has its code and says who must act', () => {
  const cases: [unknown, string, boolean][] = [
    [protocol('TOPIC_AUTHORIZATION_FAILED'), 'kafka.not_authorized', true],
    [protocol('TRANSACTIONAL_ID_AUTHORIZATION_FAILED'), 'kafka.not_authorized', true],
    [new errors.KafkaJSSASLAuthenticationError('wrong'), 'kafka.not_authorized', true],
    [protocol('MESSAGE_TOO_LARGE'), 'kafka.record_too_large', true],
    [protocol('INVALID_PRODUCER_EPOCH'), 'kafka.fenced', false],
    [protocol('UNKNOWN_TOPIC_OR_PARTITION'), 'kafka.topic_missing', false],
    [
      new errors.KafkaJSConnectionError('refused', { code: 'ECONNREFUSED' }),
      'kafka.unreachable',
      false,
    ],
    [new errors.KafkaJSRequestTimeoutError('timed out'), 'kafka.unreachable', false],
    [protocol('OUT_OF_ORDER_SEQUENCE_NUMBER'), 'kafka.send_failed', false],
    [protocol('INVALID_TIMESTAMP'), 'kafka.send_failed', true],
  ];
  for (const [thrown, code, isFatal] of cases) assert.deepEqual(classify(thrown), [code, isFatal]);
});

test('a cause is found under the errors that wrap it', () => {
  const inner = protocol('TOPIC_AUTHORIZATION_FAILED');
  const wrapped = new errors.KafkaJSNonRetriableError('failed', {
    cause: new errors.KafkaJSNumberOfRetriesExceeded(inner, { retryCount: 5, retryTime: 1 }),
  });
  assert.deepEqual(classify(wrapped), ['kafka.not_authorized', true]);
  assert.deepEqual(classify(new errors.KafkaJSAggregateError('some', [inner])), [
    'kafka.not_authorized',
    true,
  ]);
});

test('an error of ours stays what it is', () => {
  const own = new DataError('row.invalid', { stage: 'encoding', message: 'bad row' });
  assert.equal(kafkaError(own, { action: 'publish' }), own);
});

test('the message says what was attempted, what failed and what the client last reported', () => {
  const thrown = new errors.KafkaJSConnectionError('Connection timeout');
  const { message, cause } = kafkaError(thrown, { action: 'publish', lastTrouble: 'no route' });
  assert.match(
    message,
    /^Could not publish: Connection timeout\. .*no route\. Check that the brokers/,
  );
  assert.equal(cause, thrown);
});
