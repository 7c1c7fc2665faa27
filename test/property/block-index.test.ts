/** Random published chains: every canonical block is found where its rows begin. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { BlockIndex } from '../../src/consumer/block-index.ts';
import type { StoredChange } from '../../src/encoding/encoded-record.ts';
import { readStoredChange } from '../../src/encoding/stored-change.ts';
import { parseValueLayout, type ValueLayout } from '../../src/encoding/value-layout.ts';
import type { LogRecord } from '../../src/publishing/record-batch.ts';
import { anyStep, chainStep, takeStep } from '../support/consumer/chain-steps.ts';
import {
  controlTopic,
  logsTopic,
  PublishedChain,
  transfersTopic,
} from '../support/consumer/published-chain.ts';
import { ReplayedChain, round } from '../support/consumer/replayed-chain.ts';

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

it('finds them too where revisions and replays wrote rows of lower blocks, and few control records may be read', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyStep, { maxLength: 40 }),
      fc.array(round, { minLength: 2, maxLength: 3 }),
      async (steps, rounds) => {
        const world = new ReplayedChain();
        for (const { news, from, slice, steps: more } of rounds) {
          for (const step of [...steps, ...more]) takeStep(world.chain, step);
          world.chain.publish();
          world.tell(news);
          await world.replay(from, slice);
        }
        await assertSeen(world.chain);
      },
    ),
    { numRuns: Number(process.env['OMMER_PROPERTY_RUNS'] ?? 60) },
  );
});

/** With tiny limits every row of the canonical blocks is seen, and none of a branch that was left. */
async function assertSeen(chain: PublishedChain): Promise<void> {
  const { kafka } = chain;
  const index = await BlockIndex.open({
    reader: kafka.reader(),
    topic: controlTopic,
    schemaById: kafka.schemaById,
    limits: { neighboursMax: 0, scanOffsetsMax: 0 },
  });
  const canonical = chain.published.at(-1)?.blocks ?? [];
  const topics = [transfersTopic, logsTopic];
  const changes = (await Promise.all(topics.map((topic) => changesOf(chain, topic)))).flat();
  for (const block of canonical) {
    const { partitions } = await index.find({ height: block.height }, topics);
    const hashes = new Set<string | null>(canonical.slice(block.height).map(({ hash }) => hash));
    for (const at of partitions) {
      const own = changes.filter(
        ({ topic, partition }) => topic === at.topic && partition === at.partition,
      );
      const live = netOf(own);
      const late = own.filter(
        ({ blockHash, offset, record, isRetraction }) =>
          !isRetraction &&
          hashes.has(blockHash) &&
          offset < at.offset &&
          live.get(identityOf(record)) === 1,
      );
      assert.deepEqual(late, [], `rows before ${at.topic}/${at.partition}@${at.offset}`);
    }
  }
}

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
    const hashes = new Set<string | null>(canonical.slice(block.height).map(({ hash }) => hash));
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
  from: { offset: number; height: number; hashes: ReadonlySet<string | null> },
): void {
  const seen = changes.filter(({ offset }) => offset >= from.offset);
  for (const { height } of seen) assert.ok(height >= from.height, `${height} < ${from.height}`);
  const net = new Map<string, number>();
  for (const { isRetraction, record } of seen) {
    net.set(record.eventId, (net.get(record.eventId) ?? 0) + (isRetraction ? -1 : 1));
  }
  for (const { blockHash, record } of changes) {
    const expected = from.hashes.has(blockHash) ? 1 : 0;
    assert.equal(net.get(record.eventId) ?? 0, expected, record.eventId);
  }
}

/** Inserts minus retractions, by event and incarnation. */
function netOf(changes: readonly Read[]): Map<string, number> {
  const net = new Map<string, number>();
  for (const { isRetraction, record } of changes) {
    const id = identityOf(record);
    net.set(id, (net.get(id) ?? 0) + (isRetraction ? -1 : 1));
  }
  return net;
}

function identityOf({ eventId, incarnation }: StoredChange['record']): string {
  return `${eventId}#${incarnation}`;
}
