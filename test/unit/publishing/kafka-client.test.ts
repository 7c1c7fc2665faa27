import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { createServer, type Server, Socket } from 'node:net';
import { mock, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { LogFields, Logger } from '../../../src/model/runtime.ts';
import { createKafkaClient } from '../../../src/publishing/kafka-client.ts';
import { assertVersion, requestQueueClass } from '../../../src/publishing/kafkajs-internals.ts';
import { patchRequestQueue } from '../../../src/publishing/kafkajs-patch.ts';

interface Line {
  readonly level: string;
  readonly fields: LogFields;
}

function recordingLogger(lines: Line[]): Logger {
  const write = (level: string) => (fields: LogFields) => {
    lines.push({ level, fields });
  };
  const logger: Logger = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => logger,
  };
  return logger;
}

async function silentServer(): Promise<{ server: Server; address: string }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const at = server.address();
  const port = typeof at === 'object' && at !== null ? at.port : 0;
  return { server, address: `127.0.0.1:${port}` };
}

function settings(address: string) {
  return {
    brokers: [address],
    clientId: 'test',
    tls: null,
    sasl: { mechanism: 'plain', username: 'me', password: 'a-secret' } as const,
    connectionTimeoutMs: 2_000,
    requestTimeoutMs: 10_000,
  };
}

test('only the kafkajs whose internals are used is accepted', () => {
  assertVersion('2.2.4');
  assert.throws(() => assertVersion('2.2.5'), /2\.2\.5 is installed/);
});

test('sockets send small requests at once, and kill ends what waits without a word of the secret', async () => {
  const { server, address } = await silentServer();
  const noDelay = mock.method(Socket.prototype, 'setNoDelay');
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const lines: Line[] = [];
  const client = createKafkaClient(settings(address), recordingLogger(lines));
  const connecting = client.admin().connect();
  connecting.catch(() => undefined);
  const socket = await accepted;
  assert.ok(noDelay.mock.calls.some(({ arguments: [isOn] }) => isOn === true));
  noDelay.mock.restore();
  await new Promise((resolve) => socket.once('data', resolve));
  const ended = new Promise((resolve) => socket.once('close', resolve));
  socket.resume();
  client.kill();
  await assert.rejects(connecting);
  await ended;
  assert.ok(!JSON.stringify(lines).includes('a-secret'));
  assert.ok(lines.every(({ level }) => level === 'debug'));
  server.close();
});

test('an idle connection arms no timer', async () => {
  patchRequestQueue();
  const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue');
  assert.ok(Object.is(RequestQueue, requestQueueClass));
  const logger = { namespace: () => logger, debug: () => undefined };
  const queue = new RequestQueue({ maxInFlightRequests: 1, requestTimeout: 1_000, logger });
  const checks = mock.method(queue, 'checkPendingRequests');
  queue.checkPendingRequests();
  await delay(30);
  assert.equal(checks.mock.callCount(), 1);
});

test('a request that waits for its turn is still looked at again', async () => {
  patchRequestQueue();
  const RequestQueue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue');
  const logger = { namespace: () => logger, debug: () => undefined };
  const queue = new RequestQueue({ maxInFlightRequests: 1, requestTimeout: 1_000, logger });
  queue.throttledUntil = Date.now() + 20;
  const sent = new Promise<void>((resolve) => {
    const entry = { correlationId: 1, resolve: () => undefined, reject: () => undefined };
    queue.push({ entry, expectResponse: true, sendRequest: resolve });
  });
  await sent;
  queue.destroy();
});
