/** The traffic by the clock, and the chains for benchmarks, on a real node. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readBlock, readBlocks } from '../../../../src/devnet/traffic/chain-reader.ts';
import { fillChain, mineHeavyBlocks } from '../../../../src/devnet/traffic/fill-chain.ts';
import { reorg } from '../../../../src/devnet/traffic/reorg.ts';
import { startTraffic, type TrafficEvent } from '../../../../src/devnet/traffic/traffic.ts';
import { PipelineError } from '../../../../src/model/errors.ts';
import { startAnvil } from './anvil-process.ts';

const busy = { seed: 3, transactionsPerBlock: 6, blockTimeMs: 20, reorgDepth: [1, 6] } as const;

test('the traffic mines and reorganizes until it is aborted', async (t) => {
  const { url, rpc } = await startAnvil(t);
  const abort = new AbortController();
  const events: TrafficEvent[] = [];
  const run = await startTraffic({
    ...busy,
    url,
    reorgEveryMs: [100, 200],
    signal: AbortSignal.any([abort.signal, AbortSignal.timeout(60_000)]),
    onEvent(event) {
      events.push(event);
      if (events.filter(({ kind }) => kind === 'reorg').length >= 6) abort.abort();
    },
  });
  await run.finished;
  assert.ok(abort.signal.aborted);
  const reorgs = events.filter((event) => event.kind === 'reorg');
  assert.ok(reorgs.some(({ kept, moved }) => kept + moved > 0));
  assert.ok(reorgs.some(({ dropped }) => dropped > 0));
  assert.equal((await readBlock(rpc, 'latest')).height, events.at(-1)?.height);
});

test('a reorg on demand runs between two steps and is reported', async (t) => {
  const { url } = await startAnvil(t);
  const abort = new AbortController();
  const events: TrafficEvent[] = [];
  let reachedHeight: () => void = () => undefined;
  const isHigh = new Promise<void>((resolve) => {
    reachedHeight = resolve;
  });
  const run = await startTraffic({
    ...busy,
    url,
    reorgEveryMs: null,
    signal: AbortSignal.any([abort.signal, AbortSignal.timeout(60_000)]),
    onEvent(event) {
      events.push(event);
      if (event.height >= 6) reachedHeight();
    },
  });
  await isHigh;
  const outcome = await run.reorg(3);
  abort.abort();
  await run.finished;
  assert.equal(outcome?.depth, 3);
  assert.equal(events.filter(({ kind }) => kind === 'reorg').length, 1);
});

test('reorgs by someone else while it mines do not stop the traffic', async (t) => {
  const { url, rpc } = await startAnvil(t);
  const abort = new AbortController();
  let mined: () => void = () => undefined;
  const waitBlocks = async (count: number) => {
    for (let block = 0; block < count; block += 1) {
      await new Promise<void>((resolve) => {
        mined = resolve;
      });
    }
  };
  const run = await startTraffic({
    ...busy,
    url,
    reorgEveryMs: null,
    signal: AbortSignal.any([abort.signal, AbortSignal.timeout(60_000)]),
    onEvent: () => mined(),
  });
  await waitBlocks(8);
  let reorgs = 0;
  for (let round = 0; reorgs < 12 && round < 36; round += 1) {
    // Beside somebody who mines, a node may have no block where its head has just been.
    const isDone = await reorg({ url, depth: 1 + (round % 5), drop: round % 3 === 0, seed: round })
      .then(() => true)
      .catch((error: unknown) => {
        if (!(error instanceof PipelineError)) throw error;
        return false;
      });
    if (isDone) reorgs += 1;
    await waitBlocks(1);
  }
  assert.equal(reorgs, 12);
  await waitBlocks(30);
  abort.abort();
  await run.finished;
  const { height } = await readBlock(rpc, 'latest');
  const recent = (await readBlocks(rpc, height - 19, height)).flatMap((block) => [
    ...block.transactions,
  ]);
  assert.ok(new Set(recent.map(({ from }) => from)).size >= 8, 'every sender still gets through');
  assert.deepEqual(await rpc.call('txpool_status'), { pending: '0x0', queued: '0x0' });
});

test('the traffic gives up with a clear error when its node is gone for good', async (t) => {
  const { url, stop } = await startAnvil(t);
  let mined: () => void = () => undefined;
  const firstBlock = new Promise<void>((resolve) => {
    mined = resolve;
  });
  const run = await startTraffic({
    ...busy,
    url,
    reorgEveryMs: null,
    failuresMax: 3,
    signal: AbortSignal.timeout(60_000),
    onEvent: () => mined(),
  });
  const gaveUp = assert.rejects(run.finished, { code: 'devnet.node_unreachable' });
  await firstBlock;
  await stop();
  await gaveUp;
});

test('a filled chain has the promised blocks, transfers and logs', async (t) => {
  const { url, rpc } = await startAnvil(t);
  const filled = await fillChain({ url, blocks: 30, transfersPerBlock: 20, seed: 1 });
  assert.equal(filled.lastHeight - filled.firstHeight + 1, 30);
  const blocks = await readBlocks(rpc, filled.firstHeight, filled.lastHeight);
  assert.ok(blocks.every(({ transactions }) => transactions.length === 20));
  const logs = await rpc.call('eth_getLogs', {
    fromBlock: `0x${filled.firstHeight.toString(16)}`,
    toBlock: `0x${filled.lastHeight.toString(16)}`,
    address: filled.contract,
  });
  assert.equal((logs as unknown[]).length, 600);
});

test('heavy blocks have the promised logs, before and after a deep reorg', async (t) => {
  const { url, rpc } = await startAnvil(t);
  const heavy = await mineHeavyBlocks({ url, blocks: 8, logsPerBlock: 1_560, seed: 1 });
  const countLogs = async () => {
    const logs = await rpc.call('eth_getLogs', { fromBlock: '0x0', address: heavy.contract });
    return (logs as unknown[]).length;
  };
  assert.equal(await countLogs(), 8 * 1_560);
  const outcome = await reorg({ url, depth: 8, seed: 2 });
  assert.ok(outcome.dropped.length > 0);
  assert.equal(await countLogs(), (outcome.kept.length + outcome.moved.length) * 1_560);
});
