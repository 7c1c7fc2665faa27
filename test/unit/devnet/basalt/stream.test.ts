import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, type TestContext, test } from 'node:test';
import { WebSocket } from 'ws';
import type { FaultRequest } from '../../../../src/devnet/basalt/faults.ts';
import type { NodeOptions } from '../../../../src/devnet/basalt/node.ts';
import type { BasaltServer } from '../../../../src/devnet/basalt/server.ts';
import { BasaltSimulator } from '../../../../src/devnet/basalt/simulator.ts';
import { until } from '../../../../src/devnet/until.ts';
import { RawStream } from '../../../support/basalt/raw-stream.ts';

interface World {
  readonly simulator: BasaltSimulator;
  readonly server: BasaltServer;
  open(): Promise<RawStream>;
  arm(request: FaultRequest): void;
}

async function start(t: TestContext, node: NodeOptions = {}): Promise<World> {
  const simulator = new BasaltSimulator({ seed: 'stream', nodes: [node] });
  const server = await simulator.listen();
  t.after(() => server.close());
  return {
    simulator,
    server,
    open: () => RawStream.open(server.ws),
    arm: (request) => void simulator.node.faults.arm(request),
  };
}

describe('the block stream', () => {
  test('the tip comes on connect, then each block in order', async (t) => {
    const { simulator, open } = await start(t);
    const stream = await open();
    const [current] = await stream.take(1);
    const { block, transactions } = simulator.canonical().at(-1) ?? assert.fail();
    const { baseFee: _baseFee, ...fields } = block;
    assert.deepEqual(current, { type: 'current_block', block: fields });
    assert.equal(current.block['transactionCount'], transactions.length);
    assert.deepEqual(Object.keys(current.block), [
      ...['number', 'hash', 'parentHash', 'stateRoot', 'timestamp'],
      ...['proposer', 'gasUsed', 'gasLimit', 'transactionCount'],
    ]);
    simulator.produce(3);
    assert.deepEqual(await stream.steps(3), ['new_block 21', 'new_block 22', 'new_block 23']);
  });

  test('what a client sends is thrown away', async (t) => {
    const { simulator, open } = await start(t);
    const stream = await open();
    stream.socket.send('{"type":"subscribe"}');
    stream.socket.send('x'.repeat(100_000));
    stream.socket.ping('there?');
    const [pong] = await once(stream.socket, 'pong', { signal: AbortSignal.timeout(20_000) });
    assert.equal(String(pong), 'there?');
    simulator.produce();
    assert.deepEqual(await stream.steps(2), ['current_block 20', 'new_block 21']);
  });

  test('one connection too many is accepted and closed with 1008, without a frame', async (t) => {
    const { simulator, open } = await start(t, { connectionsMax: 2 });
    const first = await open();
    await open();
    const refused = await open();
    assert.deepEqual(await refused.closed, [1008, 'Too many connections']);
    assert.equal(refused.waiting, 0);
    first.close();
    await first.closed;
    const isGone = () => (simulator.node.stream.connections === 1 ? true : undefined);
    assert.ok(await until(isGone, { timeoutMs: 20_000, pollMs: 1 }));
    assert.deepEqual(await (await open()).steps(1), ['current_block 20']);
  });

  test('the server never pings; it sends pongs that nobody asked for', async (t) => {
    const { open } = await start(t, { timing: { keepAliveMs: 5 } });
    const stream = await open();
    let pings = 0;
    stream.socket.on('ping', () => {
      pings += 1;
    });
    for (let pongs = 0; pongs < 5; pongs += 1)
      await once(stream.socket, 'pong', { signal: AbortSignal.timeout(20_000) });
    assert.equal(pings, 0);
  });

  test('a client that takes nothing is dropped, the others go on', async (t) => {
    const { simulator, open } = await start(t, { timing: { sendTimeoutMs: 200 } });
    const { node } = simulator;
    const slow = await open();
    const quick = await open();
    slow.socket.pause();
    quick.socket.on('message', () => undefined);
    const isDropped = (): true | undefined => {
      for (let n = 0; n < 200; n += 1) node.stream.announce(node.tip);
      return node.stream.connections === 1 ? true : undefined;
    };
    assert.ok(await until(isDropped, { timeoutMs: 20_000, pollMs: 1 }));
    slow.socket.resume();
    assert.equal((await slow.closed)[0], 1006);
    assert.equal(quick.socket.readyState, WebSocket.OPEN);
  });

  test('other paths are not found, and plain HTTP is told what is required', async (t) => {
    const { server } = await start(t);
    const plain = await fetch(server.http + new URL(server.ws).pathname);
    assert.equal(plain.status, 400);
    assert.equal(await plain.text(), 'WebSocket connection required.');
    await assert.rejects(RawStream.open(server.ws.replace('blocks', 'other')), /404/);
  });
});

describe('what nodes announce', () => {
  test('a standalone node announces each block also when it catches up', async (t) => {
    const { simulator, open } = await start(t, { mode: 'standalone' });
    const stream = await open();
    simulator.node.lagBlocks = 3;
    simulator.produce(3);
    simulator.node.lagBlocks = 0;
    simulator.follow();
    const steps = await stream.steps(4);
    assert.deepEqual(steps.slice(1), ['new_block 21', 'new_block 22', 'new_block 23']);
  });

  test('a validator that catches up announces the last of each 50', async (t) => {
    const { simulator, open } = await start(t, { mode: 'validator' });
    const stream = await open();
    simulator.produce();
    simulator.node.lagBlocks = Number.POSITIVE_INFINITY;
    simulator.produce(120);
    assert.equal(simulator.node.tip.number, 21);
    simulator.node.lagBlocks = 0;
    simulator.follow();
    assert.deepEqual(await stream.steps(5), [
      ...['current_block 20', 'new_block 21', 'new_block 71'],
      ...['new_block 121', 'new_block 141'],
    ]);
  });

  test('an RPC node announces the last of what came between two questions', async (t) => {
    const { simulator, open } = await start(t, { mode: 'rpc' });
    const stream = await open();
    simulator.produce();
    simulator.produce(2);
    simulator.produce(101);
    assert.deepEqual(await stream.steps(5), [
      ...['current_block 20', 'new_block 21', 'new_block 23'],
      ...['new_block 123', 'new_block 124'],
    ]);
  });

  test('nobody is told of a rollback: the next number is one that was there before', async (t) => {
    const { simulator, open } = await start(t, { mode: 'validator' });
    const stream = await open();
    const [current] = await stream.take(1);
    simulator.rollback(3);
    assert.equal(simulator.node.tip.number, 17);
    const { parentHash } = simulator.produce();
    const [next] = await stream.take(1);
    assert.equal(next?.block.number, 18);
    assert.equal(next?.block['parentHash'], parentHash);
    assert.notEqual(next?.block['hash'], current?.block['hash']);
    simulator.reorganize({ depth: 2, newBlocks: 4 });
    assert.deepEqual(await stream.steps(1), ['new_block 20']);
  });

  test('a restart aborts the sockets; without a disk the chain is at 0 again', async (t) => {
    for (const [mode, height] of [
      ['standalone', 0],
      ['validator', 20],
    ] as const) {
      const { simulator, open } = await start(t, { mode });
      const stream = await open();
      simulator.restart();
      assert.equal((await stream.closed)[0], 1006);
      assert.deepEqual(await (await open()).steps(1), [`current_block ${height}`]);
    }
  });

  test('nodes of one chain can be at different heights and on different branches', async (t) => {
    const simulator = new BasaltSimulator({ nodes: [{ mode: 'validator' }, { mode: 'rpc' }] });
    const [ahead, behind] = [simulator.nodeAt(0), simulator.nodeAt(1)];
    const server = await simulator.listen(behind);
    t.after(() => server.close());
    const stream = await RawStream.open(server.ws);
    behind.lagBlocks = 4;
    simulator.produce(4);
    assert.deepEqual([ahead.tip.number, behind.tip.number, behind.syncLag], [24, 20, 4]);
    behind.lagBlocks = Number.POSITIVE_INFINITY;
    simulator.reorganize({ depth: 6, newBlocks: 2 });
    assert.deepEqual([ahead.tip.number, behind.tip.number], [20, 20]);
    assert.notEqual(ahead.tip.hash, behind.tip.hash);
    behind.lagBlocks = 0;
    simulator.follow();
    assert.equal(ahead.tip.hash, behind.tip.hash);
    assert.deepEqual(await stream.steps(2), ['current_block 20', 'new_block 20']);
  });
});

describe('the block stream under faults', () => {
  async function afterFaults(t: TestContext, requests: readonly FaultRequest[]) {
    const world = await start(t);
    for (const request of requests) world.arm(request);
    const stream = await world.open();
    return { ...world, stream };
  }

  test('the next block can come before the tip of the connect', async (t) => {
    const { simulator, stream } = await afterFaults(t, [{ name: 'next-before-current' }]);
    simulator.produce(2);
    const steps = ['new_block 21', 'current_block 20', 'new_block 22'];
    assert.deepEqual(await stream.steps(3), steps);
  });

  test('the tip can come twice, or not at all', async (t) => {
    const twice = await afterFaults(t, [{ name: 'current-as-new' }]);
    assert.deepEqual(await twice.stream.steps(2), ['current_block 20', 'new_block 20']);
    const { simulator, stream } = await afterFaults(t, [{ name: 'no-current' }]);
    simulator.produce();
    assert.deepEqual(await stream.steps(1), ['new_block 21']);
  });

  test('frames can have six members and seconds, as the documentation shows', async (t) => {
    const { stream } = await afterFaults(t, [{ name: 'six-fields' }, { name: 'seconds' }]);
    const [frame] = await stream.take(1);
    assert.deepEqual(Object.keys(frame?.block ?? {}), [
      ...['number', 'hash', 'parentHash', 'stateRoot', 'timestamp', 'transactionCount'],
    ]);
    assert.match(String(frame?.block['timestamp']), /^\d{10}$/);
  });

  test('frames can be lost, doubled, repeated and of an unknown type', async (t) => {
    const { simulator, arm, open } = await start(t);
    const stream = await open();
    arm({ name: 'drop-frame' });
    simulator.produce(2);
    arm({ name: 'duplicate-frame' });
    simulator.produce();
    arm({ name: 'repeat-frame', depth: 3 });
    arm({ name: 'unknown-type' });
    simulator.produce();
    const steps = await stream.steps(7);
    assert.deepEqual(steps.slice(1), [
      ...['new_block 22', 'new_block 23', 'new_block 23'],
      ...['reorg_notice 24', 'new_block 21', 'new_block 24'],
    ]);
  });

  test('frames can be broken, binary, and of unknown or missing members', async (t) => {
    const { simulator, arm, open } = await start(t);
    const stream = await open();
    await stream.take(1);
    const messageAfter = async (...requests: readonly FaultRequest[]) => {
      for (const request of requests) arm(request);
      simulator.produce();
      return stream.next();
    };
    const [half] = await messageAfter({ name: 'malformed-frame' });
    assert.throws(() => JSON.parse(half), SyntaxError);
    assert.deepEqual(await messageAfter({ name: 'malformed-frame', text: '[]' }), ['[]', false]);
    assert.equal((await messageAfter({ name: 'binary-frame' }))[1], true);
    const [strange] = await messageAfter({ name: 'unknown-field' });
    assert.match(strange, /"transactionCount":\d+,"futureMember":\{"nothing":null/);
    const [bare] = await messageAfter({ name: 'missing-field', text: 'hash' });
    assert.equal(JSON.parse(bare).block.hash, undefined);
    assert.match(JSON.parse(bare).block.parentHash, /^0x/);
  });

  test('sockets can be cut in a frame, dropped as slow and refused', async (t) => {
    const { simulator, arm, open } = await start(t);
    for (const name of ['cut-message', 'slow-client'] as const) {
      const stream = await open();
      await stream.take(1);
      arm({ name });
      simulator.produce();
      assert.equal((await stream.closed)[0], 1006);
      assert.equal(stream.waiting, 0);
    }
    arm({ name: 'upgrade-status' });
    arm({ name: 'upgrade-status', status: 503 });
    await assert.rejects(open(), /429/);
    await assert.rejects(open(), /503/);
    arm({ name: 'too-many' });
    assert.equal((await (await open()).closed)[0], 1008);
  });

  test('half open: nothing is sent and nothing is heard, until it is over', async (t) => {
    const { simulator, open } = await start(t);
    const stream = await open();
    await stream.take(1);
    const fault = simulator.node.faults.arm({ name: 'mute' });
    let pongs = 0;
    stream.socket.on('pong', () => {
      pongs += 1;
    });
    stream.socket.ping();
    simulator.produce();
    fault.clear();
    simulator.produce();
    await once(stream.socket, 'pong', { signal: AbortSignal.timeout(20_000) });
    assert.deepEqual(await stream.steps(1), ['new_block 22']);
    assert.equal(pongs, 1);
    assert.equal(stream.socket.readyState, WebSocket.OPEN);
  });

  test('frames can be held back and come later, in order', async (t) => {
    const { simulator, arm, open } = await start(t);
    const stream = await open();
    arm({ name: 'hold' });
    simulator.produce(2);
    simulator.node.faults.clear();
    simulator.produce();
    const steps = ['current_block 20', 'new_block 21', 'new_block 22', 'new_block 23'];
    assert.deepEqual(await stream.steps(4), steps);
  });
});
