/** What an operator gets whose configuration, services, topics, schemas or permissions are wrong. */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { until } from '../../src/devnet/until.ts';
import { withAdmin } from '../support/end-to-end/kafka-admin.ts';
import { FakeNode } from '../support/evm-node/fake-node.ts';
import { CommandRun, ommer } from '../support/operator/command-run.ts';
import { SecuredDevnet } from '../support/operator/secured-devnet.ts';
import type { Site } from '../support/operator/site.ts';

let devnet: SecuredDevnet;
let site: Site;
let node: FakeNode;

before(async () => {
  node = await FakeNode.start();
  node.grow('1a 2a 3a', '0a');
  devnet = await SecuredDevnet.start();
  site = devnet.site;
});

after(async () => {
  await CommandRun.stopAll();
  await node.close();
  await devnet.stop();
});

const source = () => ({ http: [node.http], ws: [node.ws] });

/** The run ended with this exit code, and its last error line has this code and message. */
async function refused(run: CommandRun, exitCode: number, code: string, message: RegExp) {
  assert.equal(await run.exitCode, exitCode, run.stderr);
  const line = run.lines.findLast(({ level }) => level === 'error');
  assert.equal(line?.code, code, run.stderr);
  assert.match(line?.err?.message ?? '', message);
  const noise = run.lines.filter(({ level }) => level === 'warn');
  assert.deepEqual(noise, [], 'a refusal is one line');
}

/** The preflight ended with this exit code, and this verdict says no. */
async function checked(file: string, exitCode: number, code: string, detail: RegExp) {
  const check = ommer('check', '--json', '--config', file);
  assert.equal(await check.exitCode, exitCode, check.stdout);
  const verdicts = check.objects.filter((verdict) => verdict['ok'] === false);
  assert.equal(verdicts[0]?.['code'], code, check.stdout);
  assert.match(String(verdicts[0]?.['detail']), detail);
  return verdicts;
}

test('all mistakes of a configuration are told at once, each with path, value and expectation', async () => {
  const file = site.file(`
kafka: { brokers: "x", tsl: {}, sasl: { mechanism: plain, username: u, password: 12345 } }
sources: { a: { kind: evm, chain: 1, http: [] }, b: { kind: emv } }
`);
  const run = ommer('run', '--config', file);
  assert.equal(await run.exitCode, 78);
  assert.match(run.stderr, /^ommer: config\.invalid: .* has 6 mistakes:$/m);
  assert.match(run.stderr, /^ {2}kafka\.brokers: is "x", expected a list of host:port$/m);
  assert.match(run.stderr, /^ {2}kafka\.tsl: is not an option; did you mean "tls"\?$/m);
  assert.match(run.stderr, /^ {2}sources\.a\.chain: is 1, expected a CAIP-2 id such as eip155:1$/m);
  assert.match(run.stderr, /^ {2}sources\.b\.kind: is "emv", .* did you mean "evm"\?$/m);
  assert.match(run.stderr, /^ {2}kafka\.sasl\.password: is "\[hidden\]", expected text$/m);
  assert.ok(!run.stderr.includes('12345'), 'no secret is shown');
  const missing = ommer('run', '--config', `${file}.not-there`);
  assert.equal(await missing.exitCode, 78);
  assert.match(missing.stderr, /config\.unreadable: .*\.not-there cannot be read \(ENOENT\)/);
});

test('a broker that refuses, and one that never answers, are reported within 20 s', async () => {
  const mute = createServer(() => undefined);
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  const address = mute.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const at = (broker: string) =>
    site.config({ prefix: 'no-broker', source: source(), kafka: { brokers: [broker] } });
  const [refusing, silent] = [at('127.0.0.1:1'), at(`127.0.0.1:${port}`)];
  const runs = [ommer('run', '--config', refusing), ommer('run', '--config', silent)];
  const says = /at 127\.0\.0\.1:\d+: .*Check that the brokers run, kafka\.brokers/;
  for (const run of runs) {
    await refused(run, 69, 'kafka.unreachable', says);
    assert.ok((run.tookMs ?? Number.NaN) < 20_000, `it took ${run.tookMs} ms`);
  }
  await checked(refusing, 69, 'kafka.unreachable', says);
  mute.close();
});

test('an unreachable registry, or another server in its place, ends with 69 before anything is published', async () => {
  const urls = {
    'http://127.0.0.1:1': /did not answer .* Check registry\.url/,
    [site.registryUrl.replace('/apis/', '/apes/')]: /HTTP 404 .* Confluent-compatible API/,
  };
  for (const [url, message] of Object.entries(urls)) {
    const file = site.config({ prefix: 'no-registry', source: source(), registry: { url } });
    await refused(ommer('run', '--config', file), 69, 'registry.unreachable', message);
  }
  assert.deepEqual(await site.published('no-registry'), nothing);
});

const nothing = { inserts: 0, retractions: 0, deadLetters: [], heights: [] };

test('a node of another chain ends with 65 and both ids', async () => {
  const other = await FakeNode.start();
  other.chainId = 5;
  const file = site.config({ prefix: 'wrong-chain', source: { http: [other.http] } });
  const says = /serves (chain )?eip155:5.*eip155:31337/;
  await refused(ommer('run', '--config', file), 65, 'source.wrong_chain', says);
  await checked(file, 65, 'source.wrong_chain', says);
  assert.deepEqual(await site.published('wrong-chain'), nothing);
  await other.close();
});

test('a topic with fewer partitions than configured, or than a pin needs, ends with 78', async () => {
  const prefix = 'fewer';
  const logs = site.topic(prefix, 'logs');
  await createTopic(logs, 1);
  const file = site.config({ prefix, source: source() });
  const says = /fewer\.eip155-31337\.logs.*should be 2, found 1.*ommer topics apply --grow/;
  await refused(ommer('run', '--config', file), 78, 'kafka.topic_partitions', says);
  await checked(file, 78, 'kafka.topic_partitions', says);
  const pins = { partitions: { '0x00000000000000000000000000000000000000c0': 7 } };
  const pinned = site.config({ prefix, source: { ...source(), routes: { logs: pins } } });
  const run = ommer('run', '--config', pinned);
  assert.equal(await run.exitCode, 78);
  assert.match(run.stderr, /routes\.logs\.partitions: pins .* to partition 7, but the topic has 2/);
  assert.equal(await ommer('topics', 'apply', '--grow', '--config', file).exitCode, 0);
  assert.equal(await ommer('check', '--config', file).exitCode, 0);
});

test('a changelog topic that is compacted ends with 78 and is left as it is', async () => {
  await createTopic(site.topic('compacted', 'logs'), 2, { 'cleanup.policy': 'compact' });
  const file = site.config({ prefix: 'compacted', source: source() });
  const says =
    /compacted\.eip155-31337\.logs.*should be delete, found compact\. Alter cleanup\.policy/;
  await refused(ommer('run', '--config', file), 78, 'kafka.topic_cleanup_policy', says);
  await checked(file, 78, 'kafka.topic_cleanup_policy', says);
  assert.equal(await ommer('topics', 'plan', '--config', file).exitCode, 78);
});

test('a subject with an incompatible schema ends with 65 and the registry’s reason', async () => {
  const prefix = 'incompatible';
  const subject = `${site.topic(prefix, 'logs')}-value`;
  const schema = '{"type":"record","name":"X","fields":[{"name":"a","type":"int"}]}';
  await register(`/subjects/${subject}/versions`, 'POST', { schema });
  await register(`/config/${subject}`, 'PUT', { compatibility: 'FULL_TRANSITIVE' });
  const file = site.config({ prefix, source: source() });
  const says = /incompatible\.eip155-31337\.logs-value already has a schema .*topics\.prefix/;
  await refused(ommer('run', '--config', file), 65, 'registry.incompatible_schema', says);
  const [verdict] = await checked(file, 65, 'registry.incompatible_schema', /new topics/);
  assert.equal(verdict?.['name'], `schema ${subject}`);
  assert.equal(await ommer('schemas', 'check', '--config', file).exitCode, 65);
  assert.deepEqual(await site.published(prefix), nothing);
});

test('a wrong password ends with 77 and names the option', async () => {
  const kafka = devnet.restricted('close sesame');
  const file = site.config({ prefix: 'password', source: source(), kafka });
  const says = /Authentication failed.*Check kafka\.sasl/;
  const run = ommer('run', '--config', file);
  await refused(run, 77, 'kafka.not_authorized', says);
  assert.ok(!run.stderr.includes('close sesame'));
  await checked(file, 77, 'kafka.not_authorized', says);
});

test('each missing permission ends with 77 in check and in run and names what it is about', async () => {
  const prefix = 'permissions';
  const file = site.config({ prefix, source: source(), kafka: devnet.restricted() });
  const run = () => ommer('run', '--config', file);
  const both = async (says: RegExp) => {
    await checked(file, 77, 'kafka.not_authorized', says);
    const under = run();
    assert.equal(await under.exitCode, 77, under.stderr);
    const last = under.lines.findLast(({ level }) => level === 'error');
    assert.equal(last?.code, 'kafka.not_authorized');
    assert.match(last?.err?.message ?? '', says);
  };
  await both(/create topics .*permissions\.eip155-31337\.logs.*Grant .*Create/);
  await devnet.grant('create', 'topic', prefix);
  await devnet.grant('describe', 'topic', prefix);
  await devnet.grant('describeConfigs', 'topic', prefix);
  await both(/grant Write and Describe on transactional id "permissions-main-0"/);
  await devnet.grant('describe', 'transactionalId', prefix);
  await both(/grant Write and Describe on transactional id "permissions-main-0"/);
  await devnet.grant('write', 'transactionalId', prefix);
  await both(/grant Write on topic "permissions\.eip155-31337\.blocks"/);
  await devnet.grant('write', 'topic', prefix);
  await both(/grant Read on topic "permissions\.eip155-31337\.blocks"/);
  assert.deepEqual(await site.published(prefix), nothing, 'trying has written nothing');
  await devnet.grant('read', 'topic', prefix);
  assert.equal(await ommer('check', '--config', file).exitCode, 0);
  const permitted = run();
  await permitted.status(({ published }) => published?.height === 3);
  assert.equal(await permitted.stop(), 0);
});

async function createTopic(topic: string, partitions: number, settings = {}): Promise<void> {
  const configEntries = Object.entries(settings).map(([name, value]) => ({
    name,
    value: String(value),
  }));
  const topics = [{ topic, numPartitions: partitions, configEntries }];
  await withAdmin(site.brokers, async (admin) => {
    await admin.createTopics({ topics, waitForLeaders: false });
    // A run that does not see it yet would want to create it.
    const isThere = async () => (await admin.listTopics()).includes(topic) || undefined;
    assert.ok(await until(isThere, { timeoutMs: 60_000 }));
  });
}

async function register(path: string, method: string, body: unknown): Promise<void> {
  const headers = { 'content-type': 'application/vnd.schemaregistry.v1+json' };
  const request = { method, headers, body: JSON.stringify(body) };
  const response = await fetch(`${site.registryUrl}${path}`, request);
  assert.equal(response.status, 200, await response.text());
}
