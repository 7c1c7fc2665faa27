import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  differenceError,
  differences,
  type TopicSpec,
  topicConfig,
} from '../../../src/publishing/topic-plan.ts';

const options = { retentionMs: -1, recordBytesMax: 1_000_000 };
const config = topicConfig('changelog', options);
const spec: TopicSpec = {
  name: 't',
  kind: 'changelog',
  partitions: 6,
  replicationFactor: 3,
  config,
};
const found = { name: 't', partitions: 6, replicationFactor: 3, config };

test('changelogs are kept for ever unless told otherwise, checkpoints are compacted', () => {
  assert.equal(config['retention.ms'], '-1');
  assert.equal(config['cleanup.policy'], 'delete');
  const checkpoints = topicConfig('checkpoints', { ...options, recordBytesMax: 5_000_000 });
  assert.equal(checkpoints['cleanup.policy'], 'compact');
  assert.equal(checkpoints['retention.ms'], undefined);
  assert.ok(Number(checkpoints['max.message.bytes']) > 5_000_000);
});

test('a topic as it should be has no difference', () => {
  assert.deepEqual(differences(spec, found), []);
  assert.deepEqual(
    differences({ ...spec, replicationFactor: -1 }, { ...found, replicationFactor: 1 }),
    [],
  );
});

test('what makes a run wrong is blocking and has its own code', () => {
  const cases = [
    [null, 'kafka.topic_missing'],
    [{ ...found, partitions: 4 }, 'kafka.topic_partitions'],
    [
      { ...found, config: { ...config, 'cleanup.policy': 'compact' } },
      'kafka.topic_cleanup_policy',
    ],
  ] as const;
  for (const [topic, code] of cases) {
    const [difference] = differences(spec, topic);
    assert.ok(difference?.isBlocking);
    assert.equal(differenceError(difference).code, code);
  }
});

test('what is merely different is reported and does not block', () => {
  const other = {
    ...found,
    partitions: 8,
    replicationFactor: 1,
    config: { ...config, 'retention.ms': '5' },
  };
  const list = differences(spec, other);
  assert.deepEqual(
    list.map(({ what }) => what),
    ['partitions', 'replication', 'setting'],
  );
  assert.ok(list.every(({ isBlocking }) => !isBlocking));
  const [unreadable] = differences(spec, { ...found, config: null });
  assert.equal(unreadable?.what, 'unreadable');
});

test('a state topic is compacted, and keeps the partitions it has', () => {
  const compacted = topicConfig('state', options);
  assert.equal(compacted['cleanup.policy'], 'compact');
  const state: TopicSpec = { ...spec, kind: 'state', config: compacted };
  for (const partitions of [4, 8]) {
    const [difference, ...others] = differences(state, { ...found, partitions, config: compacted });
    assert.deepEqual(others, []);
    assert.equal(difference?.what, 'partitions');
    assert.equal(difference.isBlocking, false);
  }
  assert.ok(
    differences(state, found).some(({ isBlocking }) => isBlocking),
    'not compacted',
  );
});

test('a control topic of several partitions is blocking', () => {
  const control = { ...spec, kind: 'control', partitions: 1 } as const;
  assert.ok(differences(control, found)[0]?.isBlocking);
});
