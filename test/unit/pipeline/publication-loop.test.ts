import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PublicationLoop } from '../../../src/pipeline/publication-loop.ts';
import type { PublicationBatch, Publisher } from '../../../src/publishing/publisher.ts';

/** Drafts that count what was closed; a publisher whose publications end when told to. */
function setUp(limits = { rowsMax: 10, blocksMax: 10 }) {
  const pending: { resolve: () => void; reject: (error: unknown) => void; sequence: number }[] = [];
  const failures: unknown[] = [];
  const clock = { us: 0 };
  const drafts = {
    isReady: false,
    isBackedUp: false,
    draft: { blocks: 0, records: { length: 0 } },
    sequence: 0,
    close(): PublicationBatch {
      drafts.isReady = false;
      drafts.draft = { blocks: 0, records: { length: 0 } };
      drafts.sequence += 1;
      return { records: [], sequence: drafts.sequence, seal: () => [] };
    },
  };
  const publisher: Publisher = {
    open: () => Promise.resolve(),
    close: () => Promise.resolve(),
    publish: ({ sequence }) =>
      new Promise((resolve, reject) => pending.push({ resolve, reject, sequence })),
  };
  const loop = new PublicationLoop(drafts, {
    publisher,
    limits,
    clock: { nowUs: () => clock.us },
    onFailure: (error) => failures.push(error),
  });
  const fill = (rows: number, blocks = 1) => {
    drafts.isReady = true;
    drafts.draft = { blocks, records: { length: rows } };
  };
  return { loop, pending, failures, fill, clock };
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('PublicationLoop', () => {
  it('publishes at once when nothing is under way', async () => {
    const { loop, pending, fill } = setUp();
    fill(1);
    await loop.offer();
    assert.deepEqual(
      pending.map(({ sequence }) => sequence),
      [1],
    );
  });

  it('lets the next draft grow while a publication is under way, and publishes it afterwards', async () => {
    const { loop, pending, fill } = setUp();
    fill(1);
    await loop.offer();
    fill(5);
    await loop.offer();
    assert.equal(pending.length, 1);
    pending[0]?.resolve();
    await settled();
    assert.deepEqual(
      pending.map(({ sequence }) => sequence),
      [1, 2],
    );
  });

  for (const [what, rows, blocks] of [
    ['rows', 10, 1],
    ['blocks', 1, 10],
  ] as const) {
    it(`holds the source back when the waiting draft has its most ${what}`, async () => {
      const { loop, pending, fill } = setUp();
      fill(1);
      await loop.offer();
      fill(rows, blocks);
      let hasRoom = false;
      const offered = loop.offer().then(() => {
        hasRoom = true;
      });
      await settled();
      assert.equal(hasRoom, false);
      pending[0]?.resolve();
      await offered;
      assert.equal(pending.length, 2);
    });
  }

  it('lets the event loop turn while a publication is under way, but not for every offer', async () => {
    const { loop, fill, clock } = setUp();
    fill(1);
    let turns = 0;
    const turned = () => {
      turns += 1;
    };
    setImmediate(turned);
    await loop.offer();
    await loop.offer();
    assert.equal(turns, 0);
    clock.us += 5_000;
    await loop.offer();
    assert.equal(turns, 1);
    setImmediate(turned);
    await loop.offer();
    assert.equal(turns, 1);
  });

  it('rejects every call after a failure and publishes no more', async () => {
    const { loop, pending, failures, fill } = setUp();
    fill(1);
    await loop.offer();
    pending[0]?.reject(new Error('lost'));
    await settled();
    assert.equal(failures.length, 1);
    fill(1);
    await assert.rejects(loop.offer(), /lost/);
    await assert.rejects(loop.drain(), /lost/);
    assert.equal(pending.length, 1);
  });

  it('drains what was ready before it resolves', async () => {
    const { loop, pending, fill } = setUp();
    fill(1);
    await loop.offer();
    fill(1);
    const drained = loop.drain();
    pending[0]?.resolve();
    await settled();
    pending[1]?.resolve();
    await drained;
    assert.equal(pending.length, 2);
  });
});
