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

  it('are waited for where the server has not come to them', async () => {
    const { level } = simulator.head;
    assert.deepEqual(await reader.levels({ from: level, to: level + 1 }, signal), {
      kind: 'lagging',
    });
  });
});
