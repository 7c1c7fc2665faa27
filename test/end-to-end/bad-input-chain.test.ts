/** What an operator gets whose node, checkpoint or records are wrong: nothing is lost or retracted. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { until } from '../../src/devnet/until.ts';
import { topicResource } from '../../src/publishing/kafkajs-internals.ts';
import { withAdmin } from '../support/end-to-end/kafka-admin.ts';
import { AnvilChain } from '../support/evm-node/anvil-chain.ts';
import { hashOf } from '../support/evm-node/fake-chain.ts';
import { FakeNode } from '../support/evm-node/fake-node.ts';
import { CommandRun, ommer } from '../support/operator/command-run.ts';
import { forgeCheckpoint } from '../support/operator/forged-checkpoint.ts';
import { SecuredDevnet } from '../support/operator/secured-devnet.ts';
import type { Site } from '../support/operator/site.ts';

let devnet: SecuredDevnet;
let site: Site;

before(async () => {
  devnet = await SecuredDevnet.start();
  site = devnet.site;
});

after(async () => {
  await CommandRun.stopAll();
  await devnet.stop();
});

const nodes: FakeNode[] = [];
const chains: AnvilChain[] = [];

after(async () => {
  await Promise.all(nodes.map((node) => node.close()));
  await Promise.all(chains.map((chain) => chain.stop()));
});

/** A scripted node with four blocks, and a run that has published them. */
async function running(prefix: string, settings = {}) {
  const node = await FakeNode.start();
  nodes.push(node);
  node.grow('1a 2a 3a', '0a');
  const source = { http: [node.http], ws: [node.ws] };
  const file = site.config({ prefix, source, ...settings });
  const run = ommer('run', '--config', file);
  await run.status(({ published }) => published?.height === 3);
  return { node, file, run };
}

async function anvil(options: { slotsInAnEpoch?: number; timestamp?: number; port?: number }) {
  const chain = await AnvilChain.start(options);
  chains.push(chain);
  return chain;
}

/** The only source is paused, and the run ends with its code; readiness and status said so before. */
async function paused(run: CommandRun, exitCode: number, code: string, message: RegExp) {
  assert.equal(await run.exitCode, exitCode, run.stderr);
  const line = run.lines.find(({ msg }) => msg === 'source paused');
  assert.equal(line?.code, code, run.stderr);
  assert.match(line?.err?.message ?? '', message);
}

/** The source is not ready for this reason, and goes on by itself when the reason is gone. */
async function degraded(run: CommandRun, code: string, message: RegExp): Promise<void> {
  const { error } = await run.status(({ state, error }) => state === 'degraded' && error !== null);
  assert.equal(error?.code, code);
  assert.match(error?.message ?? '', message);
  const ready = await run.get('/readyz');
  assert.equal(ready.status, 503);
  // A retry may have begun since.
  assert.match(ready.body, new RegExp(`^main: \\w+ \\(${code.replace('.', '\\.')}: `));
}

const fourBlocks = { inserts: 16, retractions: 0, deadLetters: [], heights: [0, 1, 2, 3] };
const fiveBlocks = { inserts: 21, retractions: 0, deadLetters: [], heights: [0, 1, 2, 3, 4] };

test('an unreachable node degrades the source, in one line, and the source goes on when it is there', async () => {
  const gone = await FakeNode.start();
  const port = Number(new URL(gone.http).port);
  await gone.close();
  const source = { http: [`http://127.0.0.1:${port}`], ws: [`ws://127.0.0.1:${port}`] };
  const run = ommer('run', '--config', site.config({ prefix: 'no-node', source }));
  await degraded(run, 'source.unreachable', /127\.0\.0\.1:\d+ gave no answer: ECONNREFUSED/);
  await run.retried(3);
  assert.equal((await run.get('/readyz')).status, 503, 'a retry is no readiness');
  await anvil({ port });
  await run.status(({ published }) => published?.height === 1);
  assert.equal((await run.get('/readyz')).status, 200);
  assert.equal(await run.stop(), 0);
  assert.equal(run.lines.filter(({ level }) => level === 'warn').length, 1);
});

test('a paused source beside one that works is told by status and readiness, and nothing ends', async () => {
  const other = await FakeNode.start();
  other.chainId = 5;
  nodes.push(other);
  const second = { kind: 'evm', chain: 'eip155:7', http: [other.http], start: 'earliest' };
  const { run } = await running('two', { sources: { second } });
  const [, paused] = await run.sourcesOnce((sources) => sources[1]?.state === 'paused');
  assert.equal(paused?.error?.code, 'source.wrong_chain');
  const ready = await run.get('/readyz');
  assert.equal(ready.status, 503);
  assert.match(ready.body, /^second: paused \(source\.wrong_chain: .* serves chain eip155:5/);
  assert.match((await run.get('/metrics')).body, /source_state\{.*second.*"paused"\} 1/);
  assert.equal(await run.stop(), 65);
});

test('another genesis under an existing checkpoint pauses the source before and after a restart', async () => {
  const first = await AnvilChain.start();
  await first.mineTransfers(3);
  const source = { http: [first.http], ws: [first.ws] };
  const file = site.config({ prefix: 'genesis', source });
  const run = ommer('run', '--config', file);
  await run.status(({ published }) => published?.height === 4);
  const before = await site.published('genesis');
  await first.stop();
  const second = await anvil({ port: first.port, timestamp: 1_700_000_777 });
  await second.mineTransfers(5);
  const says = /now serves eip155:31337\/0x.* its topics are of eip155:31337\/0x.*Point the source/;
  await paused(run, 65, 'source.other_genesis', says);
  await paused(ommer('run', '--config', file), 65, 'source.other_genesis', says);
  assert.deepEqual(await site.published('genesis'), before);
});

test('a reorg below finality pauses the source, retracts nothing and stays refused', async () => {
  const chain = await anvil({ slotsInAnEpoch: 1 });
  await chain.mineTransfers(8);
  const source = { http: [chain.http], ws: [chain.ws] };
  const file = site.config({ prefix: 'finality', source });
  const run = ommer('run', '--config', file);
  await run.status(
    ({ published, finalized }) => published?.height === 9 && finalized?.height === 7,
  );
  const before = await site.published('finality');
  await chain.reorg(6);
  await chain.mine();
  const says = /finalized head 7 \(0x.*Nothing was retracted.*publish to new topics/;
  await paused(run, 65, 'chain.reorg_below_finality', says);
  await paused(ommer('run', '--config', file), 65, 'chain.reorg_below_finality', says);
  assert.deepEqual(await site.published('finality'), before);
});

test('null for an announced block degrades the source, and the block is published when it is there', async () => {
  const { node, run } = await running('null-block');
  const [hash, height] = [hashOf('4a'), '0x4'];
  node.onCall = ({ params }) =>
    params[0] === hash || params[0] === height ? { result: null } : undefined;
  node.grow('4a', '3a');
  node.announce(node.head);
  // Asked for by its hash when it is announced, by its height when a look at the head is earlier.
  await degraded(run, 'source.missing_block', /block 4\b.* add another endpoint/);
  node.onCall = () => undefined;
  await run.status(({ published }) => published?.height === 4);
  assert.equal(await run.stop(), 0);
  assert.deepEqual(await site.published('null-block'), fiveBlocks);
});

test('no logs under a bloom that is not empty degrades the source, and nothing of the block goes out', async () => {
  const { node, run } = await running('bloom');
  node.onCall = (call) => {
    if (call.method !== 'eth_getBlockReceipts' || call.params[0] !== hashOf('4a')) return undefined;
    const { result } = node.defaultAnswer(call) as { result: object[] | null };
    return { result: result?.map((receipt) => ({ ...receipt, logs: [] })) ?? null };
  };
  node.grow('4a', '3a');
  node.announce(node.head);
  await degraded(run, 'source.inconsistent_block', /Block 4 \(0x.*its bloom says .* published/);
  assert.deepEqual(await site.published('bloom'), fourBlocks);
  node.onCall = () => undefined;
  await run.status(({ published }) => published?.height === 4);
  assert.equal(await run.stop(), 0);
  assert.deepEqual(await site.published('bloom'), fiveBlocks);
});

test('a malformed frame goes to the dead letters; answers that stay malformed pause the source', async () => {
  const { node, run } = await running('malformed');
  node.sendFrame('{"jsonrpc": nonsense');
  const letter = await run.logged('dead letter');
  assert.equal(letter.code, 'source.malformed_frame');
  node.onRequest = () => ({ text: '<html>busy</html>' });
  node.grow('4a', '3a');
  node.announce(node.head);
  await paused(run, 65, 'source.malformed_frame', /is not JSON\. Check that the URL is a JSON-RPC/);
  const { deadLetters, ...rows } = await site.published('malformed');
  assert.deepEqual({ ...rows, deadLetters: [] }, fourBlocks);
  const raw = deadLetters.map((each) => Buffer.from(each['raw'] as Buffer).toString());
  assert.deepEqual(raw, ['{"jsonrpc": nonsense', '<html>busy</html>']);
});

test('a malformed frame pauses the source at once where dataErrors is stop', async () => {
  const { node, run } = await running('strict', { supervisor: { dataErrors: 'stop' } });
  node.sendFrame('{"jsonrpc": nonsense');
  await paused(run, 65, 'source.malformed_frame', /A frame is not JSON/);
  assert.deepEqual(await site.published('strict'), fourBlocks);
});

/** Lets the logs of block `4a` be large. */
function grow(node: FakeNode, dataBytes: number): void {
  node.onCall = (call) => {
    if (call.method !== 'eth_getBlockReceipts' || call.params[0] !== hashOf('4a')) return undefined;
    const { result } = node.defaultAnswer(call) as { result: { logs: object[] }[] | null };
    const data = `0x${'11'.repeat(dataBytes)}`;
    return {
      result:
        result?.map((receipt) => ({
          ...receipt,
          logs: receipt.logs.map((log) => ({ ...log, data })),
        })) ?? null,
    };
  };
  node.grow('4a', '3a');
  node.announce(node.head);
}

/** A log with so much data is no transfer of a token. */
const withBigLog = { ...fiveBlocks, inserts: 20 };
const bigLog = `eip155:31337/${hashOf('4a')}/logs/0`;

test('a record above our own limit pauses the source and is named, with the option to raise', async () => {
  const { node, run } = await running('large', { publishing: { recordBytesMax: 30_000 } });
  grow(node, 20_000);
  const says = new RegExp(`"${bigLog}".* has 40\\d{3} bytes.*publishing\\.recordBytesMax is 30000`);
  await paused(run, 65, 'kafka.record_too_large', says);
  assert.deepEqual(await site.published('large'), fourBlocks);
  const source = { http: [node.http], ws: [node.ws] };
  const raised = ommer('run', '--config', site.config({ prefix: 'large', source }));
  await raised.status(({ published }) => published?.height === 4);
  assert.equal(await raised.stop(), 0);
  assert.deepEqual(await site.published('large'), withBigLog);
});

test('a record above the topic’s limit pauses the source and is named, and is published once it fits', async () => {
  const prefix = 'limit';
  const topic = site.topic(prefix, 'logs');
  // From its beginning: a broker hears of a change a moment after the controller has confirmed it.
  await createLimited(topic, 10_000);
  const { node, file, run } = await running(prefix);
  grow(node, 20_000);
  const says = new RegExp(`The largest, record "${bigLog}".*Raise max\\.message\\.bytes`);
  await paused(run, 65, 'kafka.record_too_large', says);
  assert.deepEqual(await site.published(prefix), fourBlocks);
  await limitRecords(topic, 100_000);
  const again = ommer('run', '--config', file);
  await again.status(({ published }) => published?.height === 4);
  assert.equal(await again.stop(), 0);
  assert.deepEqual(await site.published(prefix), withBigLog);
});

test('a checkpoint of another source, of a newer version, or of no known form is refused', async () => {
  const { file, run } = await running('checkpoint');
  assert.equal(await run.stop(), 0);
  const again = () => ommer('run', '--config', file);
  await forgeCheckpoint(file, { version: 2 });
  const newer = /has version 2; this program reads up to 1\. Run the version of ommer/;
  await paused(again(), 65, 'checkpoint.newer_version', newer);
  await forgeCheckpoint(file, { version: 1, source: 'other' });
  const other = /was written by source "other".* name of its own/;
  await paused(again(), 65, 'checkpoint.other_source', other);
  await forgeCheckpoint(file, Buffer.from('not Avro'));
  await paused(again(), 65, 'checkpoint.unreadable', /no schema id.*ommer checkpoint reset/);
  assert.deepEqual(await site.published('checkpoint'), fourBlocks);
});

test('rows of the undo window that were deleted from the topic pause the source', async () => {
  const prefix = 'deleted';
  const { file, run } = await running(prefix);
  assert.equal(await run.stop(), 0);
  const topic = site.topic(prefix, 'transactions');
  await withAdmin(site.brokers, async (admin) => {
    // A commit is acknowledged before its markers are written, and only then are records deleted.
    const partitions = await until(
      async () => {
        const ends = await admin.fetchTopicOffsets(topic);
        const filled = ends.filter(({ high }) => high !== '0');
        return filled.length === 0
          ? undefined
          : filled.map(({ partition, high }) => ({ partition, offset: high }));
      },
      { timeoutMs: 30_000 },
    );
    assert.ok(partitions);
    await admin.deleteTopicRecords({ topic, partitions });
  });
  const says = /deleted\.eip155-31337\.transactions\/\d from offset 0 .*longer retention/;
  const again = ommer('run', '--config', file);
  await paused(again, 65, 'checkpoint.undo_window_incomplete', says);
});

const limit = 'max.message.bytes';

async function createLimited(topic: string, bytes: number): Promise<void> {
  const configEntries = [{ name: limit, value: String(bytes) }];
  await withAdmin(site.brokers, async (admin) => {
    await admin.createTopics({ topics: [{ topic, numPartitions: 2, configEntries }] });
    // A run that does not see it yet would want to create it.
    const isThere = async () => (await admin.listTopics()).includes(topic) || undefined;
    assert.ok(await until(isThere, { timeoutMs: 60_000 }));
  });
}

async function limitRecords(topic: string, bytes: number): Promise<void> {
  const value = String(bytes);
  const resource = { type: topicResource, name: topic };
  await withAdmin(site.brokers, async (admin) => {
    const resources = [{ ...resource, configEntries: [{ name: limit, value }] }];
    await admin.alterConfigs({ validateOnly: false, resources });
    const isKnown = async () => {
      const asked = { includeSynonyms: false, resources: [{ ...resource, configNames: [limit] }] };
      const [told] = (await admin.describeConfigs(asked)).resources;
      return told?.configEntries.some(({ configValue }) => configValue === value) || undefined;
    };
    assert.ok(await until(isKnown, { timeoutMs: 60_000 }), 'the broker knows of the limit');
  });
}
