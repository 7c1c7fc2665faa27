/** On kafkajs's own broker, without a connection. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { Kafka, logLevel } from 'kafkajs';
import { acceptMetadataOfAllTopics } from '../../../src/publishing/all-topics-metadata.ts';
import {
  type Broker,
  createCluster,
  type ProtocolRequest,
} from '../../../src/publishing/kafkajs-internals.ts';

const load = createRequire(import.meta.url);
const { lookup } = load('kafkajs/src/protocol/requests');

/** A cluster in which partition 0 of a topic has no leader. */
const answer = {
  brokers: [{ nodeId: 1, host: 'a', port: 1 }],
  topicMetadata: [
    {
      ...{ topicErrorCode: 0, topic: 'of-somebody-else' },
      partitionMetadata: [{ partitionErrorCode: 5, partitionId: 0, leader: -1 }],
    },
  ],
};

function brokerOf(options: { readonly accepts: boolean }): Broker {
  const kafka = new Kafka({ brokers: ['nowhere:1'], logLevel: logLevel.NOTHING });
  const cluster = createCluster(kafka, {});
  if (options.accepts) acceptMetadataOfAllTopics(cluster);
  const send = ({ response }: ProtocolRequest<unknown>) => response.parse(answer);
  const broker = cluster.brokerPool.createBroker({
    connectionPool: { host: 'nowhere', port: 1, send },
    logger: kafka.logger(),
    nodeId: 0,
  });
  broker.lookupRequest = lookup({ 3: { minVersion: 0, maxVersion: 6 } });
  return broker;
}

test('kafkajs alone refuses the metadata of all topics when one has no leader', async () => {
  await assert.rejects(brokerOf({ accepts: false }).metadata(), { type: 'LEADER_NOT_AVAILABLE' });
});

test('a topic that nobody named does not hinder the search for brokers', async () => {
  const broker = brokerOf({ accepts: true });
  assert.deepEqual(await broker.metadata(), answer);
  const named = broker.metadata(['of-somebody-else']);
  await assert.rejects(named, { type: 'LEADER_NOT_AVAILABLE' });
});
