/** The compiled contracts in the tree belong to the sources in the tree. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';

import {
  contractNames,
  encodeCall,
  encodeDeployment,
} from '../../../../src/devnet/traffic/contracts.ts';

const directory = new URL('../../../../devnet/contracts/', import.meta.url);

test('every contract source has an artifact compiled from exactly this text', () => {
  for (const name of contractNames) {
    const source = readFileSync(new URL(`${name}.sol`, directory));
    const artifact: unknown = JSON.parse(
      readFileSync(new URL(`artifacts/${name}.json`, directory), 'utf8'),
    );
    assert.ok(typeof artifact === 'object' && artifact !== null && 'sourceHash' in artifact);
    assert.equal(
      artifact.sourceHash,
      createHash('sha256').update(source).digest('hex'),
      `${name}.json is stale: run node scripts/compile-contracts.mjs`,
    );
  }
});

test('the sources, the artifacts and the known names are the same set', () => {
  const withEnding = (folder: URL, ending: string) =>
    readdirSync(folder)
      .filter((file) => file.endsWith(ending))
      .map((file) => file.slice(0, -ending.length))
      .sort();
  const known = [...contractNames].sort();
  assert.deepEqual(withEnding(directory, '.sol'), known);
  assert.deepEqual(withEnding(new URL('artifacts/', directory), '.json'), known);
});

test('a call starts with the selector of the standard signature', () => {
  const address = `0x${'11'.repeat(20)}`;
  const data = encodeCall('Erc20Token', 'transfer(address,uint256)', [address, 1n]);
  assert.equal(data, `0xa9059cbb${'11'.repeat(20).padStart(64, '0')}${'1'.padStart(64, '0')}`);
  assert.match(encodeDeployment('Factory'), /^0x6080[0-9a-f]+$/);
  assert.throws(() => encodeCall('Erc20Token', 'steal()', []), RangeError);
});
