import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import {
  RegistryClient,
  type RegistryClientOptions,
} from '../../../src/encoding/registry-client.ts';
import { PipelineError, TransientError } from '../../../src/model/errors.ts';

type Answer = readonly [status: number, body: string] | 'drop' | 'silence';

interface Seen {
  readonly requests: { readonly line: string; readonly authorization: string | undefined }[];
  readonly delays: number[];
  readonly client: RegistryClient;
}

const ok: Answer = [200, '["a"]'];

/** A client of a server that gives these answers, one per request, the last one for ever. */
async function clientOf(
  context: TestContext,
  answers: readonly Answer[],
  changes: Partial<RegistryClientOptions> = {},
): Promise<Seen> {
  const requests: Seen['requests'] = [];
  const delays: number[] = [];
  const lineOf = (request: IncomingMessage) => `${request.method} ${request.url}`;
  const server = createServer((request, response) => {
    requests.push({ line: lineOf(request), authorization: request.headers.authorization });
    const answer = answers[Math.min(requests.length, answers.length) - 1] ?? ok;
    if (answer === 'silence') return;
    if (answer === 'drop') request.socket.destroy();
    else response.writeHead(answer[0], { 'content-type': 'application/json' }).end(answer[1]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const sleep = (ms: number) => {
    delays.push(ms);
    return Promise.resolve();
  };
  const client = new RegistryClient({
    url: `http://127.0.0.1:${port}/apis/ccompat/v7/`,
    auth: null,
    timeoutMs: 30_000,
    attemptsMax: 3,
    retryDelayMs: 100,
    clock: { nowMs: () => 0, nowUs: () => 0, sleep },
    random: () => 0.5,
    ...changes,
  });
  return { requests, delays, client };
}

async function refusal(promise: Promise<unknown>): Promise<PipelineError> {
  const error = await promise.catch((cause: unknown) => cause);
  assert.ok(error instanceof PipelineError, String(error));
  return error;
}

test('errors of the server, dropped and silent connections are tried again with back-off', async (t) => {
  const { client, requests, delays } = await clientOf(t, [
    [503, '{"message":"later"}'],
    'drop',
    ok,
  ]);
  assert.deepEqual(await client.subjects(), ['a']);
  assert.deepEqual(
    requests.map((request) => request.line),
    Array(3).fill('GET /apis/ccompat/v7/subjects'),
  );
  assert.deepEqual(delays, [100, 200]);
  const silent = await clientOf(t, ['silence', ok], { timeoutMs: 300, attemptsMax: 50 });
  assert.deepEqual(await silent.client.subjects(), ['a']);
});

test('attempts are bounded and the last problem is told', async (t) => {
  const { client, requests } = await clientOf(t, [[500, '{"message":"disk full"}']]);
  const error = await refusal(client.subjects());
  assert.ok(error instanceof TransientError);
  assert.equal(error.code, 'registry.unreachable');
  assert.match(error.message, /GET \/subjects in 3 attempts: HTTP 500 disk full/);
  assert.equal(requests.length, 3);
});

test('credentials go into the header and never into a message', async (t) => {
  const auth = { username: 'joan', password: 'S3cret' };
  const { client, requests } = await clientOf(t, [[401, '{"message":"who?"}']], { auth });
  const error = await refusal(client.register('logs-value', '"long"'));
  assert.equal(error.code, 'registry.not_authorized');
  assert.equal(requests.length, 1, 'a refusal is not tried again');
  const encoded = Buffer.from('joan:S3cret').toString('base64');
  assert.equal(requests[0]?.authorization, `Basic ${encoded}`);
  const told = JSON.stringify([error.message, error.context, error.stack]);
  for (const secret of ['S3cret', encoded]) assert.ok(!told.includes(secret));
});

test('an incompatible schema is fatal with the reason of the registry', async (t) => {
  const { client } = await clientOf(t, [[409, '{"message":"field x has no default"}']]);
  const error = await refusal(client.register('logs-value', '"long"'));
  assert.equal(error.code, 'registry.incompatible_schema');
  assert.match(error.message, /Subject logs-value .* field x has no default.*new topics/);
});

test('an unknown id is fatal, a known one is asked for once', async (t) => {
  const { client, requests } = await clientOf(t, [
    [404, '{"error_code":40403,"message":"Schema not found"}'],
    [200, '{"schema":"\\"long\\""}'],
  ]);
  const error = await refusal(client.byId(7));
  assert.equal(error.code, 'registry.unknown_schema_id');
  assert.match(error.message, /does not know schema id 7/);
  assert.equal(await client.byId(7), '"long"');
  assert.equal(await client.byId(7), '"long"');
  assert.equal(requests.length, 2);
});

test('something that is no schema registry is recognised', async (t) => {
  const page = await clientOf(t, [[200, '<html>hello</html>']]);
  assert.match((await refusal(page.client.subjects())).message, /Confluent-compatible API/);
  const wrongPath = await clientOf(t, [[404, 'not here']]);
  const error = await refusal(wrongPath.client.register('a', '"long"'));
  assert.match(error.message, /HTTP 404.*registry\.url is the base/);
});
