/** Contents of a level count only where the channels agree on its branch and surely said all. */
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import {
  LiveLevels,
  type Published,
  type Setback,
} from '../../../../src/sources/tzkt/live-levels.ts';
import type { TzktDataset, WireFields } from '../../../../src/sources/tzkt/messages.ts';

let live: LiveLevels;
let published: Published;
beforeEach(() => {
  live = new LiveLevels();
  published = { tip: { height: 100, hash: 'B100' }, canonicalHash: (level) => `B${level}` };
  for (const dataset of ['blocks', 'head', 'events', 'token_transfers'] as const) {
    say(dataset, { type: 'state', state: 100 });
  }
});

function say(
  dataset: TzktDataset,
  message: { type: 'state' | 'reorg' | 'data'; state: number; items?: readonly WireFields[] },
): Setback | undefined {
  const { type, state, items = [] } = message;
  const checked = type === 'data' ? { type, state, items } : { type, state };
  return live.take({ kind: 'message', dataset, message: checked, receivedAtUs: 1 }, published);
}

const block = (level: number, hash = `B${level}`): WireFields => ({
  level,
  hash,
  timestamp: '2026-07-02T09:14:36Z',
  cycle: 1,
});
const wanted = ['events', 'token_transfers'] as const;
const spoken = (level: number) => {
  const items = live.announced(level, wanted)?.items;
  return wanted.filter((dataset) => items?.[dataset] !== undefined);
};

describe('live levels', () => {
  it('give a level what each channel said of it, and nothing for silent ones', () => {
    say('blocks', { type: 'data', state: 102, items: [block(101), block(102)] });
    say('events', { type: 'data', state: 102, items: [{ id: 1, level: 102 }] });
    assert.deepEqual([spoken(101), spoken(102), spoken(103)], [[], ['events'], []]);
    assert.equal(live.headLevel, 102);
  });

  it('do not count a channel that is on another branch than the blocks', () => {
    say('blocks', { type: 'data', state: 101, items: [block(101)] });
    say('events', { type: 'data', state: 101, items: [{ id: 1, level: 101 }] });
    say('events', { type: 'reorg', state: 100 });
    say('events', { type: 'data', state: 101, items: [{ id: 1, level: 101 }] });
    assert.deepEqual(spoken(101), []);
    say('blocks', { type: 'reorg', state: 100 });
    say('blocks', { type: 'data', state: 101, items: [block(101, 'C101')] });
    assert.deepEqual(spoken(101), ['events']);
    say('events', { type: 'reorg', state: 100 });
    assert.deepEqual(spoken(101), []);
  });

  it('do not count what was said before a block was replaced without a word', () => {
    say('events', { type: 'data', state: 101, items: [{ id: 1, level: 101 }] });
    say('blocks', { type: 'data', state: 101, items: [block(101)] });
    say('blocks', { type: 'data', state: 101, items: [block(101, 'C101')] });
    assert.deepEqual([spoken(101), live.isSuspicious], [[], true]);
  });

  it('doubt a level whose channel sent an item of an older one with it', () => {
    say('blocks', { type: 'data', state: 101, items: [block(101)] });
    const items = [
      { id: 9, level: 42 },
      { id: 1, level: 101 },
    ];
    say('token_transfers', { type: 'data', state: 101, items });
    assert.deepEqual(spoken(101), []);
  });

  it('doubt a level that came after a state that was ahead of its data', () => {
    say('events', { type: 'data', state: 102, items: [{ id: 1, level: 101 }] });
    say('events', { type: 'data', state: 102, items: [{ id: 2, level: 102 }] });
    say('blocks', { type: 'data', state: 102, items: [block(101), block(102)] });
    assert.deepEqual([spoken(101), spoken(102)], [['events'], []]);
  });

  it('are made suspicious by a reorg below our position, not by one above', () => {
    say('events', { type: 'reorg', state: 100 });
    assert.equal(live.isSuspicious, false);
    say('events', { type: 'reorg', state: 99 });
    assert.deepEqual([live.isSuspicious, live.rollbackTo], [true, 99]);
    live.clear(published);
    assert.equal(live.isSuspicious, false);
  });

  it('remember another hash for a published level until it is taken back', () => {
    say('head', { type: 'data', state: 100, items: [block(100, 'C100')] });
    assert.deepEqual([...live.contradictions], [[100, 'C100']]);
    live.clear(published);
    assert.equal(live.isSuspicious, true);
    say('blocks', { type: 'data', state: 100, items: [block(100)] });
    assert.equal(live.isSuspicious, false);
  });

  it('doubt what came before all subscriptions were made', () => {
    live.subscribed(101);
    say('blocks', { type: 'data', state: 102, items: [block(101), block(102)] });
    say('events', { type: 'data', state: 101, items: [{ id: 1, level: 101 }] });
    say('events', { type: 'data', state: 102, items: [{ id: 2, level: 102 }] });
    assert.deepEqual([spoken(101), spoken(102)], [[], ['events']]);
  });

  it('do not keep what the head said of a branch that the head then left', () => {
    say('head', { type: 'data', state: 100, items: [block(100, 'C100')] });
    say('head', { type: 'reorg', state: 99 });
    say('head', { type: 'data', state: 101, items: [block(101)] });
    live.clear(published);
    assert.equal(live.isSuspicious, false);
  });

  it('count a channel again that missed a reorg once nothing from before it is kept', () => {
    say('blocks', { type: 'reorg', state: 99 });
    for (let level = 100; level <= 118; level += 1) {
      say('blocks', { type: 'data', state: level, items: [block(level, `C${level}`)] });
      say('events', { type: 'data', state: level, items: [{ id: level, level }] });
      live.prune(100);
      assert.deepEqual(spoken(level), level <= 116 ? [] : ['events'], `level ${level}`);
    }
  });

  it('forget what is published, and keep what is above', () => {
    say('blocks', { type: 'data', state: 103, items: [block(101), block(102), block(103)] });
    say('events', {
      type: 'data',
      state: 103,
      items: [
        { id: 1, level: 102 },
        { id: 2, level: 103 },
      ],
    });
    live.prune(102);
    assert.deepEqual([live.announced(101, []), live.announced(102, [])], [undefined, undefined]);
    assert.deepEqual(spoken(103), ['events']);
  });

  it('doubt what a channel says next after a message that could not be read, however far it is behind', () => {
    live = new LiveLevels();
    const level = 50_000_000;
    say('blocks', { type: 'data', state: level, items: [block(level)] });
    live.doubt('events');
    say('events', { type: 'data', state: level, items: [{ id: 1, level }] });
    assert.deepEqual(spoken(level), []);
    say('blocks', { type: 'data', state: level + 20, items: [block(level + 20)] });
    say('events', { type: 'data', state: level + 20, items: [{ id: 2, level: level + 20 }] });
    live.prune(level);
    assert.deepEqual(spoken(level + 20), ['events']);
  });

  it('say when a channel goes back without a reorg message, and doubt its levels', () => {
    say('blocks', { type: 'data', state: 101, items: [block(101)] });
    const items = [{ id: 1, level: 101 }];
    assert.deepEqual(say('events', { type: 'data', state: 99, items }), {
      dataset: 'events',
      from: 100,
      to: 99,
    });
    assert.deepEqual([spoken(101), live.isSuspicious], [[], true]);
    live.clear(published);
    say('blocks', { type: 'reorg', state: 99 });
    assert.equal(say('blocks', { type: 'data', state: 100, items: [block(100)] }), undefined);
  });

  it('keep a bounded number of levels while a long catch-up runs', () => {
    for (let level = 101; level <= 400; level += 1) {
      say('blocks', { type: 'data', state: level, items: [block(level)] });
      live.prune(100);
    }
    const kept = Array.from({ length: 300 }, (_, n) => live.announced(101 + n, [])).filter(Boolean);
    assert(kept.length <= 17, `${kept.length}`);
    assert.notEqual(live.announced(400, []), undefined);
  });
});
