import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { connectDevnet, type DevnetClient } from '../../../../src/devnet/client.ts';
import { type Devnet, startDevnet } from '../../../../src/devnet/devnet.ts';
import { oxarchiveVerbs } from '../../../../src/devnet/oxarchive/command.ts';
import { faultNames } from '../../../../src/devnet/oxarchive/faults.ts';
import { defaultProfile } from '../../../../src/devnet/oxarchive/profile.ts';
import { RawSocket } from '../../../support/oxarchive/raw-socket.ts';

const alone = { brokers: 0, registry: false, evm: false } as const;

describe('0xArchive in the devnet', () => {
  let dataDir: string;
  let devnet: Devnet;
  let client: DevnetClient;

  before(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'ommer-oxarchive-'));
    devnet = await startDevnet({ ...alone, dataDir, oxarchive: true });
    client = await connectDevnet(dataDir);
  });
  after(async () => {
    await devnet.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  const ask = (request: object) => client.commandSimulator('oxarchive', request);

  test('the state file tells where it is and which key opens it, and the clock moves it', async () => {
    const { oxarchive } = await client.status();
    const headers = { 'x-api-key': String(oxarchive?.key) };
    const symbols = await fetch(`${oxarchive?.http}/v1/symbols`, { headers });
    assert.equal(symbols.status, 200);
    const socket = await RawSocket.open(String(oxarchive?.ws), { key: String(oxarchive?.key) });
    await socket.subscribe('trades', 'ETH');
    assert.equal((await socket.nextItem())['type'], 'data');
    await ask({ verb: 'kill' });
    assert.equal((await socket.whenClosed())[0], 1006);
  });

  test('another process can stop the time, arm a fault, make a hole and end a market', async () => {
    const { ws, simulator } = devnet.oxarchive;
    await ask({ verb: 'pause' });
    const socket = await RawSocket.open(ws);
    await socket.subscribe('hip4_trades', '#520');
    await ask({ verb: 'fault', name: 'gap', channel: 'trades', symbol: 'ETH' });
    const answer = await ask({ verb: 'hole', channel: 'trades', symbol: 'ETH', delayMs: 1000 });
    assert.deepEqual(answer, {
      nowMs: simulator.nowMs,
      connections: [['hip4_trades #520']],
      faults: [{ channel: 'trades', symbol: 'ETH', name: 'gap' }],
    });
    await ask({ verb: 'clear', name: 'gap' });
    await ask({ verb: 'settle', symbol: '#520' });
    assert.equal((await socket.nextItem())['type'], 'outcome_settled');
    await ask({ verb: 'delist', channel: 'trades', symbol: 'BTC' });
    const refused = await socket.ask({ op: 'subscribe', channel: 'trades', symbol: 'BTC' });
    assert.equal(refused['error_code'], 'invalid_symbol');
    await ask({ verb: 'close', code: 1013 });
    assert.deepEqual(await socket.whenClosed(), [1013, 'simulated']);
    await ask({ verb: 'resume' });
  });

  test('what it does not know is refused with what there is', async () => {
    for (const [request, message] of [
      [{ verb: 'explode' }, /There is no "explode"; there are status, fault, clear/],
      [{ verb: 'fault', name: 'x' }, /There is no fault "x"; there are upgrade-status/],
      [{ verb: 'fault', name: 'gap', channel: 'x' }, /no channel "x"; there are orderbook, trades/],
      [{ verb: 'fault', name: 'gap', symbol: 7 }, /symbol is 7, expected text/],
      [{ verb: 'hole', symbol: 'ETH' }, /channel is null, expected text/],
      [{ verb: 'hole', channel: 'trades', symbol: 'X' }, /no "X" of hyperliquid; there are BTC/],
      [{ verb: 'close', code: 1006 }, /A server cannot close with 1006/],
    ] as const) {
      await assert.rejects(ask(request), { code: 'devnet.request_refused', message });
    }
  });
});

test('the document names every fault, every action and every switch', async () => {
  const text = await readFile('docs/oxarchive-simulator.md', 'utf8');
  for (const [name, effect] of Object.entries({ ...faultNames, ...oxarchiveVerbs })) {
    assert.ok(text.includes(`| \`${name}\` | ${effect} |`), name);
  }
  for (const name of Object.keys(defaultProfile)) assert.ok(text.includes(`| \`${name}\` |`), name);
});
