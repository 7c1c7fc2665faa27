import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { after, afterEach, before, test } from 'node:test';
import { type FaultProxy, openFaultProxy } from '../../../src/devnet/fault-proxy.ts';
import { apiKeys } from '../../../src/devnet/kafka-frames.ts';
import { FramedClient, type FramedServer, openFramedServer } from './framed-server.ts';

let server: FramedServer;
let proxy: FaultProxy;
const clients: FramedClient[] = [];

function client(): FramedClient {
  const opened = new FramedClient(proxy.port);
  clients.push(opened);
  return opened;
}

before(async () => {
  server = await openFramedServer();
  proxy = await openFaultProxy({ target: () => server.port });
});

afterEach(() => {
  proxy.pass();
  for (const opened of clients.splice(0)) opened.close();
});

after(async () => {
  await proxy.close();
  await server.close();
});

test('requests and answers pass, and are counted by key', async () => {
  const asking = client();
  await asking.ask(apiKeys.metadata, 1);
  await asking.ask(apiKeys.metadata, 2);
  assert.deepEqual(asking.answers, [1, 2]);
  assert.equal(proxy.seen(apiKeys.metadata), 2);
});

test('a swallowed answer is missing, the request was carried out, and what follows passes', async () => {
  const asking = client();
  const fault = proxy.onRequest(apiKeys.produce, 'swallow-response');
  void asking.ask(apiKeys.produce, 10);
  await fault.struck;
  await asking.ask(apiKeys.produce, 11);
  assert.deepEqual(asking.answers, [11]);
  assert.ok(server.carriedOut.includes(10));
});

test('the nth request of a key is struck and no other', async () => {
  const asking = client();
  const fault = proxy.onRequest(apiKeys.endTxn, 'swallow-response', 2);
  await asking.ask(apiKeys.endTxn, 20);
  await asking.ask(apiKeys.fetch, 21);
  void asking.ask(apiKeys.endTxn, 22);
  await fault.struck;
  await asking.ask(apiKeys.endTxn, 23);
  assert.deepEqual(asking.answers, [20, 21, 23]);
});

test('cut-before ends the connection and the request never arrives', async () => {
  const asking = client();
  const fault = proxy.onRequest(apiKeys.produce, 'cut-before');
  void asking.ask(apiKeys.produce, 30);
  await Promise.all([fault.struck, asking.closed]);
  await client().ask(apiKeys.produce, 31);
  assert.ok(!server.carriedOut.includes(30));
});

test('cut-after ends the connection once the request was carried out', async () => {
  const asking = client();
  const fault = proxy.onRequest(apiKeys.initProducerId, 'cut-after');
  void asking.ask(apiKeys.initProducerId, 40);
  await Promise.all([fault.struck, asking.closed]);
  assert.ok(server.carriedOut.includes(40));
  assert.deepEqual(asking.answers, []);
});

test('a held request arrives when it is released, in its order', async () => {
  const asking = client();
  const fault = proxy.onRequest(apiKeys.endTxn, 'hold');
  void asking.ask(apiKeys.endTxn, 50);
  const second = asking.ask(apiKeys.fetch, 51);
  await fault.struck;
  await client().ask(apiKeys.fetch, 52);
  assert.ok(!server.carriedOut.includes(50));
  fault.release();
  await second;
  assert.deepEqual(asking.answers, [50, 51]);
});

test('a fault taken back does not strike', async () => {
  const asking = client();
  proxy.onRequest(apiKeys.produce, 'cut-before').release();
  await asking.ask(apiKeys.produce, 60);
  assert.deepEqual(asking.answers, [60]);
});

test('swallowing drops the answers of present connections until pass', async () => {
  const asking = client();
  await asking.ask(apiKeys.fetch, 70);
  proxy.swallowResponses();
  void asking.ask(apiKeys.fetch, 71);
  const fault = proxy.onRequest(apiKeys.listOffsets, 'swallow-response');
  void asking.ask(apiKeys.listOffsets, 72);
  await fault.struck;
  proxy.pass();
  await asking.ask(apiKeys.fetch, 73);
  assert.deepEqual(asking.answers, [70, 73]);
});

test('a delayed answer arrives later and in order', async () => {
  const asking = client();
  proxy.delay(60);
  const started = performance.now();
  await Promise.all([asking.ask(apiKeys.fetch, 80), asking.ask(apiKeys.fetch, 81)]);
  assert.ok(performance.now() - started >= 55);
  assert.deepEqual(asking.answers, [80, 81]);
});

test('cut ends present connections, refuse also new ones, pass serves again', async () => {
  const asking = client();
  await asking.ask(apiKeys.fetch, 90);
  proxy.cut();
  await asking.closed;
  await client().ask(apiKeys.fetch, 91);
  proxy.refuse();
  await client().closed;
  proxy.pass();
  await client().ask(apiKeys.fetch, 92);
});

test('a raw proxy passes bytes that are no Kafka frames', async () => {
  const echo = createServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const address = echo.address();
  assert.ok(typeof address === 'object' && address !== null);
  const raw = await openFaultProxy({ target: () => address.port, protocol: 'raw' });
  const socket = connect(raw.port, '127.0.0.1');
  socket.write('GET / HTTP/1.1');
  const [bytes] = await once(socket, 'data');
  assert.equal(String(bytes), 'GET / HTTP/1.1');
  socket.destroy();
  await raw.close();
  echo.close();
});
