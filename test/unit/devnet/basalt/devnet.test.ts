import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { basaltVerbs } from '../../../../src/devnet/basalt/command.ts';
import { faultNames } from '../../../../src/devnet/basalt/faults.ts';
import { connectDevnet, type DevnetClient } from '../../../../src/devnet/client.ts';
import { type Devnet, startDevnet } from '../../../../src/devnet/devnet.ts';
import { RawStream } from '../../../support/basalt/raw-stream.ts';

const alone = { brokers: 0, registry: false, evm: false } as const;

describe('Basalt in the devnet', () => {
  let dataDir: string;
  let devnet: Devnet;
  let client: DevnetClient;

  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'ommer-basalt-'));
    devnet = await startDevnet({ ...alone, dataDir, basalt: { blockTimeMs: 3_600_000 } });
    client = await connectDevnet(dataDir);
  });
  after(async () => {
    await devnet.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const ask = (request: object) => client.commandSimulator('basalt', request);

  test('the state file tells where it is', async () => {
    const { basalt, tzkt } = await client.status();
    assert.equal(tzkt, null);
    const answer = await fetch(`${basalt?.http}/v1/sync/status`);
    const { chainId, latestBlock } = (await answer.json()) as Record<string, number>;
    assert.deepEqual([chainId, latestBlock], [basalt?.chainId, 20]);
    assert.equal(basalt?.ws, `${basalt?.http.replace('http', 'ws')}/ws/blocks`);
  });

  test('another process can add blocks, take them back, arm a fault and cut sockets', async () => {
    const stream = await RawStream.open(devnet.basalt.ws);
    await ask({ verb: 'fault', name: 'duplicate-frame' });
    await ask({ verb: 'block' });
    await ask({ verb: 'rollback', depth: 5 });
    await ask({ verb: 'restore' });
    await ask({ verb: 'stall' });
    await ask({ verb: 'block' });
    await ask({ verb: 'reorg', depth: 3 });
    assert.deepEqual(await ask({ verb: 'clear' }), {
      head: { number: 24, hash: devnet.basalt.simulator.head.hash },
      tip: { number: 22, hash: devnet.basalt.simulator.node.tip.hash },
      connections: 1,
      faults: [],
    });
    await ask({ verb: 'follow' });
    assert.deepEqual(await stream.steps(5), [
      ...['current_block 20', 'new_block 21', 'new_block 21'],
      ...['new_block 22', 'new_block 24'],
    ]);
    await ask({ verb: 'kill' });
    assert.equal((await stream.closed)[0], 1006);
  });

  test('another process can restart the node and begin the chain again', async () => {
    await ask({ verb: 'restart' });
    const { http } = devnet.basalt;
    assert.equal((await fetch(`${http}/v1/blocks/1`)).status, 404);
    await ask({ verb: 'start-again' });
    const { blockHeight } = (await (await fetch(`${http}/v1/status`)).json()) as {
      blockHeight: number;
    };
    assert.equal(blockHeight, 0);
  });

  test('what it does not know is refused with what there is', async () => {
    for (const [request, message] of [
      [{ verb: 'explode' }, /There is no "explode"; there are status, fault, clear/],
      [{ verb: 'toString' }, /There is no "toString"; there are status/],
      [{ verb: 'fault', name: 'x' }, /There is no fault "x"; there are upgrade-status/],
      [{ verb: 'fault', name: 'hold', times: -1 }, /times is -1, expected a natural number/],
      [{ verb: 'fault', name: 'hold', text: 1 }, /text is 1, expected text/],
      [{ verb: 'rollback', depth: 1001 }, /A depth of 1 to \d+ is possible now, not 1001/],
      [{ verb: 'restore' }, /No branch was replaced yet/],
    ] as const) {
      await assert.rejects(ask(request), { code: 'devnet.request_refused', message });
    }
    const refused = client.commandSimulator('granite', { verb: 'status' });
    await assert.rejects(refused, { message: /There is no simulator granite/ });
    const absent = client.commandSimulator('tzkt', { verb: 'status' });
    await assert.rejects(absent, { message: /This devnet was started without TzKT/ });
  });

  test('the clock produces blocks and takes none back, until it is paused', async () => {
    const busy = await startDevnet({
      ...alone,
      dataDir: join(dataDir, 'busy'),
      basalt: { blockTimeMs: 5 },
    });
    const stream = await RawStream.open(busy.basalt.ws);
    const [first = 0, ...rest] = (await stream.take(60)).map(({ block }) => block.number);
    assert.deepEqual(
      rest,
      rest.map((_, n) => first + n + 1),
    );
    await busy.stop();
    assert.equal((await stream.closed)[0], 1006);
    await assert.rejects(fetch(busy.basalt.http));
  });
});

test('the document names every fault and every action', async () => {
  const text = await readFile('docs/basalt-simulator.md', 'utf8');
  for (const [name, effect] of Object.entries({ ...faultNames, ...basaltVerbs })) {
    assert.ok(text.includes(`| \`${name}\` | ${effect} |`), name);
  }
});
