/** The traffic on a real node: what its chain holds, and what its reorgs really did. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';

import { readBlock, readBlocks } from '../../../../src/devnet/traffic/chain-reader.ts';
import { ChainTraffic } from '../../../../src/devnet/traffic/chain-traffic.ts';
import type { NodeRpc } from '../../../../src/devnet/traffic/node-rpc.ts';
import { type ReorgOutcome, reorg } from '../../../../src/devnet/traffic/reorg.ts';
import { startAnvil } from './anvil-process.ts';

interface Log {
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
}
interface Receipt {
  readonly status: string;
  readonly to: string | null;
  readonly contractAddress: string | null;
  readonly logs: readonly Log[];
}

const transferTopic = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef';
const singleTopic = '0xc3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62';
const batchTopic = '0x4a39dc06d4c0dbc64b70af90fd698a233a518aa5d07e595d983b8c0526c8f7fb';

async function openTraffic(context: TestContext, seed: string) {
  const { url, rpc } = await startAnvil(context);
  const options = { url, seed, transactionsPerBlock: 16, timestampStepSeconds: 12 };
  return { traffic: await ChainTraffic.open(options), rpc, url };
}

async function mine(traffic: ChainTraffic, blocks: number): Promise<void> {
  for (let mined = 0; mined < blocks; mined += 1) await traffic.nextBlock();
}

async function readReceipts(rpc: NodeRpc): Promise<readonly Receipt[]> {
  const { height } = await readBlock(rpc, 'latest');
  const receipts: Receipt[] = [];
  for (let number = 1; number <= height; number += 1) {
    const answer = await rpc.call('eth_getBlockReceipts', `0x${number.toString(16)}`);
    receipts.push(...(answer as Receipt[]));
  }
  return receipts;
}

async function positions(rpc: NodeRpc, from: number): Promise<Map<string, string>> {
  const { height } = await readBlock(rpc, 'latest');
  const blocks = await readBlocks(rpc, from, height);
  return new Map(
    blocks.flatMap((block) =>
      block.transactions.map(({ hash }, index): [string, string] => [
        hash,
        `${block.height}/${index}`,
      ]),
    ),
  );
}

test('after 60 steps with reorgs the chain has every kind of transaction and log', async (t) => {
  const { traffic, rpc } = await openTraffic(t, 'variety');
  for (let round = 0; round < 5; round += 1) {
    await mine(traffic, 11);
    await traffic.reorg(1 + round);
  }
  const receipts = await readReceipts(rpc);
  const logs = receipts.flatMap((receipt) => receipt.logs);
  const withTopic = (topic: string, topics: number) =>
    logs.filter((log) => log.topics[0] === topic && log.topics.length === topics);
  const idCounts = withTopic(batchTopic, 4).map((log) => Number(`0x${log.data.slice(130, 194)}`));
  const topLevel = new Set(receipts.map(({ contractAddress }) => contractAddress));
  const found = {
    createdByContracts: logs.some(({ address }) => !topLevel.has(address)),
    erc20: withTopic(transferTopic, 3).length > 50,
    erc721: withTopic(transferTopic, 4).length > 10,
    misleading: withTopic(transferTopic, 1).length > 0,
    erc1155Single: withTopic(singleTopic, 4).length > 10,
    erc1155EmptyBatch: idCounts.includes(0),
    erc1155LongBatch: Math.max(...idCounts) >= 4,
    reverted: receipts.filter(({ status }) => status === '0x0').length > 5,
    created: receipts.filter(({ to }) => to === null).length > 7,
    valueTransfer: receipts.some(({ logs: own, status }) => own.length === 0 && status === '0x1'),
    noTopic: logs.some(({ topics }) => topics.length === 0),
    largePayload: logs.some(({ data }) => data.length > 2 * 4_096),
  };
  assert.deepEqual(
    Object.entries(found).filter(([, isThere]) => !isThere),
    [],
  );
  const blocks = await readBlocks(rpc, 2, (await readBlock(rpc, 'latest')).height);
  assert.ok(
    blocks.some(({ transactions }) => transactions.length === 0),
    'an empty block',
  );
});

test('a reorg kept, moved and dropped exactly what it reports', async (t) => {
  const { traffic, rpc } = await openTraffic(t, 'truth');
  await mine(traffic, 12);
  const before = await positions(rpc, 9);
  const outcome = await traffic.reorg(4);
  assert.ok(outcome !== undefined);
  const after = await positions(rpc, 9);

  assert.equal(outcome.head.height, 12);
  assert.equal(outcome.depth, 4);
  assert.ok(outcome.kept.length + outcome.moved.length > 0 && outcome.moved.length > 0);
  assert.ok(outcome.dropped.length > 0 && outcome.inserted.length > 0);
  for (const hash of outcome.kept) assert.equal(after.get(hash), before.get(hash));
  for (const hash of outcome.moved) {
    assert.ok(before.has(hash) && after.has(hash));
    assert.notEqual(after.get(hash), before.get(hash));
  }
  for (const hash of outcome.dropped) {
    assert.ok(before.has(hash));
    assert.equal(await rpc.call('eth_getTransactionReceipt', hash), null);
  }
  for (const hash of outcome.inserted) assert.ok(!before.has(hash) && after.has(hash));
  assert.equal(outcome.kept.length + outcome.moved.length + outcome.dropped.length, before.size);
  assert.equal(outcome.kept.length + outcome.moved.length + outcome.inserted.length, after.size);
});

test('a moved transaction has the same hash, another block and other log indexes', async (t) => {
  const { traffic, rpc } = await openTraffic(t, 'moved');
  await mine(traffic, 10);
  const firstLogIndex = async (hash: string) => {
    const receipt = await rpc.call('eth_getTransactionReceipt', hash);
    return (receipt as { logs: { logIndex: string }[] }).logs[0]?.logIndex;
  };
  const before = new Map<string, string | undefined>();
  for (const hash of (await positions(rpc, 6)).keys()) before.set(hash, await firstLogIndex(hash));
  const outcome = await traffic.reorg(5);
  const shifted: string[] = [];
  for (const hash of outcome?.moved ?? []) {
    const index = await firstLogIndex(hash);
    const former = before.get(hash);
    if (index !== undefined && former !== undefined && index !== former) shifted.push(hash);
  }
  assert.ok(shifted.length > 0);
});

test('a reorg with drop leaves empty blocks, and the traffic goes on', async (t) => {
  const { traffic, rpc, url } = await openTraffic(t, 'drop');
  await mine(traffic, 8);
  const outcome = await reorg({ url, depth: 3, drop: true });
  assert.equal(outcome.kept.length + outcome.moved.length + outcome.inserted.length, 0);
  assert.ok(outcome.dropped.length > 0);
  assert.equal((await positions(rpc, 6)).size, 0);
  await mine(traffic, 4);
  assert.ok((await positions(rpc, 9)).size > 10);
});

test('contracts that a reorg dropped are deployed again', async (t) => {
  const { traffic, rpc, url } = await openTraffic(t, 'redeploy');
  await mine(traffic, 4);
  await reorg({ url, depth: 4, drop: true });
  const block = await traffic.nextBlock();
  assert.equal(block.transactions.length, 7);
  await mine(traffic, 5);
  const logs = (await readReceipts(rpc)).flatMap((receipt) => receipt.logs);
  assert.ok(logs.some(({ topics }) => topics[0] === singleTopic || topics[0] === batchTopic));
});

test('a shortened chain is lower than before and grows again', async (t) => {
  const { traffic, rpc } = await openTraffic(t, 'shorten');
  await mine(traffic, 9);
  const outcome = await traffic.reorg(5, 'shorten');
  assert.ok(outcome !== undefined && outcome.head.height < 9);
  assert.equal(outcome.commonAncestor.height, 4);
  await mine(traffic, 6);
  assert.ok((await readBlock(rpc, 'latest')).height >= 10);
});

test('a branch comes back with the very same block hashes (A, B, A)', async (t) => {
  const { traffic, rpc } = await openTraffic(t, 'back');
  await mine(traffic, 8);
  const first = await readBlocks(rpc, 6, 8);
  await traffic.reorg(3);
  const second = await readBlocks(rpc, 6, 8);
  for (const [index, block] of second.entries()) assert.notEqual(block.hash, first[index]?.hash);
  await mine(traffic, 1);
  const outcome = await traffic.reorgBack();
  assert.equal(outcome?.depth, 4);
  const third = await readBlocks(rpc, 6, 8);
  assert.deepEqual(
    third.map(({ hash }) => hash),
    first.map(({ hash }) => hash),
  );
  assert.equal(await traffic.reorgBack(), undefined);
});

test('the same seed on two nodes gives the same blocks, through every kind of reorg', async (t) => {
  const run = async () => {
    const { traffic, rpc } = await openTraffic(t, 'twice');
    const outcomes: (ReorgOutcome | undefined)[] = [];
    await mine(traffic, 8);
    outcomes.push(await traffic.reorg(4));
    await mine(traffic, 2);
    outcomes.push(await traffic.reorgBack());
    await mine(traffic, 4);
    outcomes.push(await traffic.reorg(3, 'shorten'), await traffic.reorg(2, 'drop'));
    await mine(traffic, 6);
    const { height } = await readBlock(rpc, 'latest');
    return {
      blocks: await readBlocks(rpc, 0, height),
      reorgs: outcomes.map((outcome) => [outcome?.kept, outcome?.moved, outcome?.dropped]),
    };
  };
  assert.deepEqual(await run(), await run());
});

test('an impossible depth is refused with the possible ones', async (t) => {
  const { traffic, url } = await openTraffic(t, 'refused');
  assert.equal(await traffic.reorg(1), undefined);
  await mine(traffic, 1);
  await assert.rejects(reorg({ url, depth: 2 }), {
    code: 'devnet.node_refused',
    message: /give 1 to 1 blocks/,
  });
});
