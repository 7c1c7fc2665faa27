import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BlockIndex } from '../../../src/consumer/block-index.ts';
import { PipelineError } from '../../../src/model/errors.ts';
import {
  controlTopic,
  logsTopic,
  PublishedChain,
  partitions,
  transfersTopic,
} from '../../support/consumer/published-chain.ts';

function openIndex({ kafka }: PublishedChain, topic = controlTopic): Promise<BlockIndex> {
  return BlockIndex.open({ reader: kafka.reader(), topic, schemaById: kafka.schemaById });
}

/** Each block final at once, as in a catch-up; token 1 in every block, token 2 only where told. */
function longChain(blocks: number, rare: ReadonlySet<number>): PublishedChain {
  const chain = new PublishedChain();
  for (let height = 0; height < blocks; height += 1) {
    chain.grow([
      { token: 1, to: 1, amount: height },
      ...(rare.has(height) ? [{ token: 2, to: 1, amount: 1 }] : []),
    ]);
    chain.finalize(2);
    chain.publish();
  }
  return chain;
}

const codeOf = (error: unknown): string => (error instanceof PipelineError ? error.code : '');

test('a search reads pages of the control topic, not the topic', async () => {
  const chain = longChain(3000, new Set([5, 2990]));
  const index = await openIndex(chain);
  const before = chain.kafka.reads;
  const found = await index.find({ height: 1500 }, [transfersTopic]);
  assert.equal(found.block.height, 1500);
  assert.equal(found.block.isFinalized, true);
  assert.equal(found.partitions.length, partitions);
  assert.ok(chain.kafka.reads - before < 120, `${chain.kafka.reads - before} reads`);
});

test('a partition that goes on much later is found by the heights of its rows', async () => {
  const chain = longChain(3000, new Set([5, 2990]));
  const index = await openIndex(chain);
  const { partitions: found } = await index.find({ height: 100 }, [logsTopic]);
  const rows = chain.kafka.records(logsTopic);
  assert.equal(rows.length, 2);
  const [first, second] = rows;
  const own = found.find(({ partition }) => partition === second?.partition);
  assert.ok(own && first && second);
  assert.equal(own.hasRows, false);
  assert.ok(own.offset > first.offset && own.offset <= second.offset, String(own.offset));
});

test('rows of lower blocks that a replay wrote further on hide no row', async () => {
  const chain = longChain(3000, new Set([5, 2990]));
  const [first, second] = chain.kafka.records(logsTopic);
  assert.ok(first?.key && second);
  const { key, value, timestampMs } = first;
  const { topic, partition } = second;
  for (let row = 0; row < 30; row += 1) {
    chain.kafka.append({ topic, partition, key, value, timestampMs });
  }
  const { partitions: found } = await (await openIndex(chain)).find({ height: 100 }, [logsTopic]);
  const own = found.find((at) => at.partition === partition);
  assert.ok(own !== undefined && own.offset <= second.offset, String(own?.offset));
});

test('a block that is not there is named with the ends of what is there', async () => {
  const chain = longChain(300, new Set());
  const index = await openIndex(chain);
  await assert.rejects(index.find({ height: 300 }, []), (error: Error) => {
    assert.equal(codeOf(error), 'consumer.block_not_found');
    assert.match(error.message, /no block 300: the newest block is 299/);
    return true;
  });
  await assert.rejects(index.find({ timeMs: Date.UTC(2100, 0) }, []), /newest block is of 1970/);
  chain.kafka.truncate(controlTopic, 0, 400);
  const later = await openIndex(chain);
  const { first } = later.range;
  assert.ok(first.height > 50, String(first.height));
  await assert.rejects(later.find({ height: 10 }, []), (error: Error) => {
    assert.equal(codeOf(error), 'consumer.block_not_found');
    assert.match(error.message, new RegExp(`no block 10: the oldest block is ${first.height}`));
    return true;
  });
  assert.equal((await later.block({ height: first.height })).height, first.height);
});

test('a replayed block is found where it was published first, and is not the head', async () => {
  const chain = longChain(20, new Set());
  const expected = await (await openIndex(chain)).block({ height: 5 });
  chain.replay(5);
  const index = await openIndex(chain);
  assert.equal(index.range.newest.height, 19);
  assert.deepEqual(await index.block({ height: 5 }), expected);
});

test('topics that are missing, empty or of another kind are refused', async () => {
  const chain = longChain(3, new Set());
  await assert.rejects(openIndex(chain, 'nothing'), (error: Error) => {
    return (
      codeOf(error) === 'kafka.topic_missing' && /"nothing" does not exist/.test(error.message)
    );
  });
  chain.kafka.create('empty', 1);
  await assert.rejects(openIndex(chain, 'empty'), /tells of no block/);
  chain.kafka.create('data', 1);
  for (const record of chain.kafka.records(transfersTopic)) {
    const { key, value } = record;
    assert.ok(key && value);
    chain.kafka.append({ ...record, key, value, topic: 'data', partition: 0 });
  }
  await assert.rejects(openIndex(chain, 'data'), (error: Error) => {
    return codeOf(error) === 'consumer.foreign_record' && /data\/0@/.test(error.message);
  });
});
