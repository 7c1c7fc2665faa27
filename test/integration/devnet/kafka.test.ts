import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Kafka as KafkaClient, logLevel } from 'kafkajs';
import { type Devnet, startDevnet } from '../../../src/devnet/devnet.ts';
import { type FaultProxy, openFaultProxy } from '../../../src/devnet/fault-proxy.ts';
import { apiKeys } from '../../../src/devnet/kafka-frames.ts';
import { until } from '../../../src/devnet/until.ts';
import { temporaryDir } from './temporary-dir.ts';

let root: { path: string; remove(): Promise<void> };
let proxy: FaultProxy;
let devnet: Devnet | undefined;

before(async () => {
  root = await temporaryDir();
  proxy = await openFaultProxy({ target: () => devnet?.kafka.brokers[0]?.port ?? targetPort() });
  devnet = await startDevnet({
    dataDir: root.path,
    registry: false,
    evm: false,
    kafka: { advertise: () => proxy.port },
  });
});

after(async () => {
  await devnet?.stop();
  await proxy.close();
  await root.remove();
});

function targetPort(): never {
  throw new Error('Nothing connects before the broker is up.');
}

function running(): Devnet {
  assert.ok(devnet);
  return devnet;
}

function client(requestTimeout = 5_000): KafkaClient {
  return new KafkaClient({
    brokers: [...running().kafka.addresses],
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

test('a broker killed and restarted keeps what it acknowledged', async () => {
  await createTopic('kept');
  const producer = client().producer({ idempotent: true });
  await producer.connect();
  await producer.send({ topic: 'kept', messages: [{ value: 'a' }, { value: 'b' }] });
  await producer.disconnect();
  const [broker] = running().kafka.brokers;
  await broker?.process.kill();
  assert.equal(broker?.process.isUp, false);
  await broker?.process.restart();
  assert.equal(await endOffset('kept'), '2');
});

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
