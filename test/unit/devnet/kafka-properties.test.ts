import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BrokerLayout, brokerProperties } from '../../../src/devnet/kafka-properties.ts';

function layout(nodeId: number): BrokerLayout {
  const base = 1_000 * nodeId;
  return {
    nodeId,
    ports: { client: base + 1, internal: base + 2, controller: base + 3 },
    advertisedPort: base + 4,
    logDir: `data/node-${nodeId}`,
  };
}

function parsed(text: string): ReadonlyMap<string, string> {
  return new Map(
    text
      .trim()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

test('one node replicates nothing and listens where it advertises', () => {
  const only = { ...layout(1), advertisedPort: 1_001 };
  const properties = parsed(brokerProperties(only, [only], {}));
  assert.equal(properties.get('offsets.topic.replication.factor'), '1');
  assert.equal(properties.get('transaction.state.log.min.isr'), '1');
  assert.equal(properties.get('controller.quorum.voters'), '1@127.0.0.1:1003');
  assert.match(properties.get('listeners') ?? '', /^CLIENT:\/\/127\.0\.0\.1:1001,/);
  assert.match(properties.get('advertised.listeners') ?? '', /^CLIENT:\/\/127\.0\.0\.1:1001,/);
});

test('three nodes survive the loss of one, and only clients go through a proxy', () => {
  const nodes = [1, 2, 3].map(layout);
  const properties = parsed(brokerProperties(layout(2), nodes, {}));
  assert.equal(properties.get('default.replication.factor'), '3');
  assert.equal(properties.get('min.insync.replicas'), '2');
  assert.equal(properties.get('transaction.state.log.min.isr'), '2');
  assert.equal(
    properties.get('controller.quorum.voters'),
    '1@127.0.0.1:1003,2@127.0.0.1:2003,3@127.0.0.1:3003',
  );
  assert.equal(
    properties.get('advertised.listeners'),
    'CLIENT://127.0.0.1:2004,INTERNAL://127.0.0.1:2002',
  );
  assert.equal(properties.get('inter.broker.listener.name'), 'INTERNAL');
});

test('every listener is on loopback', () => {
  const properties = parsed(brokerProperties(layout(1), [layout(1)], {}));
  for (const listener of (properties.get('listeners') ?? '').split(',')) {
    assert.match(listener, /:\/\/127\.0\.0\.1:\d+$/);
  }
});

test('a test can override a setting', () => {
  const properties = parsed(
    brokerProperties(layout(1), [layout(1)], { 'message.max.bytes': 1_000, 'num.io.threads': 1 }),
  );
  assert.equal(properties.get('message.max.bytes'), '1000');
  assert.equal(properties.get('num.io.threads'), '1');
});
