/** One HTTP endpoint: whole responses, limits, and requests that are given up. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { after, describe, it } from 'node:test';
import type { Clock } from '../../../src/model/runtime.ts';
import { systemClock } from '../../../src/model/system-clock.ts';
import { HttpEndpoint } from '../../../src/transport/http.ts';

const servers: Server[] = [];
const endpoints: HttpEndpoint[] = [];

after(async () => {
  for (const endpoint of endpoints) await endpoint.close();
  for (const server of servers) server.close();
});

/** With one connection, and answers of at most 1,000 bytes. */
async function endpointOf(
  listener: RequestListener,
  clock: Clock = systemClock,
): Promise<HttpEndpoint> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const endpoint = new HttpEndpoint({
    url: `http://user:secret@127.0.0.1:${address.port}/base/`,
    connectionsMax: 1,
    timeoutMs: 30_000,
    responseBytesMax: 1_000,
    clock,
  });
  endpoints.push(endpoint);
  return endpoint;
}

const never = new AbortController().signal;

describe('an HTTP endpoint', () => {
  it('gives the whole response, whatever its status and in how many pieces it comes', async () => {
    const endpoint = await endpointOf((request, response) => {
      response.writeHead(404, { 'retry-after': '3' });
      response.write(`${request.method} ${request.url} `);
      setImmediate(() => response.end(String(request.headers['authorization'])));
    });
    const { status, retryAfterMs, frame } = await endpoint.get('/path', {}, never);
    const authorization = `Basic ${Buffer.from('user:secret').toString('base64')}`;
    assert.equal(frame.bytes.toString(), `GET /base/path ${authorization}`);
    assert.deepEqual([status, retryAfterMs], [404, 3_000]);
    assert.equal((await endpoint.get('/empty', {}, never)).status, 404);
  });

  it('cuts off what is over the limit, and goes on', async () => {
    const endpoint = await endpointOf((request, response) => {
      response.end('x'.repeat(request.url === '/base/long' ? 100_000 : 1_000));
    });
    await assert.rejects(endpoint.get('/long', {}, never), { code: 'transport.frame_too_large' });
    assert.equal((await endpoint.get('/short', {}, never)).frame.bytes.length, 1_000);
  });

  it('tells a response that ends too early, and shows no secret', async () => {
    const endpoint = await endpointOf((_request, response) => {
      response.writeHead(200, { 'content-length': '500' });
      response.write('half', () => response.destroy());
    });
    await assert.rejects(endpoint.get('/', {}, never), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'source.unreachable');
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  });

  it('gives up at once a response of which a part is there', async () => {
    const stop = new AbortController();
    let isAnswered = false;
    const isHeard = new EventEmitter();
    const heard = once(isHeard, 'headers');
    const nowUs = () => {
      if (isAnswered) isHeard.emit('headers');
      return systemClock.nowUs();
    };
    const endpoint = await endpointOf(
      (request, response) => {
        isAnswered = true;
        if (request.url === '/base/after') response.end('served');
        else response.write('half');
      },
      { ...systemClock, nowUs },
    );
    const half = endpoint.get('/half', {}, stop.signal);
    await heard;
    stop.abort(new Error('not wanted'));
    await assert.rejects(half, /not wanted/);
    const { frame } = await endpoint.get('/after', {}, never);
    assert.equal(frame.bytes.toString(), 'served');
  });

  it('gives up at once what is aborted: under way, or waiting for the connection', async () => {
    const seen: (string | undefined)[] = [];
    const arrivals = new EventEmitter();
    const arrived = once(arrivals, 'request');
    const endpoint = await endpointOf((request, response) => {
      seen.push(request.url);
      if (request.url === '/base/after') response.end('served');
      else arrivals.emit('request');
    });
    const [first, second] = [new AbortController(), new AbortController()];
    const underWay = endpoint.get('/under-way', {}, first.signal);
    const waiting = endpoint.get('/waiting', {}, second.signal);
    await arrived;
    second.abort(new Error('not wanted'));
    await assert.rejects(waiting, /not wanted/);
    first.abort(new Error('nor this'));
    await assert.rejects(underWay, /nor this/);
    const { frame } = await endpoint.get('/after', {}, never);
    assert.equal(frame.bytes.toString(), 'served');
    assert.deepEqual(seen, ['/base/under-way', '/base/after']);
    await assert.rejects(endpoint.get('/', {}, AbortSignal.abort(new Error('before'))), /before/);
  });
});
