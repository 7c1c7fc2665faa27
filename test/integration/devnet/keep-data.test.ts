import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Kafka as KafkaClient, logLevel } from 'kafkajs';
import { type Devnet, type DevnetOptions, startDevnet } from '../../../src/devnet/devnet.ts';
import { temporaryDir } from './temporary-dir.ts';

let root: { path: string; remove(): Promise<void> };

before(async () => {
  root = await temporaryDir();
});

after(() => root.remove());

interface Contents {
  readonly topics: readonly string[];
  readonly subjects: unknown;
  readonly height: unknown;
}

async function during<T>(options: DevnetOptions, work: (devnet: Devnet) => Promise<T>): Promise<T> {
  const devnet = await startDevnet({ ...options, dataDir: root.path });
  try {
    return await work(devnet);
  } finally {
    await devnet.stop();
  }
}

async function askChain(devnet: Devnet, method: string): Promise<unknown> {
  const response = await fetch(devnet.evm.http, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [] }),
  });
  return ((await response.json()) as { result: unknown }).result;
}

async function withAdmin<T>(
  devnet: Devnet,
  work: (admin: ReturnType<KafkaClient['admin']>) => Promise<T>,
): Promise<T> {
  const brokers = [...devnet.kafka.addresses];
  const admin = new KafkaClient({ brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

async function fill(devnet: Devnet): Promise<void> {
  await withAdmin(devnet, (admin) => admin.createTopics({ topics: [{ topic: 'kept' }] }));
  const registered = await fetch(`${devnet.registry.url}/subjects/kept-value/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json' },
    body: JSON.stringify({ schema: '"string"' }),
  });
  assert.equal(registered.status, 200);
  await askChain(devnet, 'evm_mine');
}

async function look(devnet: Devnet): Promise<Contents> {
  const topics = await withAdmin(devnet, (admin) => admin.listTopics());
  const subjects = await (await fetch(`${devnet.registry.url}/subjects`)).json();
  return { topics, subjects, height: await askChain(devnet, 'eth_blockNumber') };
}

test('keepData finds topics, schemas and chain again', async () => {
  await during({ keepData: true, evm: { noMining: true } }, fill);
  const kept = await during({ keepData: true, evm: { noMining: true } }, async (devnet) => {
    await devnet.registry.restart();
    return look(devnet);
  });
  assert.deepEqual(kept, { topics: ['kept'], subjects: ['kept-value'], height: '0x1' });
});
