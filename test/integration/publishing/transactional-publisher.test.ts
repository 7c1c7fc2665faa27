/** The transactional publisher on one real broker behind a proxy that loses what it is told to. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { FatalError } from '../../../src/model/errors.ts';
import { api, joinCluster, record, type TestCluster, valuesOf } from './cluster.ts';
import { openSession } from './session.ts';

let cluster: TestCluster;
let checkpoints: string;

before(async () => {
  cluster = await joinCluster('transactional');
  checkpoints = await cluster.topic('checkpoints', 1, { 'cleanup.policy': 'compact' });
});

after(async () => {
  await cluster.stop();
});

const proxy = () => {
  const [first] = cluster.proxies;
  assert.ok(first);
  return first;
};

async function sessionOn(source: string, generation = 1) {
  return openSession(cluster, { source, checkpoints, generation });
}

test('a batch gets its offsets, and its checkpoint is committed with it', async () => {
  const topic = await cluster.topic('plain', 2);
  const session = await sessionOn('plain');
  await session.publish([record(topic, 0, 'a'), record(topic, 1, 'b'), record(topic, 0, 'c')]);
  await session.publish([record(topic, 0, 'd')]);
  const read = await cluster.committed(topic);
  assert.deepEqual(valuesOf(read), ['a', 'c', 'd', 'b']);
  assert.deepEqual([...(session.seals[0] ?? [])], [0, 0, 1]);
  const second = read.find(({ value }) => value?.toString() === 'd');
  assert.deepEqual([...(session.seals[1] ?? [])], [second?.offset]);
  assert.deepEqual(await session.committed(), { generation: 1, sequence: 2 });
  await session.close();
});

test('transactions in a row take turns among the transactional ids', async () => {
  const topic = await cluster.topic('turns');
  const session = await sessionOn('turns');
  for (const value of ['a', 'b', 'c', 'd', 'e', 'f']) {
    await session.publish([record(topic, 0, value)]);
  }
  await session.close();
  const producers = await cluster.producersOf(topic);
  assert.equal(new Set(producers.slice(0, 3)).size, 3);
  assert.deepEqual(producers.slice(3), producers.slice(0, 3));
});

test('a record time of zero is kept', async () => {
  const topic = await cluster.topic('genesis');
  const session = await sessionOn('genesis');
  await session.publish([
    { ...record(topic, 0, 'later'), timestampMs: 1_700_000_000_000 },
    { ...record(topic, 0, 'genesis'), timestampMs: 0 },
  ]);
  await session.close();
  const times = (await cluster.committed(topic)).map(({ timestampMs }) => timestampMs);
  assert.deepEqual(times, [1_700_000_000_000, 0]);
});

test('a commit whose answer is lost is recognised as committed and not repeated', async () => {
  const topic = await cluster.topic('commit-lost');
  const session = await sessionOn('commit-lost');
  await session.publish([record(topic, 0, 'a')]);
  const fault = proxy().onRequest(api.endTxn, 'swallow-response');
  await session.publish([record(topic, 0, 'b')]);
  await fault.struck;
  await session.publish([record(topic, 0, 'c')]);
  await session.close();
  assert.deepEqual(valuesOf(await cluster.committed(topic)), ['a', 'b', 'c']);
  assert.equal(session.seals.length, 3);
  assert.equal(session.metrics.count('producer_recoveries'), 1);
});

test('a commit that never arrived is repeated, and what it left is aborted', async () => {
  const topic = await cluster.topic('commit-cut');
  const session = await sessionOn('commit-cut');
  const fault = proxy().onRequest(api.endTxn, 'cut-before');
  await session.publish([record(topic, 0, 'a')]);
  await fault.struck;
  await session.close();
  assert.deepEqual(valuesOf(await cluster.committed(topic)), ['a']);
  assert.equal(session.seals.length, 2);
  assert.ok((session.seals[1]?.[0] ?? 0) > 0);
});

test('a commit that is held up beyond its time-out leaves the batch in the log once', async () => {
  const topic = await cluster.topic('commit-late');
  const session = await sessionOn('commit-late');
  const fault = proxy().onRequest(api.endTxn, 'hold');
  await session.publish([record(topic, 0, 'a')]);
  fault.release();
  await session.publish([record(topic, 0, 'b')]);
  await session.close();
  assert.deepEqual(valuesOf(await cluster.committed(topic)), ['a', 'b']);
});

test('a send whose answer is lost leaves every record in the log once', async () => {
  const topic = await cluster.topic('produce-lost', 3);
  const session = await sessionOn('produce-lost');
  const expected: string[] = [];
  for (let batch = 0; batch < 4; batch += 1) {
    const fault = proxy().onRequest(
      api.produce,
      batch % 2 === 0 ? 'swallow-response' : 'cut-after',
    );
    const values = [0, 1, 2].map((partition) => `${batch}-${partition}`);
    expected.push(...values);
    await session.publish(values.map((value, partition) => record(topic, partition, value)));
    await fault.struck;
  }
  await session.close();
  assert.deepEqual(valuesOf(await cluster.committed(topic)).sort(), expected.sort());
});

test('connections cut at every step lose nothing and double nothing', async () => {
  const topic = await cluster.topic('cut');
  const session = await sessionOn('cut');
  const expected: string[] = [];
  for (const key of [api.addPartitionsToTxn, api.produce, api.endTxn]) {
    for (const action of ['cut-before', 'cut-after'] as const) {
      const fault = proxy().onRequest(key, action);
      const value = `${key}-${action}`;
      expected.push(value);
      await session.publish([record(topic, 0, value)]);
      await fault.struck;
    }
  }
  await session.close();
  assert.deepEqual(valuesOf(await cluster.committed(topic)), expected);
});

test('a zombie that wakes in the middle of a batch is fenced and doubles nothing', async () => {
  const topic = await cluster.topic('zombie');
  const zombie = await sessionOn('zombie', 1);
  await zombie.publish([record(topic, 0, 'a')]);
  const fault = proxy().onRequest(api.endTxn, 'hold');
  const dozing = zombie.publish([record(topic, 0, 'from the zombie')]);
  dozing.catch(() => {});
  await fault.struck;
  const successor = await openSession(cluster, {
    source: 'zombie',
    checkpoints,
    generation: 2,
    kafka: cluster.direct,
  });
  await successor.publish([record(topic, 0, 'b')]);
  fault.release();
  await assert.rejects(dozing, (error) => {
    assert.ok(error instanceof FatalError);
    assert.equal(error.code, 'kafka.fenced');
    assert.match(error.message, /generation 2/);
    return true;
  });
  await assert.rejects(zombie.publish([record(topic, 0, 'again')]), { code: 'kafka.fenced' });
  await successor.publish([record(topic, 0, 'c')]);
  await Promise.all([zombie.close(), successor.close()]);
  assert.deepEqual(valuesOf(await cluster.committed(topic)), ['a', 'b', 'c']);
});

test('a transaction that expired at the broker is repeated', async () => {
  const topic = await cluster.topic('expired');
  const options = { source: 'expired', checkpoints, generation: 1 };
  const publishing = { transactionTimeoutMs: 1_000, attemptTimeoutMs: 20_000 };
  const patient = { ...cluster.kafka, requestTimeoutMs: 20_000 };
  const session = await openSession(cluster, { ...options, publishing, kafka: patient });
  const fault = proxy().onRequest(api.endTxn, 'hold');
  const underWay = session.publish([record(topic, 0, 'a')]);
  await fault.struck;
  // Reading waits until nothing is open: the broker aborted the transaction.
  assert.deepEqual(await cluster.committed(topic), []);
  fault.release();
  await underWay;
  await session.close();
  assert.deepEqual(valuesOf(await cluster.committed(topic)), ['a']);
  assert.equal(session.metrics.count('producer_recoveries'), 1);
});

test('a reader of committed records sees whole batches only', async () => {
  const topic = await cluster.topic('whole', 2);
  const session = await sessionOn('whole');
  let isDone = false;
  const publishing = (async () => {
    for (let batch = 0; batch < 30; batch += 1) {
      if (batch % 10 === 5) proxy().onRequest(api.endTxn, 'cut-before');
      await session.publish([0, 0, 1].map((partition) => record(topic, partition, `${batch}`)));
    }
    isDone = true;
  })();
  do {
    const read = await cluster.committed(topic);
    const first = read.filter(({ partition }) => partition === 0);
    const second = new Set(valuesOf(read.filter(({ partition }) => partition === 1)));
    // Partition 0 is read first: what is there must be whole, and in partition 1 as well.
    assert.equal(first.length % 2, 0);
    assert.ok(valuesOf(first).every((value) => second.has(value)));
  } while (!isDone);
  await publishing;
  await session.close();
  const read = valuesOf(await cluster.committed(topic));
  const expected = Array.from({ length: 30 }, (_, batch) => `${batch}`);
  assert.deepEqual(read, [...expected.flatMap((value) => [value, value]), ...expected]);
  const lines = await cluster.consoleConsumer(topic, read.length);
  assert.deepEqual(lines.map((line) => line.split('\t').at(-1)).sort(), read.sort());
});

test('a record above the limit is refused with its size before anything is sent', async () => {
  const topic = await cluster.topic('large');
  const session = await sessionOn('large');
  const sent = proxy().seen(api.produce);
  const large = { ...record(topic, 0, 'x'), value: Buffer.alloc(1_000_001) };
  await assert.rejects(session.publish([large]), (error) => {
    assert.ok(error instanceof FatalError);
    assert.equal(error.code, 'kafka.record_too_large');
    assert.match(error.message, /for topic "\S+\.large-\d+" partition 0 has 1000\d+ bytes/);
    return true;
  });
  assert.equal(proxy().seen(api.produce), sent);
  await session.close();
});

test('a record the broker finds too large stops the source and leaves no open transaction', async () => {
  const topic = await cluster.topic('small-topic', 1, { 'max.message.bytes': '1000' });
  const other = await cluster.topic('small-neighbour');
  const session = await sessionOn('small-topic');
  const batch = [record(other, 0, 'a'), record(topic, 0, 'x'.repeat(2_000))];
  await assert.rejects(session.publish(batch), { code: 'kafka.record_too_large' });
  assert.deepEqual(await cluster.committed(other), []);
  await session.close();
});

test('batches of many megabytes keep their order across requests', async () => {
  const topic = await cluster.topic('chunks', 2);
  const session = await sessionOn('chunks');
  const values = Array.from({ length: 400 }, (_, n) => `${n}`.padEnd(12_000, '.'));
  await session.publish(values.map((value, n) => record(topic, n % 2, value)));
  await session.close();
  const read = valuesOf(await cluster.committed(topic));
  const even = values.filter((_, n) => n % 2 === 0);
  assert.deepEqual(read, [...even, ...values.filter((_, n) => n % 2 === 1)]);
  assert.ok(proxy().seen(api.produce) > 1);
});

test('what seal throws reaches the caller, and nothing stays in the log', async () => {
  const topic = await cluster.topic('seal');
  const session = await sessionOn('seal');
  const refusal = new Error('the seal refuses');
  const batch = {
    records: [record(topic, 0, 'a')],
    sequence: 1,
    seal: () => {
      throw refusal;
    },
  };
  await assert.rejects(session.publisher.publish(batch), refusal);
  assert.deepEqual(await cluster.committed(topic), []);
  await session.close();
});

test('close ends within its bound while the broker does not answer', async () => {
  const topic = await cluster.topic('close');
  const session = await sessionOn('close');
  proxy().swallowResponses();
  const publishing = session.publish([record(topic, 0, 'a')]);
  publishing.catch(() => {});
  const startedAtMs = Date.now();
  await session.close();
  proxy().pass();
  // Its bound is 2 s; without one it would go on for the 30 s of a recovery.
  assert.ok(Date.now() - startedAtMs < 15_000);
  await assert.rejects(publishing);
});
