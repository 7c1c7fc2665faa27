/**
 * The examples read the topics of a chain that reorganizes, while ommer and they are killed, and say at
 * several heights what the node says of itself: balances by `eth_call`, transfers by `eth_getLogs`.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { nodeHead } from '../support/end-to-end/node-truth.ts';
import { Stage } from '../support/end-to-end/stage.ts';
import { abortForeignTransaction } from '../support/engines/foreign-transaction.ts';
import { Reader } from '../support/engines/reader.ts';
import { readersOf } from '../support/engines/readers.ts';
import { transfersOf, viewsOfNode } from '../support/engines/views.ts';

const seed = process.env['OMMER_SEED'] ?? '1';
let stage: Stage;
let directory: string;
const readers: Reader[] = [];

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ommer-examples-'));
  stage = await Stage.open({ brokers: 1, ownRegistry: true, seed });
});

after(async () => {
  await Promise.all(readers.map((reader) => reader.stop()));
  await stage.close();
  if (process.env['OMMER_KEEP'] === '1') console.error(`kept ${directory}`);
  else await rm(directory, { recursive: true, force: true });
});

test('every example agrees with the node, at the end and before, through kills and reorgs', async (t) => {
  const from = (await nodeHead(stage.devnet.evm.http)).height;
  const scene = await stage.scene({
    name: 'ommer',
    tables: ['final'],
    routes:
      '{ token_transfers: { state: { enabled: true }, final: { enabled: true } }, token_transfers_cdc: { dataset: token_transfers, envelope: debezium } }',
  });
  let ommer = await scene.start();
  await scene.driver.mine(30);
  await scene.caughtUp();
  await startReaders();
  await scene.driver.mine(4);
  await compare('a chain that only grows');

  const transfers = scene.topic('token_transfers');
  await abortForeignTransaction(
    stage.devnet.kafka.addresses,
    ['', '_cdc', '.state', '.final'].map((suffix) => `${transfers}${suffix}`),
  );
  assert.ok(await scene.driver.reorg(3), 'three blocks are rewritten');
  await scene.driver.mine(2);
  await compare('three blocks replaced, and records of an aborted transaction');

  assert.ok(await scene.driver.reorgBack(), 'the old branch comes back');
  scene.driver.run();
  await ommer.committed(3);
  await Promise.all([ommer.kill(), ...readers.map((reader) => reader.kill())]);
  ommer = await scene.start();
  for (const reader of readers) await reader.startAgain();
  await ommer.committed(3);
  await scene.driver.rest();
  await compare('kill -9 of ommer and of the readers, branches that come and go');

  await scene.driver.mine(3);
  assert.ok((await newestTransfers()) > 0);
  await scene.caughtUp();
  await scene.driver.reorg(3, 'drop');
  assert.equal(await newestTransfers(), 0);
  await compare('blocks that lost all their rows');

  await ommer.kill();
  await scene.driver.reorg(2, 'shorten');
  await scene.driver.mine(3);
  ommer = await scene.start();
  await compare('a reorg while nobody published');
  assert.equal(await ommer.stop(), 0);

  async function startReaders(): Promise<void> {
    const environment = {
      KAFKA_BROKERS: stage.devnet.kafka.addresses.join(','),
      REGISTRY_URL: stage.devnet.registry.url,
    };
    const specs = await readersOf(process.env['OMMER_EXAMPLES']);
    for (const spec of specs) readers.push(await Reader.start(spec, { directory, environment }));
  }

  async function newestTransfers(): Promise<number> {
    const { http } = stage.devnet.evm;
    const { height: to } = await nodeHead(http);
    return (await transfersOf(http, { from: to - 2, to })).length;
  }

  async function compare(when: string): Promise<void> {
    await scene.caughtUp();
    const to = (await nodeHead(stage.devnet.evm.http)).height;
    // The head may have been higher, and what was final stays final.
    const finalized = Math.max(to - 24, await ommer.metric('ommer_finalized_height'));
    const truth = await viewsOfNode(stage.devnet.evm.http, { from, to, finalized });
    assert.ok(truth.views.finals.size > 0, when);
    assert.ok(truth.views.totals.size > 2 && truth.views.balances.size > 5, when);
    const startedMs = performance.now();
    const answers = await Promise.allSettled(readers.map((reader) => reader.agrees(truth)));
    const failures = answers.flatMap((answer) =>
      answer.status === 'rejected' ? [String(answer.reason)] : [],
    );
    assert.equal(failures.join('\n\n'), '', when);
    const tookMs = Math.round(performance.now() - startedMs);
    t.diagnostic(
      JSON.stringify({ when, height: to, finalized, tokens: truth.views.totals.size, tookMs }),
    );
  }
});
