/** Random published chains: every canonical block is found where its rows begin. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { BlockIndex } from '../../src/consumer/block-index.ts';
import type { StoredChange } from '../../src/encoding/encoded-record.ts';
import { readStoredChange } from '../../src/encoding/stored-change.ts';
import { parseValueLayout, type ValueLayout } from '../../src/encoding/value-layout.ts';
import type { LogRecord } from '../../src/publishing/record-batch.ts';
import { chainStep, takeStep } from '../support/consumer/chain-steps.ts';
import {
  controlTopic,
  logsTopic,
  PublishedChain,
  transfersTopic,
} from '../support/consumer/published-chain.ts';

it('finds for every canonical block the offsets from which its rows and all later ones are seen', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(chainStep, { maxLength: 60 }), async (steps) => {
      const chain = new PublishedChain();
      chain.grow([{ token: 1, to: 1, amount: 1 }]);
      for (const step of steps) takeStep(chain, step);
      chain.publish();
      await assertIndexed(chain);
    }),
    { numRuns: Number(process.env['OMMER_PROPERTY_RUNS'] ?? 60) },
  );
});

async function assertIndexed(chain: PublishedChain): Promise<void> {
  const { kafka } = chain;
  const index = await BlockIndex.open({
    reader: kafka.reader(),
    topic: controlTopic,
    schemaById: kafka.schemaById,
  });
  const canonical = chain.published.at(-1)?.blocks ?? [];
  const topics = [transfersTopic, logsTopic];
  const changes = (await Promise.all(topics.map((topic) => changesOf(chain, topic)))).flat();
  assert.equal(index.range.newest.height, canonical.length - 1);
  for (const block of canonical) {
    const found = await index.find({ height: block.height }, topics);
    assert.equal(found.block.hash, block.hash);
    assert.equal((await index.block({ timeMs: block.timeMs })).hash, block.hash);
    assert.equal((await index.block({ timeMs: block.timeMs - 999 })).hash, block.hash);
    const hashes = new Set(canonical.slice(block.height).map(({ hash }) => hash));
    for (const at of found.partitions) {
      const own = changes.filter(
        ({ topic, partition }) => topic === at.topic && partition === at.partition,
      );
      assertBegins(own, { offset: at.offset, height: block.height, hashes });
    }
  }
}

type Read = StoredChange & Pick<LogRecord, 'topic' | 'partition' | 'offset'>;

async function changesOf({ kafka }: PublishedChain, name: string): Promise<Read[]> {
  const read: Read[] = [];
  let layout: ValueLayout | undefined;
  for (const { key, value, ...place } of kafka.records(name)) {
    assert.ok(key !== null && value !== null);
    layout ??= parseValueLayout(await kafka.schemaById(value.readInt32BE(1)));
    read.push({ ...place, ...readStoredChange({ ...place, key, value }, layout) });
  }
  return read;
}

/** From the offset on there is no row of a lower block, and every row of the canonical blocks. */
function assertBegins(
  changes: readonly Read[],
  from: { offset: number; height: number; hashes: ReadonlySet<string> },
): void {
  const net = new Map<string, number>();
  for (const { offset, height, isRetraction, record } of changes) {
    if (offset < from.offset) continue;
    assert.ok(height >= from.height, `height ${height} from ${from.height} on`);
    net.set(record.eventId, (net.get(record.eventId) ?? 0) + (isRetraction ? -1 : 1));
  }
  for (const { blockHash, record } of changes) {
    const expected = from.hashes.has(blockHash) ? 1 : 0;
    assert.equal(net.get(record.eventId) ?? 0, expected, record.eventId);
  }
}
