/** A server that says when to ask again is not asked before, by any request or connection; and no answer has the key. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import type { Quiet } from '../../../../src/sources/rest-client.ts';
import { TzktRest } from '../../../../src/sources/tzkt/rest.ts';
import { TzktScene } from '../../../support/tzkt/scene.ts';
import { createTzktFold, testConfig } from '../../../support/tzkt/tzkt-fold.ts';

const { signal } = new AbortController();
const query = { path: '/v1/head', params: {} };
let scene: TzktScene;
afterEach(() => scene.close());

it('an answer that quotes the key shows none of it, though it looks like any other', async () => {
  scene = await TzktScene.open();
  const apiKey = 'key-of-the-paid-tier';
  const server = createServer((_, response) => {
    response.end(JSON.stringify({ code: 403, errors: { apikey: `${apiKey} is not valid` } }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const config = testConfig({ url: `http://127.0.0.1:${port}`, apiKey });
  const rest = new TzktRest(config, createTzktFold().runtime);
  try {
    const { value } = await rest.get({ path: '/v1/blocks', params: {} }, signal);
    assert.deepEqual(value, { code: 403, errors: { apikey: '[hidden] is not valid' } });
  } finally {
    await rest.close();
    server.closeAllConnections();
    server.close();
  }
});

describe('Retry-After', () => {
  for (const [status, code] of [
    [429, 'source.rate_limited'],
    [503, 'source.unreachable'],
  ] as const) {
    it(`of ${status} that is longer than a pause may be ends the request, and the next are not sent`, async () => {
      scene = await TzktScene.open();
      const quiet: Quiet = { untilMs: 0, status: 429 };
      const { runtime } = createTzktFold();
      const config = testConfig({ url: scene.server.http });
      const rest = new TzktRest(config, runtime, quiet);
      const next = new TzktRest(config, runtime, quiet);
      try {
        scene.simulator.faults.arm({ name: 'rest-status', status, retryAfterSeconds: 7_200 });
        await assert.rejects(rest.get(query, signal), {
          code,
          context: { origin: rest.origin, status, retryAfterMs: 3_600_000 },
        });
        const { requests } = scene.server;
        await assert.rejects(next.get(query, signal), { code });
        assert.equal(scene.server.requests, requests);
        quiet.untilMs = runtime.clock.nowMs();
        assert.notEqual((await next.get(query, signal)).value, null);
      } finally {
        await rest.close();
        await next.close();
      }
    });
  }

  it('that is short is waited for', async () => {
    scene = await TzktScene.open();
    const { runtime } = createTzktFold();
    const rest = new TzktRest(
      testConfig({ url: scene.server.http, retryDelayMaxMs: 5_000 }),
      runtime,
    );
    try {
      scene.simulator.faults.arm({ name: 'rest-status', status: 503, retryAfterSeconds: 2 });
      await Promise.all([rest.get(query, signal), rest.get(query, signal)]);
      // Asked again once, and nothing in vain meanwhile.
      assert.equal(scene.server.requests, 3);
    } finally {
      await rest.close();
    }
  });
});
