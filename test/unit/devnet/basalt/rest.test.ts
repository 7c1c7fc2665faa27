import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { parse } from 'lossless-json';
import type { FaultRequest } from '../../../../src/devnet/basalt/faults.ts';
import type { NodeOptions } from '../../../../src/devnet/basalt/node.ts';
import { shownTransactions } from '../../../../src/devnet/basalt/rest/shown.ts';
import { BasaltSimulator, type SimulatorOptions } from '../../../../src/devnet/basalt/simulator.ts';
import { RawStream } from '../../../support/basalt/raw-stream.ts';

interface AfterHook {
  after(stop: () => Promise<void>): void;
}

/** A simulator whose only node listens, and what its paths answer. */
async function start(t: AfterHook, node: NodeOptions = {}, more: SimulatorOptions = {}) {
  const simulator = new BasaltSimulator({ seed: 'rest', ...more, nodes: [node] });
  const server = await simulator.listen();
  t.after(() => server.close());
  const text = async (path: string): Promise<readonly [number, string]> => {
    const answer = await fetch(server.http + path);
    return [answer.status, await answer.text()];
  };
  return {
    simulator,
    server,
    text,
    arm: (request: FaultRequest) => simulator.node.faults.arm(request),
    get: async (path: string) => JSON.parse((await text(path))[1]),
    status: async (path: string) => (await text(path))[0],
  };
}

const unlimited: NodeOptions = { requestsPerMinuteMax: Number.POSITIVE_INFINITY };

describe('blocks and transactions over REST', async () => {
  const world = await start({ after: (stop) => after(stop) }, { ...unlimited, mode: 'validator' });
  const { simulator, get, text } = world;

  test('the tip has the same hash everywhere', async () => {
    const { head } = simulator;
    const latest = await get('/v1/blocks/latest');
    assert.deepEqual(await get('/v1/status'), {
      blockHeight: 20,
      latestBlockHash: head.hash,
      mempoolSize: 0,
      protocolVersion: 1,
    });
    const status = { latestBlock: 20, latestHash: head.hash, chainId: 31_337 };
    assert.deepEqual(await get('/v1/sync/status'), status);
    assert.equal(latest.hash, head.hash);
    assert.deepEqual(Object.keys(latest), [
      ...['number', 'hash', 'parentHash', 'stateRoot', 'timestamp', 'proposer'],
      ...['gasUsed', 'gasLimit', 'baseFee', 'transactionCount'],
    ]);
  });

  test('a block is found by number and by hash, with and without 0x, in any case', async () => {
    const block = await get('/v1/blocks/7');
    for (const id of [block.hash, block.hash.slice(2), block.hash.slice(2).toUpperCase()]) {
      assert.deepEqual(await get(`/v1/blocks/${id}`), block);
    }
    assert.deepEqual(block, simulator.canonical()[7]?.block);
  });

  test('what is not there is 404 with an empty body, what is wrong is 400', async () => {
    const nothing = `0x${'1'.repeat(64)}`;
    for (const path of [
      ...['/v1/blocks/21', '/v1/blocks/21/transactions', `/v1/blocks/${nothing}`],
      ...[`/v1/transactions/${nothing}`, `/v1/receipts/${nothing}`, '/v1/mempool', '/v1/'],
      ...['/v2/status', '/v1/blocks/1/transactions/0', '/v1/blocks/1/receipts', '/'],
    ]) {
      assert.deepEqual(await text(path), [404, ''], path);
    }
    for (const [path, message] of [
      ['/v1/blocks/seven', 'Invalid block identifier. Provide a block number or hash.'],
      [`/v1/blocks/${nothing}/transactions`, 'Invalid block number.'],
      ['/v1/transactions/x', 'Invalid transaction hash.'],
      ['/v1/receipts/0x12', 'Invalid transaction hash.'],
    ] as const) {
      assert.deepEqual(await text(path), [400, JSON.stringify({ code: 400, message })], path);
    }
    assert.deepEqual(await text('/v1/sync/blocks'), [400, '']);
    assert.deepEqual(await text('/v1/blocks?page=x'), [400, '']);
  });

  test('transactions are those of the oracle, digit for digit', async () => {
    for (const { block, transactions } of simulator.canonical()) {
      const [, json] = await text(`/v1/blocks/${block.number}/transactions`);
      assert.deepEqual(
        parse(json, null, (digits) => BigInt(digits)),
        transactions.map((transaction) => withBigInts(transaction)),
      );
    }
  });

  test('members are as the server writes them: decimal text, null, upper case without 0x', async () => {
    const all = simulator.canonical().flatMap(({ transactions }) => transactions);
    const withData = all.find(({ data }) => data !== null) ?? assert.fail();
    assert.match(withData.data ?? '', /^[0-9A-F]+$/);
    assert.equal(withData.dataSize, (withData.data ?? '').length / 2);
    const transfer = all.find(({ type }) => type === 'Transfer') ?? assert.fail();
    assert.deepEqual([transfer.data, transfer.dataSize], [null, 0]);
    const logs = all.flatMap((transaction) => transaction.logs ?? []);
    assert.ok(logs.some(({ data }) => data === null));
    for (const { data } of logs) assert.match(data ?? '00', /^(?:[0-9A-F]{2})+$/);
    const legacy = all.find(({ maxFeePerGas }) => maxFeePerGas === null) ?? assert.fail();
    const shown = await get(`/v1/transactions/${legacy.hash}`);
    assert.equal(shown.maxPriorityFeePerGas, null);
    assert.match(shown.gasPrice, /^\d+$/);
    const bare = all.find(({ success }) => success === null) ?? assert.fail();
    const { gasUsed, errorCode, effectiveGasPrice, ...rest } = await get(
      `/v1/transactions/${bare.hash.slice(2)}`,
    );
    assert.deepEqual([gasUsed, errorCode, effectiveGasPrice, rest.logs], [null, null, null, null]);
    assert.equal((await text(`/v1/receipts/${bare.hash}`))[0], 404);
  });

  test('a receipt names its block and has the logs of its transaction', async () => {
    const transaction = simulator
      .canonical()
      .flatMap(({ transactions }) => transactions)
      .find(({ logs }) => (logs ?? []).length > 0);
    const receipt = await get(`/v1/receipts/${transaction?.hash}`);
    assert.deepEqual(Object.keys(receipt), [
      ...['transactionHash', 'blockHash', 'blockNumber', 'transactionIndex', 'from', 'to'],
      ...['gasUsed', 'success', 'errorCode', 'postStateRoot', 'effectiveGasPrice', 'logs'],
    ]);
    assert.deepEqual(receipt.logs, transaction?.logs);
    assert.equal(receipt.blockHash, transaction?.blockHash);
    assert.equal(receipt.errorCode, 'Success');
  });

  test('a settlement makes receipts that no transaction of the block has', async () => {
    while (simulator.head.fills.length === 0) simulator.produce(1, { types: ['DexSwapIntent'] });
    const { hash, fills, transactions } = simulator.head;
    const [fill] = fills;
    const receipt = await get(`/v1/receipts/${fill?.transactionHash}`);
    assert.equal(receipt.blockHash, hash);
    assert.equal(receipt.transactionIndex, transactions.length);
    const listed = await get(`/v1/blocks/${receipt.blockNumber}/transactions`);
    assert.equal(listed.length, transactions.length);
    assert.equal((await text(`/v1/transactions/${fill?.transactionHash}`))[0], 404);
  });

  test('pages are counted from the tip and shift with it', async () => {
    const numbers = async (query: string): Promise<readonly number[]> => {
      const { items } = await get(`/v1/blocks${query}`);
      return items.map(({ number }: { number: number }) => number);
    };
    const tip = simulator.head.number;
    assert.deepEqual(await numbers('?page=2&pageSize=3'), [tip - 3, tip - 4, tip - 5]);
    simulator.produce();
    assert.deepEqual(await numbers('?page=2&pageSize=3'), [tip - 2, tip - 3, tip - 4]);
    const { page, pageSize, totalItems } = await get('/v1/blocks?page=-1&pageSize=5000');
    assert.deepEqual([page, pageSize, totalItems], [1, 100, tip + 2]);
    assert.equal((await get('/v1/blocks')).pageSize, 20);
  });

  test('recent transactions are the newest first', async () => {
    const recent: readonly { blockNumber: number }[] = await get('/v1/transactions/recent');
    assert.equal(recent.length, 50);
    const heights = recent.map(({ blockNumber }) => blockNumber);
    assert.deepEqual(
      heights,
      [...heights].sort((a, b) => b - a),
    );
    assert.ok((await get('/v1/transactions/recent?count=1000')).length <= 200);
  });
});

describe('what a node has', () => {
  test('below its memory it knows nothing but the disk', async (t) => {
    const node = { ...unlimited, mode: 'validator', memoryBlocksMax: 10 } as const;
    const { simulator, status, get } = await start(t, node, { historyBlocks: 30 });
    const statuses = await Promise.all([0, 19, 20, 30].map((n) => status(`/v1/blocks/${n}`)));
    assert.deepEqual(statuses, [200, 404, 200, 200]);
    const { hash = '' } = simulator.node.onDisk(19) ?? {};
    assert.equal(await status(`/v1/blocks/${hash}`), 404);
    assert.equal((await get('/v1/blocks?pageSize=100')).items.length, 12);
    const { blocks } = await get('/v1/sync/blocks?from=0');
    assert.equal(blocks.length, 31);
    assert.equal(blocks[19].hash, hash);
  });

  test('after a restart from disk only genesis and the tip are in memory', async (t) => {
    const { simulator, status, get } = await start(t, { ...unlimited, mode: 'rpc' });
    simulator.restart();
    const of = (n: number) => status(`/v1/blocks/${n}/transactions`);
    assert.deepEqual(await Promise.all([0, 1, 19, 20].map(of)), [200, 404, 404, 200]);
    simulator.produce();
    assert.deepEqual(await Promise.all([19, 20, 21].map(of)), [404, 200, 200]);
    simulator.rollback(3);
    assert.deepEqual(await Promise.all([17, 18].map(of)), [404, 200]);
    assert.equal((await get('/v1/sync/blocks?from=1&count=100')).blocks.length, 18);
  });

  test('raw blocks ascend, 100 at most, and end where the chain ends', async (t) => {
    const history = { transactions: 0 };
    const options = { historyBlocks: 150, history };
    const { get } = await start(t, { ...unlimited, mode: 'validator' }, options);
    const numbers = async (query: string) =>
      (await get(`/v1/sync/blocks?${query}`)).blocks.map((b: { number: number }) => b.number);
    assert.deepEqual(await numbers('from=3&count=2'), [3, 4]);
    assert.equal((await numbers('from=1&count=500')).length, 100);
    assert.deepEqual(await numbers('from=149'), [149, 150]);
    assert.deepEqual(await numbers('from=151'), []);
  });

  test('without a data directory there are no raw blocks and no old receipts', async (t) => {
    const history = { transactions: 1, hasReceipts: true };
    const { simulator, text, status } = await start(t, unlimited, { historyBlocks: 2, history });
    assert.deepEqual(await text('/v1/sync/blocks?from=0'), [501, '']);
    const hash = simulator.head.transactions[0]?.hash;
    assert.equal(await status(`/v1/receipts/${hash}`), 200);
    simulator.rollback();
    assert.equal(await status(`/v1/receipts/${hash}`), 404);
  });

  test('receipts of blocks that were rolled back stay on disk', async (t) => {
    const history = { transactions: 3, hasReceipts: true };
    const node = { ...unlimited, mode: 'validator' } as const;
    const { simulator, get, status } = await start(t, node, { historyBlocks: 5, history });
    const { hash, transactions } = simulator.head;
    simulator.reorganize({ content: { transactions: 0, comesBack: false } });
    const gone = transactions[0]?.hash;
    assert.equal((await get(`/v1/receipts/${gone}`)).blockHash, hash);
    assert.equal(await status(`/v1/transactions/${gone}`), 404);
  });

  test('a transaction that comes back has the receipt of its new block', async (t) => {
    const history = { transactions: 9, hasReceipts: true };
    const node = { ...unlimited, mode: 'validator' } as const;
    const { simulator, get } = await start(t, node, { historyBlocks: 5, history });
    const before = new Set(simulator.head.transactions.map(({ hash }) => hash));
    simulator.reorganize({ newBlocks: 1, content: { hasReceipts: true } });
    const again = simulator.head.transactions.find(({ hash }) => before.has(hash));
    const receipt = await get(`/v1/receipts/${again?.hash}`);
    assert.equal(receipt.blockHash, simulator.head.hash);
  });

  test('an RPC node that is more than 50 blocks behind is degraded', async (t) => {
    const { simulator, text } = await start(t, { mode: 'rpc' });
    const health = async () => {
      const [status, json] = await text('/v1/health');
      const { status: word, mode, lastBlockNumber, syncLag } = JSON.parse(json);
      return [status, word, mode, lastBlockNumber, syncLag];
    };
    simulator.node.lagBlocks = 50;
    simulator.produce(50, { transactions: 0 });
    assert.deepEqual(await health(), [200, 'healthy', 'rpc', 20, 50]);
    simulator.node.lagBlocks = 51;
    simulator.produce(1);
    assert.deepEqual(await health(), [503, 'degraded', 'rpc', 20, 51]);
  });

  test('each address has so many requests a minute, sockets included', async (t) => {
    let nowMs = 1_000_000;
    const clock = { now: () => nowMs };
    const { server, status } = await start(t, { mode: 'validator' }, clock);
    const headers = await fetch(`${server.http}/v1/status`).then((answer) => answer.headers);
    assert.equal(headers.get('retry-after'), null);
    (await RawStream.open(server.ws)).close();
    for (let n = 2; n < 100; n += 1) assert.equal(await status('/v1/status'), 200, `${n}`);
    assert.equal(await status('/v1/status'), 429);
    await assert.rejects(RawStream.open(server.ws), /429/);
    nowMs += 59_999;
    assert.equal(await status('/v1/status'), 429);
    nowMs += 1;
    assert.equal(await status('/v1/status'), 200);
    assert.equal(server.requests.filter((url) => url === '/ws/blocks').length, 2);
  });

  test('an RPC node allows 1000 requests a minute', async (t) => {
    const { simulator } = await start(t, { mode: 'rpc' });
    assert.equal(simulator.node.requestsPerMinuteMax, 1000);
  });
});

describe('REST under faults', () => {
  test('statuses, resets, delays and broken answers, on one path or on all', async (t) => {
    const { arm, text, status } = await start(t, unlimited);
    arm({ name: 'rest-status', path: '/v1/blocks' });
    assert.equal(await status('/v1/status'), 200);
    assert.deepEqual(await text('/v1/blocks/1'), [500, '']);
    arm({ name: 'rest-status', status: 429, times: 2 });
    assert.deepEqual([await status('/v1/status'), await status('/v1/status')], [429, 429]);
    arm({ name: 'rest-missing' });
    assert.deepEqual(await text('/v1/blocks/1'), [404, '']);
    arm({ name: 'rest-reset' });
    await assert.rejects(status('/v1/status'));
    arm({ name: 'rest-truncated' });
    const [, half] = await text('/v1/blocks/1');
    assert.throws(() => JSON.parse(half), SyntaxError);
    arm({ name: 'rest-text' });
    assert.match((await text('/v1/status'))[1], /^<html>/);
    const slow = arm({ name: 'rest-delay', delayMs: 600_000 });
    const waiting = status('/v1/status');
    await slow.struck;
    slow.clear();
    assert.equal(await waiting, 200);
  });

  test('the chain can move between two calls', async (t) => {
    const { arm, get, simulator } = await start(t, unlimited);
    arm({ name: 'rest-reorg', depth: 2, path: '/v1/blocks/20' });
    const before = await get('/v1/blocks/20');
    const after = await get('/v1/blocks/20');
    assert.notEqual(before.hash, after.hash);
    assert.equal(simulator.head.number, 21);
  });

  test('the disk can lag behind memory, and be wrong', async (t) => {
    const node = { ...unlimited, mode: 'validator' } as const;
    const { arm, get } = await start(t, node);
    const lag = arm({ name: 'sync-lag', depth: 2 });
    const last = async () => (await get('/v1/sync/blocks?from=15')).blocks.at(-1);
    assert.equal((await last()).number, 18);
    lag.clear();
    const right = (await last()).rawHex;
    arm({ name: 'raw-corrupt' });
    const wrong = (await last()).rawHex;
    assert.notEqual(wrong, right);
    assert.equal(wrong.length, right.length);
  });

  test('transactions can lack receipts, be too few, and have data in another form', async (t) => {
    const history = { transactions: 2, types: ['ContractCall'], hasReceipts: true } as const;
    const { arm, get, simulator } = await start(t, unlimited, { historyBlocks: 1, history });
    const right = shownTransactions(simulator.head);
    const path = '/v1/blocks/1/transactions';
    arm({ name: 'no-receipts' });
    assert.equal((await get(path))[1].success, null);
    arm({ name: 'transactions-short' });
    assert.equal((await get(path)).length, 1);
    arm({ name: 'prefixed-data' });
    assert.equal((await get(path))[0].data, `0x${right[0]?.data?.toLowerCase()}`);
    assert.equal((await get(path))[0].data, right[0]?.data);
  });

  test('a node can be unhealthy until it is over', async (t) => {
    const { arm, status } = await start(t);
    const fault = arm({ name: 'unhealthy' });
    assert.deepEqual([await status('/v1/health'), await status('/v1/health')], [503, 503]);
    fault.clear();
    assert.equal(await status('/v1/health'), 200);
  });
});

/** Numbers as a parser gives them that reads all digits. */
function withBigInts(value: unknown): unknown {
  if (typeof value === 'number') return BigInt(value);
  if (Array.isArray(value)) return value.map(withBigInts);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, withBigInts(of)]));
}
