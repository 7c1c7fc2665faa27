/** What readers and replays make of blocks that were revised before they were final. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change } from '../../../src/consumer/change.ts';
import { latest } from '../../../src/consumer/fold.ts';
import { MaterializedMap } from '../../../src/consumer/materialized-map.ts';
import { readSteps } from '../../support/consumer/memory-reader.ts';
import { PublishedChain } from '../../support/consumer/published-chain.ts';
import { ReplayedChain } from '../../support/consumer/replayed-chain.ts';

function transfer(amount: number, to = 1) {
  return { token: 1, to, amount };
}

/** Two blocks with a transfer to one account each; then the lower one is revised. */
function revised(): PublishedChain {
  const chain = new PublishedChain();
  chain.grow([transfer(10), transfer(20, 2)]);
  chain.grow([transfer(11)]);
  chain.publish();
  chain.revise(1, [transfer(12), transfer(20, 2)]);
  chain.publish();
  return chain;
}

/** The amount that each account got last. */
function newestAmounts() {
  return new MaterializedMap({
    entries: (change: Change<'evm/token_transfers' | 'evm/logs'>): [string, string][] =>
      'amount' in change.row ? [[change.row.to_address, change.row.amount]] : [],
    fold: latest<string>(),
  });
}

function lines(steps: Awaited<ReturnType<typeof readSteps>>): string[] {
  return steps.map((step) => {
    const at = step.kind === 'revision' ? `${step.block.height}#${step.block.incarnation}` : '';
    const changes = step.changes.map(
      ({ isRetraction, row, meta }) =>
        ` ${isRetraction ? '-' : '+'}${'amount' in row ? row.amount : ''}#${meta.incarnation}`,
    );
    return `${step.kind} ${at}${changes.join('')}`;
  });
}

test('a revised block is a step with the rows that changed, and a reorg takes back what it has then', async () => {
  const chain = revised();
  chain.grow([]);
  chain.fork(2, [[transfer(13)]]);
  chain.publish();
  const steps = lines(await readSteps(chain, { random: () => 0 }));
  assert.deepEqual(steps, [
    'block  +10#1 +20#1',
    'block  +11#1',
    'revision 0#2 -10#1 +12#2',
    'block ',
    'reorg  -11#1 +13#1',
  ]);
});

test('the row of a higher block stays the latest, also when all are final at once', async () => {
  const chain = revised();
  const map = newestAmounts();
  for (const step of await readSteps(chain, { random: () => 0 })) map.take(step);
  assert.equal(map.get('0xa1'), '11');
  chain.grow([]);
  chain.finalize(1);
  chain.publish();
  const again = await readSteps(chain, { random: () => 0 });
  for (const step of again.slice(3)) map.take(step);
  assert.equal(map.get('0xa1'), '11');
});

test('it also does when a block below was revised before one that is lower still', async () => {
  const chain = new PublishedChain();
  for (const amount of [10, 11, 12]) chain.grow([transfer(amount)]);
  chain.revise(1, [transfer(21)]);
  chain.revise(2, [transfer(20)]);
  chain.publish();
  const map = newestAmounts();
  for (const step of await readSteps(chain, { random: () => 0 })) map.take(step);
  assert.equal(map.get('0xa1'), '12');
});

test('a replay of a final block that was revised before finds nothing to do', async () => {
  const world = new ReplayedChain();
  const { chain } = world;
  for (const amount of [1, 2, 3]) {
    chain.grow([transfer(amount), transfer(amount, 2)]);
    chain.publish();
  }
  chain.revise(2, [transfer(9)]);
  chain.publish();
  chain.finalize(0);
  chain.publish();
  assert.equal(await world.replay(0, 1), 0);
});
