/** The HTTP port: what each path answers, and that it is closed for good. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { Script } from 'node:vm';
import { FatalError } from '../../../src/model/errors.ts';
import { type HttpServer, openHttpServer } from '../../../src/observability/http-server.ts';
import { createMetrics } from '../../../src/observability/metrics.ts';
import { createStatusBoard } from '../../../src/observability/status.ts';

const board = createStatusBoard(() => 0);
const options = { host: '127.0.0.1', port: 0, metrics: createMetrics(), board, version: '1.2.3' };
let server: HttpServer;

async function get(
  path: string,
  init?: RequestInit,
): Promise<{ status: number; body: string; type: string }> {
  const response = await fetch(server.url + path, init);
  return {
    status: response.status,
    body: await response.text(),
    type: response.headers.get('content-type') ?? '',
  };
}

describe('the HTTP port', () => {
  before(async () => {
    server = await openHttpServer(options);
  });
  after(() => server.close());

  it('is healthy as soon as it answers', async () => {
    assert.deepEqual(await get('/healthz'), {
      status: 200,
      body: 'ok\n',
      type: 'text/plain; charset=utf-8',
    });
  });

  it('is ready when every source is', async () => {
    board.source('a', { kind: 'evm', chain: 'c' }).update({ state: 'restoring' });
    const early = await get('/readyz');
    assert.deepEqual([early.status, early.body], [503, 'a: restoring\n']);
    board.source('a').update({ state: 'catching_up' });
    const ready = await get('/readyz?verbose=1');
    assert.deepEqual([ready.status, ready.body], [200, 'ready\n']);
  });

  it('serves metrics in the form Prometheus reads', async () => {
    options.metrics.add('reorgs', { source: 'a' });
    const { body, type } = await get('/metrics');
    assert.match(type, /^text\/plain; version=0\.0\.4/);
    assert.match(body, /ommer_reorgs_total\{source="a"\} 1/);
  });

  it('serves the status as JSON and a page whose program runs without the network', async () => {
    const status = JSON.parse((await get('/api/status')).body) as {
      version: string;
      sources: { name: string }[];
    };
    assert.equal(status.version, '1.2.3');
    assert.deepEqual(
      status.sources.map(({ name }) => name),
      ['a'],
    );
    const page = (await get('/')).body;
    assert.doesNotMatch(page, /(src|href)="https?:/);
    for (const [, path] of page.matchAll(/(?:src|href)="(\/[^"]*)"/g)) {
      assert.ok((await get(path ?? '')).status !== 404, path);
    }
    // Throws when the program is not valid JavaScript.
    new Script((await get('/status.js')).body);
  });

  it('refuses other paths and other methods', async () => {
    assert.equal((await get('/etc/passwd')).status, 404);
    assert.equal((await get('/healthz', { method: 'POST' })).status, 405);
  });

  it('says which address is taken', async () => {
    const port = Number(new URL(server.url).port);
    await assert.rejects(
      openHttpServer({ ...options, port }),
      (error) =>
        error instanceof FatalError &&
        error.code === 'http.address_unavailable' &&
        error.message.includes(`127.0.0.1:${port} (EADDRINUSE)`),
    );
  });
});

describe('a closed HTTP port', () => {
  it('does not wait for a client that never finishes its request', { timeout: 5000 }, async () => {
    const closing = await openHttpServer(options);
    const client = connect(Number(new URL(closing.url).port), '127.0.0.1');
    client.on('error', () => undefined);
    client.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz');
    await once(client, 'data');
    await closing.close();
    client.destroy();
  });

  it('answers nobody, however often it is closed', async () => {
    const closing = await openHttpServer(options);
    await fetch(`${closing.url}/healthz`);
    await closing.close();
    await closing.close();
    await assert.rejects(fetch(`${closing.url}/healthz`));
  });
});
