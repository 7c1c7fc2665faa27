/** The preflight gives each question its own verdict, over one connection to the hub. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { checkTzkt } from '../../../../src/sources/tzkt/check.ts';
import type { TzktConfig } from '../../../../src/sources/tzkt/config.ts';
import { TzktScene } from '../../../support/tzkt/scene.ts';
import { createTzktFold, testConfig } from '../../../support/tzkt/tzkt-fold.ts';

let scene: TzktScene;
beforeEach(async () => {
  scene = await TzktScene.open();
});
afterEach(() => scene.close());

const datasets = new Set(['blocks', 'operations', 'bigmaps']);

/** Failed verdicts by name, with the number of all; connections that were used counted apart. */
async function check(overrides: Partial<TzktConfig> = {}) {
  const fold = createTzktFold();
  let sockets = 0;
  fold.hear = (frame) => {
    // Each new connection counts its calls anew.
    if (frame.kind === 'socket' && frame.text.includes('"invocationId":"0","type":1')) sockets += 1;
  };
  const config = testConfig({ url: scene.server.http, ...overrides });
  const checks = await checkTzkt(config, datasets, fold.runtime);
  const failed = checks.filter(({ ok }) => !ok).map(({ name, code }) => `${name} ${code}`);
  return { names: checks.map(({ name }) => name), failed, sockets };
}

describe('the preflight', () => {
  it('asks REST, the network, the hub and each subscription, and connects once', async () => {
    const bigmaps = [{ ptr: 1 }, { ptr: 2 }];
    const { names, failed, sockets } = await check({
      operations: [{ types: ['reveal'] }],
      bigmaps,
    });
    assert.deepEqual(names, [
      'rest',
      'network',
      'hub',
      'SubscribeToBlocks',
      'SubscribeToHead',
      'SubscribeToOperations {"types":"reveal"}',
      'SubscribeToBigMaps {"ptr":1}',
      'SubscribeToBigMaps {"ptr":2}',
    ]);
    assert.deepEqual(failed, []);
    assert.equal(sockets, 1);
  });

  it('says which subscription is refused, and goes on with the others', async () => {
    const { faults } = scene.simulator;
    faults.arm({
      name: 'subscribe-error',
      channel: 'operations',
      text: 'Subscriptions limit exceeded',
    });
    const refused = await check({ operations: [{ types: ['reveal'] }, { types: ['ballot'] }] });
    assert.deepEqual(refused.failed, [
      'SubscribeToOperations {"types":"reveal"} source.unsupported',
    ]);
    assert.equal(refused.names.at(-1), 'SubscribeToBigMaps {}');
  });

  it('names the network that is served, and a hub that is not there', async () => {
    const wrong = await check({ chain: 'tezos:NetXdQprcVkpaWU' });
    assert.deepEqual(wrong.failed, ['network source.wrong_chain']);
    scene.simulator.faults.arm({ name: 'handshake-error' });
    const without = await check();
    assert.deepEqual(without.failed, ['hub source.unreachable']);
    assert.equal(without.names.at(-1), 'hub');
  });
});
