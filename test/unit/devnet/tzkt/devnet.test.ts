import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connectDevnet, type DevnetClient } from '../../../../src/devnet/client.ts';
import { type Devnet, startDevnet } from '../../../../src/devnet/devnet.ts';
import { tzktVerbs } from '../../../../src/devnet/tzkt/command.ts';
import { faultNames } from '../../../../src/devnet/tzkt/faults.ts';
import { RawHub } from '../../../support/tzkt/raw-hub.ts';

describe('TzKT in the devnet', () => {
  let dataDir: string;
  let devnet: Devnet;
  let client: DevnetClient;

  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'ommer-tzkt-'));
    const tzkt = { blockTimeMs: 3_600_000 };
    devnet = await startDevnet({ dataDir, brokers: 0, registry: false, evm: false, tzkt });
    client = await connectDevnet(dataDir);
  });
  after(async () => {
    await devnet.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  test('the state file tells where it is', async () => {
    const { tzkt } = await client.status();
    const head = await fetch(`${tzkt?.http}/v1/head`);
    assert.equal(head.status, 200);
    const { chainId } = (await head.json()) as { chainId: string };
    assert.match(chainId, /^Net\w{12}$/);
    assert.equal(tzkt?.hub, `${tzkt?.http}/v1/ws`);
  });

  test('another process can reorganize it, arm a fault and cut its connections', async () => {
    const hub = await RawHub.open(devnet.tzkt.hub);
    await hub.call('SubscribeToBlocks');
    await client.commandSimulator('tzkt', {
      verb: 'fault',
      name: 'duplicate-data',
      channel: 'blocks',
    });
    await client.commandSimulator('tzkt', { verb: 'block' });
    await client.commandSimulator('tzkt', { verb: 'reorg', depth: 2 });
    await client.commandSimulator('tzkt', { verb: 'restore' });
    const types = (await hub.take(6)).map(([, { type }]) => type);
    assert.deepEqual(types, [1, 1, 2, 1, 2, 1]);
    await client.commandSimulator('tzkt', { verb: 'kill' });
    assert.equal(await hub.closed, 1006);
  });

  test('what it does not know is refused with what there is', async () => {
    for (const [request, message] of [
      [{ verb: 'explode' }, /There is no "explode"; there are status, fault, clear/],
      [{ verb: 'fault', name: 'x' }, /There is no fault "x"; there are negotiate-status/],
      [{ verb: 'fault', name: 'hold', channel: 'x' }, /There is no channel "x"; there are head/],
      [{ verb: 'fault', name: 'hold', times: -1 }, /times is -1, expected a natural number/],
      [{ verb: 'reorg', depth: 9999 }, /A depth of 1 to \d+ is possible now, not 9999/],
    ] as const) {
      await assert.rejects(client.commandSimulator('tzkt', request), {
        code: 'devnet.request_refused',
        message,
      });
    }
  });

  test('the clock produces blocks and replaces some, until it is paused', async () => {
    const other = join(dataDir, 'busy');
    const busy = await startDevnet({
      dataDir: other,
      brokers: 0,
      registry: false,
      evm: false,
      tzkt: { blockTimeMs: 5 },
    });
    const hub = await RawHub.open(busy.tzkt.hub);
    await hub.call('SubscribeToBlocks');
    let types: number[] = [];
    while (!types.includes(2))
      types = [...types, ...(await hub.take(1)).map(([, { type }]) => type)];
    await busy.stop();
    await hub.closed;
    await assert.rejects(fetch(busy.tzkt.http));
  });
});

test('the document names every fault and every action', async () => {
  const text = await readFile('docs/tzkt-simulator.md', 'utf8');
  for (const [name, effect] of Object.entries(faultNames)) {
    assert.ok(text.includes(`| \`${name}\` | ${effect} |`), name);
  }
  for (const verb of Object.keys(tzktVerbs)) assert.ok(text.includes(`\`${verb}`), verb);
});
