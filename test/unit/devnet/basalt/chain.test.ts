import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { stringify } from 'lossless-json';
import type { Block } from '../../../../src/devnet/basalt/chain/block.ts';
import { hashOf, hashTransaction } from '../../../../src/devnet/basalt/chain/serialize.ts';
import { transactionTypes } from '../../../../src/devnet/basalt/chain/transaction-types.ts';
import { BasaltSimulator } from '../../../../src/devnet/basalt/simulator.ts';
import { readRawBlock } from '../../../support/basalt/raw-block.ts';

/** The blocks of the chain, genesis first. */
function blocksOf(simulator: BasaltSimulator): readonly Block[] {
  const blocks = simulator.canonical().map(({ block }) => simulator.node.inMemory(block.number));
  return blocks.filter((block) => block !== undefined);
}

function pictureOf(simulator: BasaltSimulator): string {
  return String(stringify(simulator.canonical()));
}

describe('the simulated Basalt chain', () => {
  test('BLAKE3 is the one of the published vectors', () => {
    // https://github.com/BLAKE3-team/BLAKE3/blob/master/test_vectors/test_vectors.json
    const expected = 'af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262';
    assert.equal(hashOf(''), `0x${expected}`);
  });

  test('blocks link, times grow, and heights count from genesis', () => {
    const blocks = blocksOf(new BasaltSimulator({ historyBlocks: 50 }));
    assert.equal(blocks.length, 51);
    assert.equal(blocks[0]?.parentHash, `0x${'0'.repeat(64)}`);
    assert.equal(blocks[0]?.timestamp, 0);
    blocks.slice(1).forEach((block, n) => {
      const parent = blocks[n];
      assert.equal(block.number, n + 1);
      assert.equal(block.parentHash, parent?.hash);
      assert.ok(block.timestamp > (parent?.timestamp ?? Number.NaN));
    });
  });

  test('the same seed and calls give the same bytes, another seed gives others', () => {
    const life = (seed: string): string => {
      const simulator = new BasaltSimulator({ seed });
      simulator.produce(3);
      simulator.reorganize({ depth: 4 });
      simulator.restoreBranch();
      simulator.rollback(2);
      simulator.produce(5);
      return pictureOf(simulator);
    };
    assert.equal(life('a'), life('a'));
    assert.notEqual(life('a'), life('b'));
  });

  test('every type, failures, nulls, extremes and empty blocks occur', () => {
    const blocks = blocksOf(new BasaltSimulator({ historyBlocks: 300 }));
    const transactions = blocks.flatMap((block) => block.transactions);
    const receipts = blocks.flatMap((block) => block.receipts);
    const logs = receipts.flatMap((receipt) => receipt?.logs ?? []);
    assert.deepEqual(
      new Set(transactions.map(({ type }) => type)),
      new Set<string>(transactionTypes),
    );
    const occurs = {
      'an empty block': blocks.some((block) => block.number > 0 && block.transactions.length === 0),
      'the largest u256': transactions.some(({ value }) => value === 2n ** 256n - 1n),
      'the largest u64': transactions.some(({ gasLimit }) => gasLimit === 2n ** 64n - 1n),
      'a legacy price': transactions.some(({ maxFeePerGas }) => maxFeePerGas === null),
      'a tip of zero': transactions.some((tx) => tx.maxPriorityFeePerGas === 0n),
      'long data': transactions.some(({ data }) => data.length >= 40_000),
      'no data': transactions.some(({ data }) => data === ''),
      'a proof': transactions.some(({ proofs }) => proofs.length > 0),
      'a transaction without receipt': receipts.includes(undefined),
      'a failure': receipts.some((receipt) => receipt?.success === false),
      'a log without topics': logs.some(({ topics }) => topics.length === 0),
      'a log without data': logs.some(({ data }) => data === ''),
      'a receipt without transaction': blocks.some(({ fills }) => fills.length > 0),
      'extra data': blocks.some(({ extraData }) => extraData !== ''),
    };
    for (const [what, does] of Object.entries(occurs)) assert.ok(does, what);
  });

  test('the nonces of each sender have no holes, and hashes are those of what is signed', () => {
    const simulator = new BasaltSimulator({ historyBlocks: 100 });
    for (const depth of [1, 7, 30]) simulator.reorganize({ depth });
    const transactions = blocksOf(simulator).flatMap((block) => block.transactions);
    assert.equal(new Set(transactions.map(({ hash }) => hash)).size, transactions.length);
    const nonces = new Map<string, number>();
    for (const { sender, nonce } of transactions) {
      assert.equal(nonce, nonces.get(sender) ?? 0, sender);
      nonces.set(sender, nonce + 1);
    }
    for (const transaction of transactions) {
      assert.equal(transaction.hash, hashTransaction(transaction));
    }
  });

  test('a rollback replaces hashes and lets some transactions come back, others not', () => {
    const simulator = new BasaltSimulator({ historyBlocks: 60 });
    const before = blocksOf(simulator);
    simulator.reorganize({ depth: 20 });
    const after = blocksOf(simulator);
    assert.equal(after.length, before.length + 1);
    const hashes = (blocks: readonly Block[]) => blocks.map(({ hash }) => hash);
    assert.deepEqual(hashes(after).slice(0, 41), hashes(before).slice(0, 41));
    const kept = new Set(hashes(after));
    const replaced = before.slice(41);
    assert.ok(replaced.every(({ hash }) => !kept.has(hash)));
    const mined = new Set(after.flatMap(({ transactions }) => transactions.map((tx) => tx.hash)));
    const lost = replaced.flatMap(({ transactions }) => transactions);
    assert.ok(lost.some(({ hash }) => mined.has(hash)));
    assert.ok(lost.some(({ hash }) => !mined.has(hash)));
  });

  test('a block that replaces another one differs from it, even if both are empty', () => {
    const simulator = new BasaltSimulator({ historyBlocks: 1, history: { transactions: 0 } });
    const hashes = new Set([simulator.head.hash]);
    for (let n = 1; n < 100; n += 1) {
      const content = { transactions: 0 };
      hashes.add(simulator.reorganize({ newBlocks: 1, content }).hash);
    }
    assert.equal(hashes.size, 100);
  });

  test('a branch that was replaced can come back, block for block', () => {
    const simulator = new BasaltSimulator();
    const before = blocksOf(simulator).map(({ hash }) => hash);
    simulator.reorganize({ depth: 3 });
    simulator.restoreBranch();
    const after = blocksOf(simulator).map(({ hash }) => hash);
    assert.deepEqual(after.slice(0, before.length), before);
    assert.equal(after.length, before.length + 1);
  });

  test('a rollback goes 1000 deep and no deeper', () => {
    const history = { transactions: 0 };
    const simulator = new BasaltSimulator({ historyBlocks: 1200, history });
    assert.throws(() => simulator.rollback(1001), /A depth of 1 to 1000 is possible now, not 1001/);
    simulator.rollback(1000);
    assert.equal(simulator.head.number, 200);
    assert.equal(simulator.node.tip.hash, simulator.head.hash);
  });

  test('the chain begins again with the same genesis and other blocks', () => {
    const simulator = new BasaltSimulator();
    const before = blocksOf(simulator).map(({ hash }) => hash);
    simulator.startAgain();
    assert.equal(simulator.node.tip.number, 0);
    simulator.produce(5);
    const after = blocksOf(simulator).map(({ hash }) => hash);
    assert.equal(after[0], before[0]);
    assert.ok(after.slice(1).every((hash) => !before.includes(hash)));
  });

  test('what is kept is bounded', () => {
    const simulator = new BasaltSimulator({ historyBlocks: 30, blocksMax: 10 });
    simulator.produce(5);
    const numbers = simulator.canonical().map(({ block }) => block.number);
    assert.deepEqual(numbers, [0, ...Array.from({ length: 10 }, (_, n) => 26 + n)]);
    assert.equal(simulator.depthMax, 10);
  });
});

test('the raw form has the layout of the wire, and hashes to the block hash', async () => {
  const simulator = new BasaltSimulator({ historyBlocks: 120, nodes: [{ mode: 'validator' }] });
  const server = await simulator.listen();
  try {
    const answer = await fetch(`${server.http}/v1/sync/blocks?from=1&count=100`);
    const { blocks } = (await answer.json()) as { blocks: readonly { rawHex: string }[] };
    assert.equal(blocks.length, 100);
    blocks.forEach(({ rawHex }, n) => {
      assert.match(rawHex, /^[0-9A-F]+$/);
      const block = simulator.node.inMemory(n + 1);
      const { receipts: _receipts, fills: _fills, transactions = [], ...header } = block ?? {};
      const read = readRawBlock(Buffer.from(rawHex, 'hex'));
      assert.deepEqual(read.header, header);
      // The raw form writes a price that is not there as 0.
      const written = transactions.map((transaction) => ({
        ...transaction,
        maxFeePerGas: transaction.maxFeePerGas ?? 0n,
        maxPriorityFeePerGas: transaction.maxPriorityFeePerGas ?? 0n,
      }));
      assert.deepEqual(read.transactions, written);
    });
  } finally {
    await server.close();
  }
});
