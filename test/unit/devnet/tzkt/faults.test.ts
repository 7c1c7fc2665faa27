import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { HubConnectionBuilder, LogLevel } from '@microsoft/signalr';
import type { FaultRequest } from '../../../../src/devnet/tzkt/faults.ts';
import { openTzktServer, type TzktServer } from '../../../../src/devnet/tzkt/server.ts';
import { TzktSimulator } from '../../../../src/devnet/tzkt/simulator.ts';
import { type ChannelMessage, RawHub } from '../../../support/tzkt/raw-hub.ts';

describe('the hub under faults', () => {
  let simulator: TzktSimulator;
  let server: TzktServer;
  let hub: RawHub;

  before(async () => {
    simulator = new TzktSimulator({ seed: 'faults' });
    server = await openTzktServer(simulator);
  });
  after(() => server.close());
  beforeEach(async () => {
    hub = await RawHub.open(server.hub);
  });
  afterEach(() => {
    hub.close();
    simulator.faults.clear();
  });

  const arm = (request: FaultRequest) => simulator.faults.arm(request);
  const summary = ([target, { type, state, data }]: readonly [string, ChannelMessage]) =>
    [target, type, state - simulator.head.level, Array.isArray(data) ? data.length : data] as const;

  async function afterFault(request: FaultRequest, blocks: number, messages: number) {
    await hub.call('SubscribeToBlocks');
    arm({ channel: 'blocks', ...request });
    simulator.produce(blocks);
    return (await hub.take(messages)).map(summary);
  }

  test('a dropped message is a missed block', async () => {
    assert.deepEqual(await afterFault({ name: 'drop-data' }, 2, 1), [['blocks', 1, 0, 1]]);
  });

  test('a duplicate comes right after the first', async () => {
    const messages = await afterFault({ name: 'duplicate-data' }, 1, 2);
    assert.deepEqual(messages, [
      ['blocks', 1, 0, 1],
      ['blocks', 1, 0, 1],
    ]);
  });

  test('a range is skipped and the next one sent twice', async () => {
    assert.deepEqual(await afterFault({ name: 'range-twice' }, 2, 2), [
      ['blocks', 1, 0, 1],
      ['blocks', 1, 0, 1],
    ]);
  });

  test('a state can be ahead of its data, or jump back', async () => {
    assert.deepEqual(await afterFault({ name: 'state-ahead' }, 1, 1), [['blocks', 1, 1, 1]]);
    arm({ name: 'jump-back', channel: 'blocks' });
    simulator.produce();
    assert.deepEqual((await hub.take(1)).map(summary), [['blocks', 1, -2, 1]]);
  });

  test('an empty array and a message of unknown type can precede the data', async () => {
    await hub.call('SubscribeToBlocks');
    arm({ name: 'empty-data' });
    arm({ name: 'unknown-message' });
    simulator.produce();
    assert.deepEqual((await hub.take(3)).map(summary), [
      ['blocks', 1, 0, 0],
      ['blocks', 3, 0, undefined],
      ['blocks', 1, 0, 1],
    ]);
  });

  test('unknown members and unknown kinds can appear', async () => {
    await hub.call('SubscribeToOperations', { types: 'baking,transaction' });
    arm({ name: 'unknown-field' });
    arm({ name: 'unknown-kind' });
    simulator.produce(1, { groups: 3 });
    const [[, message] = ['', undefined]] = await hub.take(1);
    const [item] = (message?.data ?? []) as Record<string, unknown>[];
    assert.ok(item !== undefined && 'futureMember' in item && 'futureMember' in (message ?? {}));
    assert.equal(item['type'], 'zk_rollup_publish');
  });

  test('a held channel tells a reorg long after the others, in its own order', async () => {
    await hub.call('SubscribeToBlocks');
    await hub.call('SubscribeToHead');
    const hold = arm({ name: 'hold', channel: 'blocks' });
    simulator.produce();
    simulator.reorganize();
    const first = (await hub.take(3)).map(([target, { type }]) => [target, type]);
    assert.deepEqual(first, [
      ['head', 1],
      ['head', 2],
      ['head', 1],
    ]);
    hold.clear();
    const then = (await hub.take(3)).map(([target, { type }]) => [target, type]);
    assert.deepEqual(then, [
      ['blocks', 1],
      ['blocks', 2],
      ['blocks', 1],
    ]);
  });

  test('a missed rollback shows the replaced block on head only: same level, other hash', async () => {
    await hub.call('SubscribeToBlocks');
    await hub.call('SubscribeToHead');
    const before = simulator.head;
    arm({ name: 'missed-rollback' });
    simulator.reorganize({ newBlocks: 1 });
    const [[target, message] = ['', undefined]] = await hub.take(1);
    assert.deepEqual([target, message?.type, message?.state], ['head', 1, before.level]);
    const { hash } = (message?.data ?? {}) as { hash?: string };
    assert.ok(hash !== undefined && hash !== before.hash);
    simulator.produce();
    const next = (await hub.take(2)).map(([name, { type }]) => [name, type]);
    assert.deepEqual(next, [
      ['head', 1],
      ['blocks', 1],
    ]);
  });

  test('data of the state level can come once more after subscribing', async () => {
    arm({ name: 'repeat-after-subscribe' });
    await hub.call('SubscribeToBlocks');
    assert.deepEqual((await hub.take(1)).map(summary), [['blocks', 1, 0, 1]]);
  });

  test('glued frames come as one WebSocket message', async () => {
    arm({ name: 'glue' });
    await hub.call('SubscribeToBlocks');
    assert.equal(hub.messages.length, 2, 'the handshake, then state and completion together');
  });

  test('a subscription can fail, return 0, or lack its state', async () => {
    arm({ name: 'subscribe-error', text: 'Something broke' });
    assert.match((await hub.call('SubscribeToBlocks')).join(), /HubException: Something broke/);
    arm({ name: 'subscribe-zero' });
    assert.deepEqual(await hub.call('SubscribeToBlocks'), [
      '{"type":3,"invocationId":"0","result":0}',
    ]);
    arm({ name: 'subscribe-no-state' });
    assert.equal((await hub.call('SubscribeToBlocks')).length, 1);
  });

  test('the client is told by close frames, or not at all', async () => {
    simulator.hub.connections.at(-1)?.close({ allowReconnect: true });
    assert.equal(await hub.next(), '{"type":7,"allowReconnect":true}');
    await hub.closed;
    const other = await RawHub.open(server.hub);
    simulator.hub.connections.at(-1)?.kill();
    assert.equal(await other.closed, 1006);
  });

  test('a message cut in the middle, malformed or without end mark ends the real client’s session', async () => {
    for (const name of ['cut-message', 'incomplete-frame'] as const) {
      const client = new HubConnectionBuilder()
        .withUrl(server.hub)
        .configureLogging(LogLevel.None)
        .build();
      const closed = new Promise<Error | undefined>((resolve) => {
        client.onclose(resolve);
      });
      client.on('blocks', () => undefined);
      await client.start();
      await client.invoke('SubscribeToBlocks');
      arm({ name });
      simulator.produce();
      assert.ok((await closed) instanceof Error, name);
    }
  });

  test('a half-open hub says and hears nothing', async () => {
    await hub.call('SubscribeToBlocks');
    const mute = arm({ name: 'mute' });
    simulator.produce();
    hub.invoke('SubscribeToHead', []);
    const barrier = await RawHub.open(server.hub, false);
    barrier.close();
    await barrier.closed;
    mute.clear();
    simulator.produce();
    assert.deepEqual((await hub.take(1)).map(summary), [['blocks', 1, 0, 1]]);
  });

  test('a message of 20 MB arrives whole, in many fragments', async () => {
    await hub.call('SubscribeToOperations', {});
    simulator.produce(1, { groups: 0, bigBytes: 20_000_000 });
    const [[, message] = ['', undefined]] = await hub.take(1);
    assert.ok(JSON.stringify(message).length > 10_000_000);
  });
});

describe('a hub with limits', () => {
  test('refuses the connection above its limit after the handshake', async () => {
    const simulator = new TzktSimulator({ limits: { connections: 1 } });
    const server = await openTzktServer(simulator);
    const one = await RawHub.open(server.hub);
    const two = await RawHub.open(server.hub);
    assert.equal(
      await two.next(),
      '{"type":7,"error":"Connection closed with an error. HubException: Connections limit exceeded"}',
    );
    await two.closed;
    assert.equal(simulator.hub.connections.length, 1);
    one.close();
    await server.close();
  });

  test('pings when nothing else is said, and closes who is silent', async () => {
    const simulator = new TzktSimulator({ timing: { pingMs: 20, clientTimeoutMs: 300 } });
    const server = await openTzktServer(simulator);
    const hub = await RawHub.open(server.hub);
    assert.equal(await hub.next(), '{"type":6}');
    assert.equal(await hub.next(), '{"type":6}');
    await hub.closed;
    assert.ok(hub.messages.at(-1)?.startsWith('{"type":7,"allowReconnect":true}'));
    await server.close();
  });

  test('closes who sends nonsense or too much, and refuses other protocols', async () => {
    const server = await openTzktServer(new TzktSimulator());
    const malformed = await RawHub.open(server.hub);
    malformed.sendRaw('{"type":1');
    assert.match(await malformed.next(), /^\{"type":7,"error":".*","allowReconnect":true\}$/);
    const large = await RawHub.open(server.hub);
    large.sendRaw('x'.repeat(33 * 1024));
    assert.match(await large.next(), /The maximum message size of 32768B was exceeded/);
    const other = await RawHub.open(server.hub, false);
    other.send('{"protocol":"messagepack","version":1}');
    assert.match(await other.next(), /The protocol 'messagepack' is not supported/);
    await server.close();
  });

  test('knows the tokens that it gave out, each once', async () => {
    const server = await openTzktServer(new TzktSimulator());
    const answer = await fetch(`${server.hub}/negotiate?negotiateVersion=1`, { method: 'POST' });
    const body = (await answer.json()) as {
      connectionToken: string;
      availableTransports: { transport: string }[];
    };
    const { connectionToken, availableTransports } = body;
    assert.deepEqual(
      availableTransports.map(({ transport }) => transport),
      ['WebSockets'],
    );
    assert.ok(answer.headers.get('tzkt-level'));
    const hub = await RawHub.open(`${server.hub}?id=${connectionToken}`);
    await assert.rejects(RawHub.open(`${server.hub}?id=${connectionToken}`), /409/);
    await assert.rejects(RawHub.open(`${server.hub}?id=unknown`), /404/);
    hub.close();
    await server.close();
  });
});
