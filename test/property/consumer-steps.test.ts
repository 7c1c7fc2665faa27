/**
 * Random published chains read step by step, with partitions answering in any rhythm and a reader that
 * restarts anywhere: the view is the canonical chain after every step.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import type { Change, Step, StepBlock } from '../../src/consumer/change.ts';
import { latest, sum } from '../../src/consumer/fold.ts';
import { MaterializedMap } from '../../src/consumer/materialized-map.ts';
import { anyStep, takeStep } from '../support/consumer/chain-steps.ts';
import { readSteps, stepsOf } from '../support/consumer/memory-reader.ts';
import { type ChainBlock, PublishedChain } from '../support/consumer/published-chain.ts';
import { seeded } from '../support/simulation/chain-world.ts';

type D = 'evm/token_transfers' | 'evm/logs';
const runs = {
  includeErrorInReport: true,
  numRuns: Number(process.env['OMMER_PROPERTY_RUNS'] ?? 40),
};
const life = fc.record({
  steps: fc.array(anyStep, { maxLength: 50 }),
  seed: fc.nat(),
  envelope: fc.constantFrom('flat' as const, 'debezium' as const),
});

function publish({
  steps,
  envelope,
}: {
  steps: readonly Parameters<typeof takeStep>[1][];
  envelope: 'flat' | 'debezium';
}) {
  const chain = new PublishedChain(envelope);
  chain.grow([{ token: 1, to: 1, amount: 1 }]);
  for (const step of steps) takeStep(chain, step);
  chain.publish();
  return chain;
}

function balances() {
  return new MaterializedMap<D, string, { units: bigint; rows: number }, bigint>({
    entries: (change) =>
      change.dataset === 'evm/token_transfers' ? [[change.row.to_address, change.row.amount]] : [],
    fold: sum(),
  });
}

function expectedBalances(blocks: readonly ChainBlock[]): Map<string, bigint> {
  const expected = new Map<string, bigint>();
  for (const { to, amount } of blocks.flatMap(({ transfers }) => transfers)) {
    expected.set(`0xa${to}`, (expected.get(`0xa${to}`) ?? 0n) + BigInt(amount));
  }
  return expected;
}

/** The chain that steps tell, rebuilt by a reader that knows nothing else. */
class Follower {
  blocks: StepBlock[] = [];
  readonly rows = new Map<string, Change<D>>();

  take(step: Step<D>): void {
    if (step.kind === 'reorg') {
      for (const { hash } of step.reverted) assert.equal(this.blocks.pop()?.hash, hash);
      assert.equal(this.blocks.at(-1)?.hash, step.commonAncestor.hash);
      this.blocks.push(...step.blocks);
    }
    if (step.kind === 'block') this.blocks.push(step.block);
    if (step.kind === 'revision') this.blocks = revised(this.blocks, step.block);
    for (const change of step.changes) {
      const id = `${change.meta.eventId}#${change.meta.incarnation}`;
      if (change.isRetraction) {
        assert.deepEqual({ ...this.rows.get(id)?.row }, { ...change.row }, `retraction of ${id}`);
        this.rows.delete(id);
      } else {
        assert.ok(!this.rows.has(id), `${id} twice`);
        this.rows.set(id, change);
      }
    }
  }

  assertWhole(chain: PublishedChain): void {
    const head = this.blocks.at(-1)?.hash;
    if (head !== undefined) assert.ok(chain.heads.has(head), `${head} was never the head`);
    const blocks = this.blocks.map((block) => chain.contentOf(block));
    const wanted = blocks.reduce(
      (n, block) =>
        n +
        (block?.transfers.length ?? 0) +
        (block?.transfers.filter(({ token }) => token % 2 === 0).length ?? 0),
      0,
    );
    assert.equal(this.rows.size, wanted);
    const hashes = new Set(this.blocks.map(({ hash }) => hash));
    for (const { row } of this.rows.values()) assert.ok(hashes.has(row.block_hash));
  }
}

it('hands blocks and reorgs over whole and in the order of the chain, from any restart on', async () => {
  await fc.assert(
    fc.asyncProperty(life, async ({ seed, ...rest }) => {
      const chain = publish(rest);
      const random = seeded(seed);
      const follower = new Follower();
      let position: string | undefined;
      for (let isAtEnd = false; !isAtEnd; ) {
        const restartAfter = Math.floor(random() * 12);
        let taken = 0;
        isAtEnd = true;
        for await (const step of stepsOf(chain, {
          random,
          ...(position === undefined ? {} : { position }),
        })) {
          follower.take(step);
          follower.assertWhole(chain);
          position = step.position;
          taken += 1;
          if (taken > restartAfter) {
            isAtEnd = false;
            break;
          }
        }
      }
      const canonical = chain.published.at(-1)?.blocks ?? [];
      assert.deepEqual(
        follower.blocks.map(({ hash }) => hash),
        canonical.map(({ hash }) => hash),
      );
    }),
    runs,
  );
});

it('keeps a map that is the canonical chain at every boundary and at earlier heights', async () => {
  await fc.assert(
    fc.asyncProperty(life, async ({ seed, ...rest }) => {
      const chain = publish(rest);
      const map = balances();
      const newest = newestRows();
      let followed: readonly StepBlock[] = [];
      let isPastKnown = true;
      for (const step of await readSteps(chain, { random: seeded(seed) })) {
        map.take(step);
        newest.take(step);
        if (step.kind === 'reorg') followed = followed.slice(0, step.commonAncestor.height + 1);
        if (step.kind === 'revision') {
          isPastKnown &&= step.block.height === map.height;
          followed = revised(followed, step.block);
        }
        followed = [...followed, ...grownBy(step)];
        const blocks = followed.flatMap((block) => chain.contentOf(block) ?? []);
        assertBalances(map, blocks, isPastKnown);
        assertNewest(newest, blocks);
      }
    }),
    runs,
  );
});

function revised(blocks: readonly StepBlock[], block: StepBlock): StepBlock[] {
  assert.ok(
    blocks.some(({ hash }) => hash === block.hash),
    `${block.hash} is not there`,
  );
  return blocks.map((each) => (each.hash === block.hash ? block : each));
}

function grownBy(step: Step<D>): readonly StepBlock[] {
  if (step.kind === 'reorg') return step.blocks;
  return step.kind === 'block' ? [step.block] : [];
}

/** Height of the last transfer to each account, however late the row of a lower block came. */
function newestRows() {
  return new MaterializedMap({
    entries: (change: Change<D>): [string, number][] =>
      change.dataset === 'evm/token_transfers' ? [[change.row.to_address, change.row.height]] : [],
    fold: latest<number>(),
  });
}

function assertNewest(map: ReturnType<typeof newestRows>, blocks: readonly ChainBlock[]): void {
  const expected = new Map<string, number>();
  for (const { height, transfers } of blocks) {
    for (const { to } of transfers) expected.set(`0xa${to}`, height);
  }
  assert.deepEqual([...map.entries()].sort(), [...expected].sort());
}

/** A revision below the head may shorten the past that a map knows, not make it wrong. */
function assertBalances(
  map: ReturnType<typeof balances>,
  blocks: readonly ChainBlock[],
  isPastKnown: boolean,
): void {
  for (let height = blocks.length - 1; height >= 0; height -= 1) {
    if (!isPastKnown && !hasHeight(map, height)) break;
    const expected = expectedBalances(blocks.slice(0, height + 1));
    const view = map.at(height);
    for (const to of ['0xa0', '0xa1', '0xa2', '0xa3']) {
      assert.equal(view.get(to), expected.get(to), `height ${height}`);
    }
  }
}

function hasHeight(map: ReturnType<typeof balances>, height: number): boolean {
  try {
    map.at(height);
    return true;
  } catch (error) {
    assert.ok(error instanceof RangeError && height < map.height);
    return false;
  }
}
