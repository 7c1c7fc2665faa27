import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { blockdbVerbs } from '../../../../src/devnet/blockdb/command.ts';
import { faultNames } from '../../../../src/devnet/blockdb/faults.ts';
import { connectDevnet, type DevnetClient } from '../../../../src/devnet/client.ts';
import { type Devnet, startDevnet } from '../../../../src/devnet/devnet.ts';
import { RawStream } from '../../../support/blockdb/raw-stream.ts';

const alone = { brokers: 0, registry: false, evm: false } as const;

describe('BlockDB in the devnet', () => {
  let dataDir: string;
  let devnet: Devnet;
  let client: DevnetClient;

  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'ommer-blockdb-'));
    devnet = await startDevnet({ ...alone, dataDir, blockdb: { blockTimeMs: 3_600_000 } });
    client = await connectDevnet(dataDir);
  });
  after(async () => {
    await devnet.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const ask = (request: object) => client.commandSimulator('blockdb', request);

  test('the state file tells where it is and which key opens it', async () => {
    const { blockdb } = await client.status();
    const headers = { authorization: `Bearer ${blockdb?.key}` };
    const usage = await fetch(`${blockdb?.http}/usage`, { headers });
    assert.equal(usage.status, 200);
    const stream = await RawStream.open(String(blockdb?.ws), { key: String(blockdb?.key) });
    await stream.subscribe('0101');
    stream.close();
    assert.equal(blockdb?.chainId, 1);
  });

  test('another process can reorganize it, arm a fault and end its connections', async () => {
    const { ws, simulator } = devnet.blockdb;
    const stream = await RawStream.open(ws);
    await stream.subscribe('0101');
    await ask({ verb: 'fault', name: 'duplicate', dataset: '0101' });
    await ask({ verb: 'block' });
    const answer = await ask({ verb: 'reorg', depth: 2 });
    const { height, hash } = simulator.head;
    assert.deepEqual(answer, { head: { height, hash }, connections: 1, faults: [] });
    await ask({ verb: 'restore' });
    const flags = (await stream.take(9)).map((frame) => frame['is_reorg']);
    assert.deepEqual(flags, [false, false, true, true, false, true, true, true, false]);
    await ask({ verb: 'close', code: 1013 });
    assert.deepEqual(await stream.whenClosed(), [1013, 'simulated']);
    const other = await RawStream.open(ws);
    await ask({ verb: 'kill' });
    assert.equal((await other.whenClosed())[0], 1006);
  });

  test('what it does not know is refused with what there is', async () => {
    for (const [request, message] of [
      [{ verb: 'explode' }, /There is no "explode"; there are status, fault, clear/],
      [{ verb: 'fault', name: 'x' }, /There is no fault "x"; there are upgrade-status/],
      [{ verb: 'fault', name: 'hold', dataset: '9' }, /There is no dataset "9"; there are 0101/],
      [{ verb: 'fault', name: 'hold', times: -1 }, /times is -1, expected a natural number/],
      [{ verb: 'reorg', depth: 9999 }, /A depth of 1 to \d+ is possible now, not 9999/],
      [{ verb: 'close', code: 1006 }, /A server cannot close with 1006/],
    ] as const) {
      await assert.rejects(ask(request), { code: 'devnet.request_refused', message });
    }
  });

  test('the clock produces blocks and replaces some, until it is paused', async () => {
    const busy = await startDevnet({
      ...alone,
      dataDir: join(dataDir, 'busy'),
      blockdb: { blockTimeMs: 20 },
    });
    const stream = await RawStream.open(busy.blockdb.ws);
    await stream.subscribe('0101');
    let isReplaced = false;
    while (!isReplaced) isReplaced = (await stream.take(1))[0]?.['is_reorg'] === true;
    await busy.stop();
    await stream.whenClosed();
    await assert.rejects(fetch(busy.blockdb.http));
  });
});

test('the document names every fault and every action', async () => {
  const text = await readFile('docs/blockdb-simulator.md', 'utf8');
  for (const [name, effect] of Object.entries({ ...faultNames, ...blockdbVerbs })) {
    assert.ok(text.includes(`| \`${name}\` | ${effect} |`), name);
  }
});
