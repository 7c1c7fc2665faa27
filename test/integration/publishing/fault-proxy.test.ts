import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Kafka as KafkaClient, logLevel } from 'kafkajs';
import { type FaultProxy, openFaultProxy } from '../../../src/devnet/fault-proxy.ts';
import { apiKeys } from '../../../src/devnet/kafka-frames.ts';
import { until } from '../../../src/devnet/until.ts';
import { joinDevnet, type SharedDevnet } from '../../support/shared-devnet.ts';

let devnet: SharedDevnet;
let proxy: FaultProxy;

before(async () => {
  devnet = await joinDevnet();
  proxy = await openFaultProxy({ port: devnet.proxyPort, target: () => devnet.behindProxy });
});

after(async () => {
  await proxy?.close();
  await devnet?.leave();
});

function client(requestTimeout = 5_000): KafkaClient {
  return new KafkaClient({
    brokers: [proxy.address],
    logLevel: logLevel.NOTHING,
    requestTimeout,
    retry: { initialRetryTime: 50, retries: 20 },
  });
}

async function createTopic(topic: string): Promise<void> {
  const admin = client().admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
  await admin.disconnect();
}

async function endOffset(topic: string): Promise<string | undefined> {
  const admin = client().admin();
  await admin.connect();
  const [partition] = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  return partition?.high;
}

test('a client follows the advertised port, so the proxy sees its requests', async () => {
  await createTopic('proxied');
  const before = proxy.seen(apiKeys.produce);
  const producer = client().producer();
  await producer.connect();
  await producer.send({ topic: 'proxied', messages: [{ value: 'a' }] });
  await producer.disconnect();
  assert.equal(proxy.seen(apiKeys.produce), before + 1);
});

test('a swallowed Produce response leaves the record in the log and the sender without an answer', async () => {
  await createTopic('swallowed');
  const producer = client(1_000).producer({ retry: { retries: 0 } });
  await producer.connect();
  const fault = proxy.onRequest(apiKeys.produce, 'swallow-response');
  const sent = producer.send({ topic: 'swallowed', messages: [{ value: 'a' }] });
  await assert.rejects(Promise.race([sent, fault.struck.then(() => sent)]));
  await fault.struck;
  await producer.disconnect();
  assert.equal(await endOffset('swallowed'), '1');
});

test('cut before Produce leaves the log empty', async () => {
  await createTopic('cut');
  const producer = client().producer({ retry: { retries: 0 } });
  await producer.connect();
  const fault = proxy.onRequest(apiKeys.produce, 'cut-before');
  await assert.rejects(producer.send({ topic: 'cut', messages: [{ value: 'a' }] }));
  await fault.struck;
  await producer.disconnect();
  assert.equal(await endOffset('cut'), '0');
});

test('a transaction commits on a single node within its small internal topics', async () => {
  await createTopic('transacted');
  const producer = client().producer({
    idempotent: true,
    transactionalId: 'devnet-test',
    maxInFlightRequests: 1,
  });
  await producer.connect();
  const transaction = await producer.transaction();
  await transaction.send({ topic: 'transacted', messages: [{ value: 'a' }] });
  await transaction.commit();
  await producer.disconnect();
  assert.ok(proxy.seen(apiKeys.endTxn) > 0);
  // The record and the commit marker, which the coordinator writes after it has answered.
  const isMarked = await until(
    async () => ((await endOffset('transacted')) === '2' ? true : undefined),
    { timeoutMs: 10_000 },
  );
  assert.ok(isMarked);
});
