/** A position is compared with what REST says of itself, however little that is. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { silentLogger } from '../../../../src/consumer/silent-logger.ts';
import { BlockReader } from '../../../../src/sources/tzkt/block-reader.ts';
import { auditChain, type Verdict } from '../../../../src/sources/tzkt/chain-audit.ts';
import { TzktRest } from '../../../../src/sources/tzkt/rest.ts';
import { createTzktFold, testConfig } from '../../../support/tzkt/tzkt-fold.ts';

/** What the server has: level and hash. It says nothing of its own level. */
let blocks: readonly (readonly [number, string])[] = [];
const server = createServer((_, response) => {
  response.end(JSON.stringify(blocks));
});
before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
after(() => {
  server.closeAllConnections();
  server.close();
});

/** Of a reader that holds nothing yet but its newest block. */
async function verdictOf(tip: { height: number; hash: string }): Promise<Verdict> {
  const { port } = server.address() as AddressInfo;
  const config = testConfig({ url: `http://127.0.0.1:${port}` });
  const { runtime } = createTzktFold();
  const rest = new TzktRest(config, runtime);
  try {
    const reader = new BlockReader(rest, { config, datasets: [], logger: silentLogger });
    return await auditChain(reader, { tip, runtime }, new AbortController().signal);
  } finally {
    await rest.close();
  }
}

test('a server that does not say its level shows by a block more that it went on', async () => {
  blocks = [
    [50, 'B50'],
    [51, 'B51'],
  ];
  const tip = { height: 50, hash: 'B50' };
  assert.deepEqual(await verdictOf(tip), { kind: 'sound', serverLevel: 51 });
  blocks = blocks.slice(0, 1);
  assert.deepEqual(await verdictOf(tip), { kind: 'sound', serverLevel: null });
});

test('levels below the first of an indexer are not waited for', async () => {
  blocks = [
    [49, 'B49'],
    [50, 'B50'],
  ];
  assert.equal((await verdictOf({ height: 50, hash: 'B50' })).kind, 'sound');
  assert.deepEqual(await verdictOf({ height: 51, hash: 'B51' }), {
    kind: 'behind',
    block: { height: 50, hash: 'B50' },
  });
});
