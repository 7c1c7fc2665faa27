import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settingsOf } from '../../../src/consumer/options.ts';
import { openReader } from '../../../src/consumer/reader.ts';
import { formatPosition, parsePosition } from '../../../src/consumer/step-position.ts';
import { PipelineError } from '../../../src/model/errors.ts';
import { readSteps } from '../../support/consumer/memory-reader.ts';
import { PublishedChain, transfersTopic } from '../../support/consumer/published-chain.ts';

const base = { kafka: { brokers: ['127.0.0.1:1'] }, registry: { url: 'http://127.0.0.1:1' } };
const logs = { dataset: 'evm/logs', chain: 'eip155:1' } as const;

/** Always the whole answer. */
const steady = () => 0;

function isCode(code: string, text: RegExp) {
  return (error: unknown): boolean =>
    error instanceof PipelineError && error.code === code && text.test(error.message);
}

test('topics are named by prefix, chain and dataset, and share the control topic of their chain', () => {
  const { topics, controlTopic: control } = settingsOf({
    ...base,
    topics: [logs, { dataset: 'evm/blocks', chain: 'eip155:1' }],
  });
  assert.deepEqual(
    topics.map(({ topic }) => topic),
    ['ommer.eip155-1.logs', 'ommer.eip155-1.blocks'],
  );
  assert.equal(control, 'ommer.eip155-1.control');
  const two = settingsOf({ ...base, topics: [logs, { ...logs, chain: 'eip155:2' }] });
  assert.equal(two.controlTopic, null);
});

test('options that contradict each other are refused', async () => {
  const refused = (text: RegExp) => isCode('consumer.wrong_options', text);
  assert.throws(() => openReader({ ...base, topics: [] }), refused(/topics is empty/));
  assert.throws(() => openReader({ ...base, topics: [logs, logs] }), refused(/named twice/));
  const state = { dataset: 'evm/logs', topic: 'a.state' } as const;
  assert.throws(() => openReader({ ...base, topics: [state] }), refused(/latest row per key/));
  const final = openReader({ ...base, topics: [{ ...state, topic: 'a.final' }] });
  await assert.rejects(final.steps().next(), refused(/has no steps/));
  const one = openReader({ ...base, topics: [logs], partitions: [0] });
  await assert.rejects(one.steps().next(), refused(/partitions cannot be chosen/));
  const two = openReader({ ...base, topics: [logs, { ...logs, chain: 'eip155:2' }] });
  await assert.rejects(two.steps().next(), refused(/control topic of one chain/));
});

test('a position is one of its control topic', () => {
  const position = { topic: 'c', offset: 7, minHeight: 3, finalized: { height: 5, hash: '0x5' } };
  assert.deepEqual(parsePosition(formatPosition(position), 'c'), position);
  assert.throws(() => parsePosition(formatPosition(position), 'd'), /another control topic/);
  assert.throws(() => parsePosition('7', 'c'), /not the position of a step/);
});

test('a step larger than the limit is refused by its name', async () => {
  const chain = new PublishedChain();
  chain.grow(Array.from({ length: 9 }, () => ({ token: 1, to: 1, amount: 1 })));
  chain.publish();
  await assert.rejects(
    readSteps(chain, { random: steady, limits: { stepRecordsMax: 8 } }),
    isCode('consumer.limit_exceeded', /block of 9 records.*stepRecordsMax \(8\)/),
  );
});

test('a record that belongs to no block is refused, and so is one of another program', async () => {
  const chain = new PublishedChain();
  const transfer = [{ token: 1, to: 1, amount: 1 }];
  chain.grow(transfer);
  chain.publish();
  const [record] = chain.kafka.records(transfersTopic);
  assert.ok(record?.key);
  const again = { ...record, key: record.key };
  chain.kafka.append(again);
  chain.grow(transfer);
  chain.publish();
  await assert.rejects(
    readSteps(chain, { random: steady }),
    isCode('consumer.foreign_record', /belongs to no block.*delivery/),
  );
});

test('rows that retention deleted are missed loudly', async () => {
  const chain = new PublishedChain();
  for (let height = 0; height < 4; height += 1) {
    chain.grow([{ token: 1, to: 1, amount: height }]);
    chain.publish();
  }
  const [first] = chain.kafka.records(transfersTopic);
  assert.ok(first);
  chain.kafka.truncate(transfersTopic, first.partition, 3);
  await assert.rejects(
    readSteps(chain, { random: steady }),
    isCode('consumer.offset_out_of_range', /no record at offset 0/),
  );
});

test('rows below the height a reader began at are left out with their retractions', async () => {
  const chain = new PublishedChain();
  for (let height = 0; height < 4; height += 1) chain.grow([{ token: 1, to: 1, amount: height }]);
  chain.publish();
  chain.fork(3, [[{ token: 1, to: 1, amount: 7 }]]);
  chain.publish();
  const steps = await readSteps(chain, { random: steady, minHeight: 2 });
  const heights = steps.flatMap(({ kind, changes }) =>
    changes.map(({ row, isRetraction }) => `${kind} ${isRetraction ? '-' : '+'}${row.height}`),
  );
  assert.deepEqual(heights, ['block +2', 'block +3', 'reorg -3', 'reorg -2']);
});

test('a replayed block is a step of its own kind', async () => {
  const chain = new PublishedChain();
  for (let height = 0; height < 4; height += 1) chain.grow([{ token: 1, to: 1, amount: height }]);
  chain.finalize(1);
  chain.publish();
  chain.replay(1);
  const steps = await readSteps(chain, { random: steady });
  assert.deepEqual(
    steps.map(({ kind }) => kind),
    ['block', 'block', 'block', 'block', 'finalized', 'replay'],
  );
});
