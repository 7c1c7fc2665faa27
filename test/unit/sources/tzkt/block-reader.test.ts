/** What is read over REST is of one branch, also for datasets whose items name no block. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { silentLogger } from '../../../../src/consumer/silent-logger.ts';
import { openTzktServer, type TzktServer } from '../../../../src/devnet/tzkt/server.ts';
import { TzktSimulator } from '../../../../src/devnet/tzkt/simulator.ts';
import { BlockReader } from '../../../../src/sources/tzkt/block-reader.ts';
import { TzktRest } from '../../../../src/sources/tzkt/rest.ts';
import { parseBlock } from '../../../../src/sources/tzkt/wire.ts';
import { createTzktFold, testConfig } from '../../../support/tzkt/tzkt-fold.ts';

const { signal } = new AbortController();
let simulator: TzktSimulator;
let server: TzktServer;
let rest: TzktRest;
let reader: BlockReader;
beforeEach(async () => {
  simulator = new TzktSimulator({ historyLevels: 6 });
  server = await openTzktServer(simulator);
  const config = testConfig({ url: server.http, rowsPerPage: 1 });
  rest = new TzktRest(config, createTzktFold().runtime);
  reader = new BlockReader(rest, { config, datasets: ['bigmaps'], logger: silentLogger });
});
afterEach(async () => {
  await rest.close();
  await server.close();
});

/** The branch changes after the first page of bigmaps. */
function reorganizeBetweenPages(depth: number): void {
  simulator.faults.arm({ name: 'rest-reorg', path: '/v1/bigmaps/updates', depth });
}

describe('levels read over REST', () => {
  it('are of no use when the branch changed between two pages', async () => {
    const { level } = simulator.head;
    const range = { from: level - 2, to: level };
    assert.equal((await reader.levels(range, signal)).kind, 'read');
    reorganizeBetweenPages(2);
    assert.deepEqual(await reader.levels(range, signal), { kind: 'moved' });
  });

  it('complete an announced block only when it is still there, on its parent', async () => {
    const { level } = simulator.head;
    const items = simulator.canonical().blocks.slice(-2);
    const [below, block] = items.map((item) => parseBlock(item, 'the simulator'));
    assert(below !== undefined && block?.level === level);
    const announced = { block, items: {}, receivedAtUs: 0 };
    const parent = { height: below.level, hash: below.hash };
    assert.equal((await reader.completed(announced, parent, signal)).kind, 'read');
    const other = { height: below.level, hash: 'BOther' };
    assert.deepEqual(await reader.completed(announced, other, signal), { kind: 'moved' });
    reorganizeBetweenPages(1);
    assert.deepEqual(await reader.completed(announced, parent, signal), { kind: 'moved' });
  });

  it('leave to a later level what is recognised while they are read', async () => {
    // The next block recognises a token of the levels before it.
    while (simulator.head.level % 20 !== 14) simulator.produce(1, { groups: 5 });
    const { level } = simulator.head;
    const idsBefore = simulator.canonical().transfers.map(({ id }) => id);
    const fold = createTzktFold();
    fold.hear = (frame) => {
      const isEarly = frame.kind === 'http' && frame.path.includes('indexedAt.gt');
      if (isEarly && simulator.head.level === level) simulator.produce(1, { groups: 0 });
    };
    const config = testConfig({ url: server.http, rowsPerPage: 1, concurrency: 1 });
    const own = new TzktRest(config, fold.runtime);
    try {
      const datasets = ['token_transfers'] as const;
      const transfers = new BlockReader(own, { config, datasets, logger: silentLogger });
      const range = { from: level - 8, to: level };
      const outcome = await transfers.levels(range, signal);
      assert(outcome.kind === 'read' && simulator.head.level === level + 1);
      const ids = outcome.blocks.flatMap(({ items }) => items.token_transfers ?? []);
      assert.deepEqual(
        ids.map(({ id }) => id).filter((id) => !idsBefore.includes(Number(id))),
        [],
      );
      const isLate = ({ level: of }: { level?: unknown }) => Number(of) <= level;
      const after = simulator.canonical().transfers.filter(isLate);
      assert(after.length > idsBefore.length, 'nothing was recognised');
    } finally {
      await own.close();
    }
  });

  it('are waited for where a server that is behind does not have their cycle', async () => {
    const config = testConfig({ url: server.http });
    const datasets = ['cycles'] as const;
    const cycles = new BlockReader(rest, { config, datasets, logger: silentLogger });
    simulator.faults.arm({ name: 'rest-lag', path: '/v1/cycles' });
    const { level } = simulator.produce(1);
    const range = { from: level, to: level };
    assert.deepEqual(await cycles.levels(range, signal), { kind: 'lagging' });
    simulator.faults.clear('rest-lag');
    assert.equal((await cycles.levels(range, signal)).kind, 'read');
  });

  it('are waited for where the server has not come to them', async () => {
    const { level } = simulator.head;
    assert.deepEqual(await reader.levels({ from: level, to: level + 1 }, signal), {
      kind: 'lagging',
    });
  });
});
