import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { portsFor } from '../../../src/devnet/ports.ts';

let dir: string;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ommer-ports-'));
});

after(() => rm(dir, { recursive: true, force: true }));

test('parts that ask side by side get distinct ports and keep them', async () => {
  const names = ['a', 'b', 'c', 'd', 'e'] as const;
  const ask = async (): Promise<number[]> => {
    const chosen = await Promise.all(names.map((name) => portsFor(dir, [name])));
    return chosen.flatMap((ports) => Object.values<number>(ports));
  };
  const first = await ask();
  assert.equal(new Set(first).size, names.length);
  assert.deepEqual(await ask(), first);
});

test('a port somebody else listens on by now is replaced', async () => {
  const { taken } = await portsFor(dir, ['taken']);
  const other = createServer().listen(taken, '127.0.0.1');
  await once(other, 'listening');
  const { taken: instead } = await portsFor(dir, ['taken']);
  assert.notEqual(instead, taken);
  other.close();
});
