import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Item } from '../../../../src/devnet/simulator/json.ts';
import { operationKinds } from '../../../../src/devnet/tzkt/chain/kinds/catalogue.ts';
import { TzktSimulator } from '../../../../src/devnet/tzkt/simulator.ts';

const level = (item: Item): number => Number(item['level']);

describe('the simulated chain', () => {
  test('shows every kind of operation within 60 blocks, and awkward content', () => {
    const simulator = new TzktSimulator({ seed: 'kinds', historyLevels: 60 });
    const { operations, blocks, transfers } = simulator.canonical();
    const seen = new Set(operations.map((operation) => operation['type']));
    assert.deepEqual(
      operationKinds.map((kind) => kind.type).filter((type) => !seen.has(type)),
      [],
    );
    const statuses = new Set(operations.map((operation) => operation['status']));
    assert.deepEqual([...statuses].sort(), [
      'applied',
      'backtracked',
      'failed',
      'skipped',
      undefined,
    ]);
    assert.ok(transfers.some((transfer) => BigInt(String(transfer['amount'])) > 2n ** 64n));
    const busy = new Set(operations.map(level));
    assert.ok(
      blocks.some((block) => !busy.has(level(block))),
      'some block is empty',
    );
    assert.ok(operations.every((operation) => Number(operation['id']) % 2 ** 20 === 0));
  });

  test('the same seed and calls give the same rows', () => {
    const [one, other] = ['a', 'a'].map((seed) => {
      const simulator = new TzktSimulator({ seed });
      simulator.reorganize({ depth: 3 });
      return simulator.canonical();
    });
    assert.deepEqual(one, other);
  });

  test('ids come again after a revert, with other hashes', () => {
    const simulator = new TzktSimulator({ seed: 'ids' });
    const before = simulator.canonical().operations;
    simulator.reorganize({ depth: 5 });
    const after = simulator.canonical().operations;
    const hashes = new Map(before.map((operation) => [operation['id'], operation['block']]));
    const reused = after.filter(
      (operation) =>
        operation['block'] !== undefined &&
        hashes.get(operation['id']) !== undefined &&
        hashes.get(operation['id']) !== operation['block'],
    );
    assert.ok(reused.length > 0);
  });

  test('an operation comes back in the new branch with another id or block', () => {
    const simulator = new TzktSimulator({ seed: 'again', historyLevels: 30 });
    const keyOf = (item: Item): string => `${item['hash']}/${item['counter']}/${item['nonce']}`;
    const { level: top } = simulator.head;
    const lost = new Set(
      simulator
        .canonical()
        .operations.filter((item) => level(item) > top - 4 && item['counter'] !== undefined)
        .map(keyOf),
    );
    simulator.reorganize({ depth: 4 });
    const back = simulator.canonical().operations.filter((item) => lost.has(keyOf(item)));
    assert.ok(back.length > 0, 'some came back');
    assert.ok(back.length < lost.size, 'some did not');
  });

  test('a revert takes back all rows; states keep the reverted level until it is applied again', () => {
    const simulator = new TzktSimulator({ seed: 'states', historyLevels: 40 });
    const before = simulator.canonical();
    const { level: top } = simulator.head;
    simulator.apply({ groups: 12 });
    simulator.apply({ groups: 12 });
    simulator.revert();
    simulator.revert();
    const after = simulator.canonical();
    for (const name of ['blocks', 'operations', 'bigmaps', 'events', 'transfers'] as const) {
      assert.deepEqual(after[name], before[name], name);
    }
    const { lastActivity: _l, lastActivityTime: _t, ...rest } = after.accounts[0] ?? {};
    const { lastActivity: _m, lastActivityTime: _u, ...same } = before.accounts[0] ?? {};
    assert.deepEqual(rest, same);
    assert.equal(after.accounts.length, before.accounts.length);
    const ahead = after.accounts.filter((account) => Number(account['lastActivity']) > top);
    assert.ok(ahead.length > 0);
  });

  test('a token that is recognised late shows transfers below the level of its recognition', () => {
    const simulator = new TzktSimulator({ seed: 'late', historyLevels: 1 });
    const known = new Set<unknown>();
    const late: Item[] = [];
    for (let n = 0; n < 40; n += 1) {
      const { level: top } = simulator.produce(1, { groups: 10 });
      const fresh = simulator.canonical().transfers.filter((item) => !known.has(item['id']));
      for (const item of fresh) known.add(item['id']);
      late.push(...fresh.filter((item) => level(item) < top));
    }
    assert.ok(late.length > 0);
  });

  test('a replaced branch comes back with its own hashes and operations', () => {
    const simulator = new TzktSimulator({ seed: 'back' });
    const before = simulator.canonical();
    simulator.reorganize({ depth: 2 });
    assert.notDeepEqual(simulator.canonical().blocks.slice(0, 20), before.blocks);
    simulator.restoreBranch();
    const after = simulator.canonical();
    assert.deepEqual(after.blocks.slice(0, 20), before.blocks);
    assert.deepEqual(after.operations.slice(0, before.operations.length), before.operations);
    assert.equal(after.blocks.length, 22);
  });

  test('old blocks are forgotten', () => {
    const simulator = new TzktSimulator({ seed: 'old', levelsMax: 30, historyLevels: 50 });
    const { blocks, operations } = simulator.canonical();
    assert.equal(blocks.length, 30);
    assert.equal(Math.min(...operations.map(level)) > simulator.head.level - 31, true);
  });
});
