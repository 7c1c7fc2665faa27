/** A connection reports every frame and says why it ended. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { WebSocketServer } from 'ws';
import { WebSocketConnection, type WebSocketOptions } from '../../../src/transport/websocket.ts';
import { WallClock } from '../../support/sources/wall-clock.ts';

let server: WebSocketServer;
beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1', autoPong: false });
  await once(server, 'listening');
});
afterEach(() => {
  for (const client of server.clients) client.terminate();
  server.close();
});

function connect(overrides: Partial<WebSocketOptions> = {}): WebSocketConnection {
  return new WebSocketConnection({
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/v3/hunter2`,
    openTimeoutMs: 1_000,
    pingIntervalMs: 60_000,
    messageBytesMax: 1_000,
    queue: { itemsMax: 100, bytesMax: 100_000 },
    clock: new WallClock(),
    ...overrides,
  });
}

/** Frames until the end, and the end. */
async function drain(connection: WebSocketConnection): Promise<{ texts: string[]; end: Error }> {
  const texts: string[] = [];
  for (;;) {
    await connection.frames.ready();
    try {
      const frame = connection.frames.take();
      if (frame !== undefined) texts.push(frame.bytes.toString());
    } catch (end) {
      assert(end instanceof Error);
      return { texts, end };
    }
  }
}

const signal = new AbortController().signal;

describe('a connection', () => {
  it('gives the frames that came before the first reader, then close code and reason', async () => {
    server.on('connection', (socket) => {
      socket.send('one');
      socket.send('two');
      socket.close(4001, 'go away');
    });
    const connection = connect();
    await connection.opened(signal);
    const { texts, end } = await drain(connection);
    assert.deepEqual(texts, ['one', 'two']);
    assert.match(end.message, /closed with code 4001 \(go away\)\.$/);
  });

  it('does not repeat a key that the peer quotes when it closes', async () => {
    server.on('connection', (socket) => socket.close(1008, 'no key hunter2-key'));
    const connection = connect({ headers: { authorization: 'Bearer hunter2-key' } });
    await connection.opened(signal);
    const { end } = await drain(connection);
    assert.match(end.message, /closed with code 1008 \(no key \[hidden\]\)/);
  });

  it('ends when the peer does not answer a ping, although the socket is open', async () => {
    const connection = connect({ pingIntervalMs: 30 });
    await connection.opened(signal);
    const { end } = await drain(connection);
    assert.match(end.message, /did not answer a ping within 30 ms/);
  });

  it('stays open while pings are answered', async () => {
    server.on('connection', (socket) => {
      let pings = 0;
      socket.on('ping', () => {
        socket.pong();
        pings += 1;
        if (pings === 4) socket.close(1000, 'enough');
      });
    });
    const connection = connect({ pingIntervalMs: 20 });
    await connection.opened(signal);
    assert.match((await drain(connection)).end.message, /code 1000 \(enough\)/);
  });

  it('refuses a message over the limit', async () => {
    server.on('connection', (socket) => socket.send('x'.repeat(2_000)));
    const connection = connect();
    await connection.opened(signal);
    const { end } = await drain(connection);
    assert.equal('code' in end && end.code, 'transport.frame_too_large');
  });

  it('ends with an overflow when it is filled faster than it is read', async () => {
    server.on('connection', (socket) => {
      for (let index = 0; index < 10; index += 1) socket.send(String(index));
    });
    const connection = connect({ queue: { itemsMax: 5, bytesMax: 1_000 } });
    await connection.opened(signal);
    await new Promise((resolve) => {
      server.clients.forEach((client) => {
        client.once('close', resolve);
      });
    });
    const { texts, end } = await drain(connection);
    assert.deepEqual(texts, ['0', '1', '2', '3', '4']);
    assert.equal('code' in end && end.code, 'transport.queue_overflow');
  });

  it('that is refused names the origin only', async () => {
    server.options.verifyClient = () => false;
    const connection = connect();
    await assert.rejects(connection.opened(signal), (error: unknown) => {
      assert(error instanceof Error && 'code' in error);
      assert.equal(error.code, 'source.unreachable');
      assert.match(error.message, /^No WebSocket could be opened to ws:\/\/127\.0\.0\.1:\d+:/);
      assert(!error.message.includes('hunter2'));
      return true;
    });
  });

  it('stops opening when aborted', async () => {
    const stop = new AbortController();
    const connection = connect();
    const opening = connection.opened(stop.signal);
    stop.abort(new Error('stopped'));
    await assert.rejects(opening, /stopped/);
  });
});
