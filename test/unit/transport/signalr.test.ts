/** A SignalR connection reports every frame, in order and with all digits, and says why it ended. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type WebSocket, WebSocketServer } from 'ws';
import { TransientError } from '../../../src/model/errors.ts';
import type { HubFrame } from '../../../src/transport/hub-protocol.ts';
import { SignalRConnection, type SignalROptions } from '../../../src/transport/signalr.ts';
import { WallClock } from '../../support/sources/wall-clock.ts';

const end = '\u001e';
let server: WebSocketServer;
/** What the hub does once it is open, and for each later frame of the client. */
let greet: (socket: WebSocket) => void;
let answer: (frame: Record<string, unknown>, socket: WebSocket) => void;
let connection: SignalRConnection;

function hear(text: string, socket: WebSocket): void {
  for (const part of text.split(end).filter(Boolean)) {
    const frame = JSON.parse(part);
    // The client's first ping says that it has taken the handshake's answer in.
    if (frame.type === 6) greet(socket);
    else answer(frame, socket);
  }
}

beforeEach(async () => {
  greet = () => undefined;
  answer = () => undefined;
  server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket) => {
    socket.once('message', () => {
      socket.send(`{}${end}`);
      socket.on('message', (data: Buffer) => hear(data.toString(), socket));
    });
  });
  await once(server, 'listening');
});
afterEach(async () => {
  await connection?.close();
  for (const client of server.clients) client.terminate();
  server.close();
});

function connect(overrides: Partial<SignalROptions> = {}): SignalRConnection {
  connection = new SignalRConnection({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/ws?apikey=hunter2`,
    headers: {},
    negotiate: false,
    openTimeoutMs: 2_000,
    serverTimeoutMs: 30_000,
    keepAliveMs: 10_000,
    messageBytesMax: 10_000,
    queue: { itemsMax: 100, bytesMax: 100_000 },
    clock: new WallClock(),
    ...overrides,
  });
  return connection;
}

async function drain(): Promise<{ frames: HubFrame[]; ending: TransientError }> {
  const frames: HubFrame[] = [];
  for (;;) {
    await connection.frames.ready();
    try {
      const frame = connection.frames.take();
      if (frame !== undefined) frames.push(frame);
    } catch (ending) {
      assert(ending instanceof TransientError);
      assert.doesNotMatch(ending.message, /hunter2/);
      return { frames, ending };
    }
  }
}

const { signal } = new AbortController();
const call = (target: string, ...args: unknown[]) =>
  `${JSON.stringify({ type: 1, target, arguments: args })}${end}`;

describe('a SignalR connection', () => {
  it('gives glued calls in order, before the answer that follows them', async () => {
    answer = (frame, socket) => {
      if (frame['type'] !== 1) return;
      assert.deepEqual([frame['target'], frame['arguments']], ['SubscribeToBlocks', [{ a: 1 }]]);
      const completion = JSON.stringify({
        type: 3,
        invocationId: frame['invocationId'],
        result: 7,
      });
      const large = `{"type":1,"target":"blocks","arguments":[{"state":9007199254740993}]}${end}`;
      socket.send(`${call('blocks', { type: 0, state: 7 })}${large}${completion}${end}`);
    };
    await connect().opened(signal);
    assert.equal(await connection.call('SubscribeToBlocks', [{ a: 1 }], signal), 7);
    const frames = [connection.frames.take(), connection.frames.take()];
    assert.deepEqual(
      frames.map((frame) => frame?.kind === 'call' && [frame.target, frame.arguments]),
      [
        ['blocks', [{ type: 0, state: 7 }]],
        ['blocks', [{ state: 9007199254740993n }]],
      ],
    );
  });

  it('hands over what is unreadable with its text, and goes on', async () => {
    greet = (socket) => {
      socket.send(`{"type":1,"target":5}${end}{oops${end}{"type":42}${end}${call('fine')}`);
      socket.send(`{"type":3,"result":7}${end}`);
      socket.send('{"type":6}');
      socket.close(4001, 'go away');
    };
    await connect().opened(signal);
    const { frames, ending } = await drain();
    assert.deepEqual(
      frames.map((frame) =>
        frame.kind === 'call' ? frame.target : `${frame.text} ${frame.reason}`,
      ),
      [
        '{"type":1,"target":5} is of type 1, which the protocol has not',
        '{oops is not JSON',
        '{"type":42} is of type 42, which the protocol has not',
        'fine',
        '{"type":3,"result":7} lacks members of its type',
        '{"type":6} does not end with the record separator',
      ],
    );
    assert.match(ending.message, /closed with code 4001 \(go away\)/);
    assert.equal(ending.code, 'source.session_lost');
  });

  it('ends with the words of a close frame, with and without leave to come back', async () => {
    for (const [frame, words] of [
      [
        { type: 7, error: 'HubException: Connections limit exceeded' },
        /Connections limit exceeded/,
      ],
      [{ type: 7, allowReconnect: true }, /was closed by the server\.$/],
    ] as const) {
      greet = (socket) => socket.send(`${JSON.stringify(frame)}${end}`);
      await connect()
        .opened(signal)
        .catch(() => undefined);
      assert.match((await drain()).ending.message, words);
    }
  });

  it('ends when the server falls silent, although the socket is open', async () => {
    await connect({ serverTimeoutMs: 1_000 }).opened(signal);
    assert.match((await drain()).ending.message, /has sent nothing for 1000 ms/);
  });

  it('ends with its own code for a message over the limit and for a full queue', async () => {
    greet = (socket) => socket.send(call('x'.repeat(20_000)));
    await connect().opened(signal);
    assert.equal((await drain()).ending.code, 'transport.frame_too_large');
    greet = (socket) => socket.send(call('a').repeat(5));
    await connect({ queue: { itemsMax: 3, bytesMax: 1_000 } }).opened(signal);
    const { frames, ending } = await drain();
    assert.deepEqual([frames.length, ending.code], [3, 'transport.queue_overflow']);
  });

  it('throws the words of a refused call, and goes on', async () => {
    answer = (frame, socket) => {
      if (frame['type'] !== 1) return;
      const error = 'An unexpected error. HubException: Invalid operation type';
      const completion = { type: 3, invocationId: frame['invocationId'], error };
      socket.send(`${JSON.stringify(completion)}${end}`);
    };
    await connect().opened(signal);
    await assert.rejects(connection.call('SubscribeToOperations', [], signal), {
      code: 'source.unsupported',
      message: /refused SubscribeToOperations: .*HubException: Invalid operation type/,
    });
    assert.equal(connection.frames.take(), undefined);
  });

  it('hides its secrets in what the server says', async () => {
    const secret = 'key-of-the-paid-tier';
    const error = `hunter2 and ${secret} are not valid`;
    const hidden = /\[hidden\] and \[hidden\] are not valid/;
    const options = { headers: { apikey: secret } };
    answer = (frame, socket) => {
      if (frame['type'] !== 1) return;
      const completion = { type: 3, invocationId: frame['invocationId'], error };
      socket.send(`${JSON.stringify(completion)}${end}${JSON.stringify({ type: 7, error })}${end}`);
    };
    await connect(options).opened(signal);
    await assert.rejects(connection.call('Subscribe', [], signal), { message: hidden });
    assert.match((await drain()).ending.message, hidden);
    greet = (socket) => socket.close(4001, error);
    await connect(options).opened(signal);
    assert.match((await drain()).ending.message, hidden);
    server.removeAllListeners('connection');
    server.on('connection', (socket) => {
      socket.once('message', () => socket.send(`${JSON.stringify({ error })}${end}`));
    });
    await assert.rejects(connect(options).opened(signal), { message: hidden });
  });

  it('throws when a call is not answered in time or the connection is lost meanwhile', async () => {
    await connect({ openTimeoutMs: 200 }).opened(signal);
    await assert.rejects(connection.call('Subscribe', [], signal), {
      code: 'source.session_lost',
      message: /did not answer Subscribe in time/,
    });
    answer = (frame, socket) => {
      if (frame['type'] === 1) socket.terminate();
    };
    await connect().opened(signal);
    await assert.rejects(connection.call('Subscribe', [], signal), { code: 'source.session_lost' });
  });

  it('says why the hub ended it while it was opened', async () => {
    server.removeAllListeners('connection');
    server.on('connection', (socket) => {
      socket.once('message', () =>
        socket.send(`{}${end}{"type":7,"error":"limit exceeded"}${end}`),
      );
    });
    const opening = connect().opened(signal);
    await assert.rejects(
      opening.then(() => drain()).then(({ ending }) => Promise.reject(ending)),
      {
        message: /closed by the server \(limit exceeded\)/,
      },
    );
  });

  it('stops asking for a connection id when aborted, and says who ended a call', async () => {
    const http = createServer(() => stop.abort(new Error('enough')));
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const stop = new AbortController();
    const { port } = http.address() as AddressInfo;
    try {
      const url = `http://127.0.0.1:${port}/v1/ws?apikey=hunter2`;
      const opening = connect({ url, negotiate: true, openTimeoutMs: 600_000 });
      await assert.rejects(opening.opened(stop.signal), /enough/);
      await opening.close();
    } finally {
      http.closeAllConnections();
      http.close();
    }
    answer = (frame, socket) => {
      if (frame['type'] === 1) socket.send(`{"type":7,"allowReconnect":true}${end}`);
    };
    await connect().opened(signal);
    await assert.rejects(connection.call('Subscribe', [], signal), {
      message: /was closed by the server\.$/,
    });
  });

  it('gives up at once a call that is aborted', async () => {
    const stop = new AbortController();
    answer = (frame) => {
      if (frame['type'] === 1) stop.abort(new Error('enough'));
    };
    await connect({ openTimeoutMs: 600_000 }).opened(signal);
    await assert.rejects(connection.call('Subscribe', [], stop.signal), /enough/);
  });

  it('cannot be opened where nothing listens, and stops opening when aborted', async () => {
    const nowhere = connect({ url: 'http://127.0.0.1:1/v1/ws?apikey=hunter2' });
    await assert.rejects(nowhere.opened(signal), (error: Error) => {
      assert.doesNotMatch(error.message, /hunter2/);
      return error instanceof TransientError && error.code === 'source.unreachable';
    });
    const stop = new AbortController();
    server.removeAllListeners('connection');
    server.once('connection', () => stop.abort(new Error('enough')));
    await assert.rejects(connect().opened(stop.signal), /enough/);
  });
});
