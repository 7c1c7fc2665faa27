/** The source on a real node: whatever the chain does, what is held equals the node's chain. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { TransientError } from '../../../src/model/errors.ts';
import type { EvmConfig } from '../../../src/sources/evm/config.ts';
import type { EvmMessage } from '../../../src/sources/evm/messages.ts';
import type { Source } from '../../../src/sources/source.ts';
import { AnvilChain, DeadNodeError } from '../../support/evm-node/anvil-chain.ts';
import { type Fold, open } from '../../support/evm-node/fold.ts';

/** A real node on a busy machine takes its time. */
const requestTimeoutMs = 10_000;

/** More in a row than any change here can end. */
const sessionsMax = 10;

let anvil: AnvilChain;
beforeEach(async () => {
  anvil = await AnvilChain.start();
});
afterEach(() => anvil.stop());

/** A case; once more on a fresh node where the node itself was dead, which is no fault of the source. */
function onNode(title: string, body: () => Promise<void>): void {
  it(title, async () => {
    try {
      await body();
    } catch (error) {
      if (!(error instanceof DeadNodeError) && (await anvil.isAlive())) throw error;
      await anvil.stop();
      anvil = await AnvilChain.start();
      await body();
    }
  });
}

const ways: readonly [string, () => Partial<EvmConfig>][] = [
  ['by polling', () => ({ http: [anvil.http], requestTimeoutMs })],
  [
    'by announced heads',
    () => ({ http: [anvil.http], ws: [anvil.ws], blockTimeMs: 300, requestTimeoutMs }),
  ],
];

/**
 * Runs sessions until the node's head is held, while `change` happens to the chain. As under the
 * supervisor, a session that ends by a transient error is followed by another: a block that was
 * announced and taken back at once is one.
 */
async function follow(
  fold: Fold,
  source: Source<EvmMessage>,
  change: () => Promise<void> = async () => undefined,
): Promise<void> {
  let target: string | undefined;
  let failure: unknown;
  const changed = change()
    .then(async () => {
      target = await anvil.headHash();
    })
    .catch((error: unknown) => {
      failure = error;
    });
  // An idle report comes with every quiet look, so the condition is looked at again and again.
  const isHeld = () => {
    if (failure !== undefined) throw failure;
    return target !== undefined && fold.chain.tip?.hash === target;
  };
  for (let sessions = 1; ; sessions += 1) {
    try {
      await fold.run(source, isHeld);
      break;
    } catch (error) {
      if (failure !== undefined) throw failure;
      if (!(error instanceof TransientError) || sessions >= sessionsMax) throw error;
    }
  }
  await changed;
}

/** The one invariant: blocks and logs held are those of the node, asked by number. */
async function assertEqualToNode(fold: Fold): Promise<void> {
  assert.deepEqual(fold.hashes, await anvil.byHeight());
  const logs = fold
    .rows('logs')
    .map(({ row }) => `${row['block_hash']}/${row['log_index']}/${row['data']}`);
  assert.deepEqual(logs, await anvil.logs());
}

for (const [way, settings] of ways) {
  describe(`a real chain followed ${way}`, () => {
    onNode('is held as it grows', async () => {
      const { fold, source } = open(settings());
      await follow(fold, source, () => anvil.mineTransfers(10));
      await assertEqualToNode(fold);
      assert.equal(fold.rows('token_transfers').length, 10);
    });

    for (const depth of [1, 3, 64]) {
      onNode(`is held after a reorg of ${depth}`, async () => {
        await anvil.mineTransfers(depth + 3);
        const { fold, source } = open(settings());
        await follow(fold, source);
        const others = [
          [anvil.transfer(1_000, 3), 0],
          [anvil.transfer(2_000, 4), depth - 1],
        ] as const;
        await follow(fold, source, () => anvil.reorg(depth, others));
        await assertEqualToNode(fold);
        const forks = fold.updates.filter(({ kind }) => kind === 'fork');
        assert(forks.length >= 1);
      });
    }

    onNode('is held when the same transaction moves to another block', async () => {
      await anvil.mineTransfers(3);
      const first = await anvil.send(anvil.transfer(7, 5));
      await anvil.mine();
      const second = await anvil.send(anvil.transfer(8, 6));
      await anvil.mine();
      const { fold, source } = open(settings());
      await follow(fold, source);
      const raw = async (hash: string) => anvil.call('eth_getRawTransactionByHash', [hash]);
      const swapped = [
        [await raw(second), 0],
        [await raw(first), 1],
      ] as const;
      await follow(fold, source, () => anvil.reorg(2, swapped));
      await assertEqualToNode(fold);
      const hashes = fold.rows('transactions').map(({ row }) => row['tx_hash']);
      assert.deepEqual(hashes.slice(-2), [second, first]);
    });

    onNode('is held when it gets shorter without a word', async () => {
      await anvil.mineTransfers(6);
      const { fold, source } = open(settings());
      await follow(fold, source);
      await follow(fold, source, () => anvil.rollback(2));
      await assertEqualToNode(fold);
    });

    onNode('is held when it gets shorter and grows on another branch', async () => {
      await anvil.mineTransfers(6);
      const { fold, source } = open(settings());
      await follow(fold, source);
      await follow(fold, source, async () => {
        await anvil.rollback(4);
        await anvil.mineTransfers(2);
      });
      await assertEqualToNode(fold);
      await follow(fold, source, () => anvil.mineTransfers(5));
      await assertEqualToNode(fold);
    });

    onNode('is held after growth, reorgs and rewinds in one session', async () => {
      const { fold, source } = open(settings());
      await follow(fold, source, async () => {
        for (const depth of [1, 2, 4]) {
          await anvil.mineTransfers(5);
          await anvil.reorg(depth, [[anvil.transfer(depth, 7), 0]]);
          await anvil.rollback(1);
        }
        await anvil.mineTransfers(4);
      });
      await assertEqualToNode(fold);
    });
  });
}

describe('a source that was away', () => {
  onNode('finds a reorg that happened meanwhile', async () => {
    await anvil.mineTransfers(8);
    const { fold, source } = open({ http: [anvil.http], requestTimeoutMs });
    await follow(fold, source);
    await anvil.reorg(3, [[anvil.transfer(9, 2), 1]]);
    await anvil.mineTransfers(60);
    await follow(fold, source);
    await assertEqualToNode(fold);
  });

  onNode('finishes a switch that was interrupted between any two updates', async () => {
    await anvil.mineTransfers(6);
    const { fold, source } = open({ http: [anvil.http], requestTimeoutMs });
    await follow(fold, source);
    await anvil.reorg(4, [[anvil.transfer(9, 2), 1]]);
    // Each session ends after one update that moves the chain.
    for (let sessions = 0; sessions < 5; sessions += 1) {
      await fold.run(source, (_, { kind }) => kind !== 'finalized');
    }
    await follow(fold, source);
    await assertEqualToNode(fold);
  });
});

describe('a node that was replaced', () => {
  onNode(
    'by one with another genesis block has another identity, and nothing is taken back',
    async () => {
      await anvil.mineTransfers(4);
      const { fold, source } = open({ http: [anvil.http], requestTimeoutMs });
      await follow(fold, source);
      const before = fold.hashes;
      const signal = new AbortController().signal;
      const identity = await source.identity(signal);
      const { port } = anvil;
      await anvil.stop();
      anvil = await AnvilChain.start({ port, timestamp: 1_600_000_000 });
      await anvil.mineTransfers(8);
      assert.notEqual(await source.identity(signal), identity);
      await assert.rejects(
        fold.run(source, () => false),
        { code: 'chain.reorg_below_finality' },
      );
      assert.deepEqual(fold.hashes, before);
    },
  );
});
