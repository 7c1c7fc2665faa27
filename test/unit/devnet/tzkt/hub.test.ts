import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import {
  HttpTransportType,
  type HubConnection,
  HubConnectionBuilder,
  LogLevel,
} from '@microsoft/signalr';
import { openTzktServer, type TzktServer } from '../../../../src/devnet/tzkt/server.ts';
import { TzktSimulator } from '../../../../src/devnet/tzkt/simulator.ts';
import { RawHub } from '../../../support/tzkt/raw-hub.ts';

describe('the hub', () => {
  const first = 9_100_001;
  let simulator: TzktSimulator;
  let server: TzktServer;
  let hubs: RawHub[] = [];

  before(async () => {
    simulator = new TzktSimulator({ seed: 'hub', firstLevel: first, historyLevels: 5 });
    server = await openTzktServer(simulator);
  });
  after(() => server.close());
  afterEach(() => {
    for (const hub of hubs) hub.close();
    hubs = [];
    simulator.faults.clear();
  });

  async function raw(): Promise<RawHub> {
    const hub = await RawHub.open(server.hub);
    hubs.push(hub);
    return hub;
  }

  test('sends the state before the completion of the call, byte for byte', async () => {
    const hub = await raw();
    const { level } = simulator.head;
    hub.send('{"target":"SubscribeToBlocks","arguments":[],"invocationId":"0","type":1}');
    assert.equal(
      await hub.next(),
      `{"type":1,"target":"blocks","arguments":[{"type":0,"state":${level}}]}`,
    );
    assert.equal(await hub.next(), `{"type":3,"invocationId":"0","result":${level}}`);
  });

  test('sends one data message for a block, and nothing on a channel without matches', async () => {
    const hub = await raw();
    await hub.call('SubscribeToBlocks');
    await hub.call('SubscribeToEvents', { tag: 'never emitted' });
    const { level, hash } = simulator.produce();
    const [[target, message] = ['', undefined]] = await hub.take(1);
    assert.equal(target, 'blocks');
    assert.deepEqual(Object.keys(message ?? {}), ['type', 'data', 'state']);
    assert.equal(message?.state, level);
    assert.deepEqual(
      simulator.canonical().blocks.filter((block) => block['hash'] === hash),
      message?.data,
    );
    simulator.produce();
    assert.equal((await hub.take(1))[0]?.[0], 'blocks');
  });

  test('tells a merged reorg to every subscriber, then the new branch', async () => {
    const hub = await raw();
    await hub.call('SubscribeToBlocks');
    await hub.call('SubscribeToEvents', { tag: 'never emitted' });
    simulator.produce(2);
    await hub.take(2);
    const valid = simulator.head.level - 2;
    simulator.reorganize({ depth: 2 });
    const messages = await hub.take(3);
    const kept = messages.map(([target, { type, state }]) => [target, type, state]);
    assert.deepEqual(
      kept.filter(([target]) => target === 'blocks'),
      [
        ['blocks', 2, valid],
        ['blocks', 1, valid + 3],
      ],
    );
    assert.deepEqual(
      kept.filter(([target]) => target === 'events'),
      [['events', 2, valid]],
    );
  });

  test('tells a rollback by itself with a head message for the older head', async () => {
    const hub = await raw();
    await hub.call('SubscribeToHead');
    simulator.produce();
    const valid = simulator.head.level - 1;
    await hub.take(1);
    simulator.reorganize({ isMerged: false });
    const states = (await hub.take(4)).map(([, { type, state }]) => [type, state]);
    assert.deepEqual(states, [
      [2, valid],
      [1, valid],
      [1, valid + 1],
      [1, valid + 2],
    ]);
  });

  test('serves the SignalR client with negotiation and without', async () => {
    for (const options of [
      {},
      { skipNegotiation: true, transport: HttpTransportType.WebSockets },
    ]) {
      const client: HubConnection = new HubConnectionBuilder()
        .withUrl(server.hub, options)
        .configureLogging(LogLevel.None)
        .build();
      const seen: unknown[] = [];
      client.on('operations', (message: unknown) => {
        seen.push(message);
      });
      await client.start();
      const state = await client.invoke('SubscribeToOperations', { types: 'baking' });
      assert.equal(state, simulator.head.level);
      assert.deepEqual(seen, [{ type: 0, state }]);
      await assert.rejects(client.invoke('SubscribeToOperations', { types: 'endorsement' }), {
        message:
          "An unexpected error occurred invoking 'SubscribeToOperations' on the server. HubException: Invalid operation type",
      });
      await client.stop();
    }
  });
});
