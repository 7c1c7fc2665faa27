/** The consumer library on a real chain with reorgs: killed, restarted, compared with the node. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import {
  type Change,
  MaterializedMap,
  openReader,
  PipelineError,
  type ReaderOptions,
  type Step,
  sum,
} from '../../../src/consumer.ts';
import { type Anvil, startAnvil } from '../../../src/devnet/anvil.ts';
import { type GuardedChild, spawnGuarded } from '../../../src/devnet/guarded-spawn.ts';
import { ChainTraffic } from '../../../src/devnet/traffic/chain-traffic.ts';
import { NodeRpc } from '../../../src/devnet/traffic/node-rpc.ts';
import { until } from '../../../src/devnet/until.ts';
import { compileOmmer } from '../../support/compiled.ts';
import { ChainDriver } from '../../support/end-to-end/chain-driver.ts';
import { factText, nodeHead, readTruth } from '../../support/end-to-end/node-truth.ts';
import { type OmmerProcess, startOmmer } from '../../support/end-to-end/ommer-process.ts';
import { joinDevnet, type SharedDevnet } from '../../support/shared-devnet.ts';

type D = 'evm/token_transfers' | 'evm/logs';
const chain = 'eip155:31337';
const prefix = 'reader';
/** Tokens are minted from and burned to it. */
const nobody = `0x${'0'.repeat(40)}`;
const stepLog = fileURLToPath(new URL('step-log.mjs', import.meta.url));

const root = fileURLToPath(new URL('../../../', import.meta.url));

let directory: string;
let devnet: SharedDevnet;
let evm: Anvil;
let driver: ChainDriver;
let ommer: OmmerProcess;
let startHeight: number;

before(async () => {
  await compileOmmer();
  directory = await mkdtemp(join(tmpdir(), 'ommer-reader-'));
  [devnet, evm] = await Promise.all([joinDevnet(), startAnvil({ dataDir: directory })]);
  const { http } = evm;
  const traffic = await ChainTraffic.open({
    url: http,
    seed: 'reader',
    transactionsPerBlock: 8,
    timestampStepSeconds: 1,
  });
  await traffic.nextBlock();
  startHeight = (await nodeHead(http)).height;
  driver = new ChainDriver({ traffic, seed: 'reader', floorHeight: startHeight, everyMs: 60 });
  await mkdir(join(directory, 'ommer'));
  const configFile = join(directory, 'ommer', 'ommer.yaml');
  await writeFile(configFile, configuration());
  const logFile = join(directory, 'ommer', 'ommer.log');
  ommer = await startOmmer({ configFile, logFile, directory });
  await ommer.committed(1, 60_000);
});

after(async () => {
  await driver?.rest();
  await ommer?.stop();
  await Promise.all([devnet?.leave(), evm?.stop()]);
  await rm(directory, { recursive: true, force: true });
});

function configuration(): string {
  const { brokers, registry } = devnet;
  return `
kafka: { brokers: ${JSON.stringify(brokers)} }
registry: { url: "${registry}" }
topics: { prefix: ${prefix}, partitions: 3 }
publishing: { transactionalIdPrefix: ${prefix} }
http: { port: 0 }
sources:
  devnet:
    kind: evm
    chain: "${chain}"
    http: ["${evm.http}"]
    ws: ["${evm.ws}"]
    start: earliest
    blockTimeMs: 200
    rewindConfirmMs: 200
    routes: { token_transfers: { envelope: debezium } }
`;
}

function options(changes: Partial<ReaderOptions<D>> = {}): ReaderOptions<D> {
  return {
    kafka: { brokers: devnet.brokers },
    registry: { url: devnet.registry },
    topics: [
      { dataset: 'evm/token_transfers', chain, prefix },
      { dataset: 'evm/logs', chain, prefix },
    ],
    ...changes,
  };
}

function balances() {
  return new MaterializedMap<D, bigint, { units: bigint; rows: number }, bigint>({
    *entries(change: Change<D>) {
      if (change.dataset !== 'evm/token_transfers' || change.row.transfer_type !== 'erc20') return;
      const { token_address: token, from_address: from, to_address: to, amount } = change.row;
      if (to !== nobody) yield [`${token} ${to}`, BigInt(amount)];
      if (from !== nobody) yield [`${token} ${from}`, -BigInt(amount)];
    },
    fold: sum(),
  });
}

/** Waits until the head that the log's steps end with is the node's. */
async function caughtUp(file: string): Promise<Step<D>[]> {
  const { hash } = await nodeHead(evm.http);
  const steps = await until(
    async () => {
      const found = await stepsIn(file);
      return headOf(found) === hash ? found : undefined;
    },
    { timeoutMs: 60_000, pollMs: 100 },
  );
  assert.ok(steps, `the reader has not reached the node's head ${hash}`);
  return steps;
}

async function stepsIn(file: string): Promise<Step<D>[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Step<D>);
}

function headOf(steps: readonly Step<D>[]): string | undefined {
  const chain: { height: number; hash: string }[] = [];
  for (const step of steps) {
    if (step.kind === 'block') chain.push(step.block);
    if (step.kind !== 'reorg') continue;
    while ((chain.at(-1)?.height ?? -1) > step.commonAncestor.height) chain.pop();
    chain.push(...step.blocks);
  }
  return chain.at(-1)?.hash;
}

function startStepLog(file: string): GuardedChild {
  const { brokers, registry } = devnet;
  return spawnGuarded({
    command: process.execPath,
    args: [...[stepLog, brokers.join(','), registry, prefix, chain, file]],
    cwd: fileURLToPath(new URL('../../../', import.meta.url)),
    logFile: join(directory, 'step-log.log'),
  });
}

test('a killed reader goes on with whole steps, and its view is the state of the node', async () => {
  const file = join(directory, 'steps.ndjson');
  await driver.mine(3);
  driver.run();
  let killed = 0;
  for (let lines = 5; killed < 2; killed += 1) {
    const reader = startStepLog(file);
    const reached = await until(
      async () => ((await stepsIn(file)).length >= lines ? true : undefined),
      { timeoutMs: 60_000, pollMs: 20 },
    );
    assert.ok(reached, await readFile(join(directory, 'step-log.log'), 'utf8'));
    process.kill(-reader.pid, 'SIGKILL');
    await reader.ended;
    lines = (await stepsIn(file)).length + 8;
  }
  await driver.rest();
  await driver.reorg(3);
  const last = startStepLog(file);
  const steps = await caughtUp(file);
  process.kill(-last.pid, 'SIGKILL');
  await last.ended;
  assert.ok(driver.tally.reorgs > 0);
  assert.ok(steps.some(({ kind }) => kind === 'reorg'));
  await assertNodeAgrees(steps);
});

async function assertNodeAgrees(steps: readonly Step<D>[]): Promise<void> {
  const map = balances();
  const logs = new Map<string, Change<D>>();
  for (const step of steps) {
    map.take(step);
    for (const change of step.changes) {
      if (change.dataset !== 'evm/logs') continue;
      if (change.isRetraction) assert.ok(logs.delete(change.meta.eventId));
      else logs.set(change.meta.eventId, change);
    }
  }
  const head = map.height;
  const keys = [...map.entries()].map(([key]) => key);
  assert.ok(keys.length > 10, `${keys.length} balances`);
  for (const height of [head, head - 2, head - 5, startHeight + 1]) {
    const view = map.at(height);
    const seen = keys.map((key) => view.get(key) ?? 0n);
    assert.deepEqual(seen, await balancesAt(keys, height), `height ${height}`);
  }
  const truth = await readTruth(evm.http, { from: 0, to: head });
  const rows = [...logs.values()].map(({ row }) => factText('logs', { ...row })).sort();
  assert.deepEqual(rows, truth.logs);
}

/** What the token contracts say. */
async function balancesAt(keys: readonly string[], height: number): Promise<bigint[]> {
  const node = new NodeRpc(evm.http);
  const answers = await node.batch(
    keys.map((key) => {
      const [to = '', account = ''] = key.split(' ');
      const data = `0x70a08231${account.slice(2).padStart(64, '0')}`;
      return { method: 'eth_call', params: [{ to, data }, `0x${height.toString(16)}`] };
    }),
  );
  return answers.map((answer) => (answer === '0x' ? 0n : BigInt(String(answer))));
}

test('a group goes on at the step after the last one it committed', async () => {
  const first = openReader(options({ group: 'steps' }));
  const seen: Step<D>[] = [];
  for await (const step of first.steps()) {
    seen.push(step);
    if (seen.length === 6) break;
  }
  await first.close();
  const second = openReader(options({ group: 'steps' }));
  const { value } = await second.steps().next();
  await second.close();
  // The sixth was not asked to be followed, so it is not committed.
  assert.equal(value?.position, seen[5]?.position);
});

test('records from a height on are those of its block and later ones', async () => {
  const { height } = await nodeHead(evm.http);
  const wanted = height - 4;
  const reader = openReader(options({ from: { height: wanted }, group: 'records' }));
  const { block, partitions } = await reader.find({ height: wanted });
  assert.deepEqual([block.height, partitions.length], [wanted, 6]);
  const truth = await readTruth(evm.http, { from: wanted, to: height });
  const live = new Map<string, string>();
  const rows = () => [...live.values()].sort();
  for await (const { dataset, isRetraction, row, meta } of reader.changes()) {
    assert.ok(row.height >= wanted);
    if (dataset !== 'evm/logs') continue;
    if (isRetraction) live.delete(meta.eventId);
    else live.set(meta.eventId, factText('logs', { ...row }));
    if (isDeepStrictEqual(rows(), truth.logs)) break;
  }
  await reader.close();
  assert.deepEqual(rows(), truth.logs);
});

test('the examples run and print what they say', async () => {
  const logFile = join(directory, 'examples.log');
  const { brokers, registry } = devnet;
  const [broker = ''] = brokers;
  const at = [broker, registry];
  const start = (name: string, args: readonly string[]) =>
    spawnGuarded({
      command: process.execPath,
      args: [join(root, 'examples', 'consumer', name), ...at, ...args],
      cwd: root,
      logFile,
    });
  const running = [
    start('balances.mjs', [chain, prefix]),
    start('top-transfer.mjs', [`${prefix}.eip155-31337.token_transfers`, '0']),
  ];
  const { height } = await nodeHead(evm.http);
  const printed = await until(
    async () => {
      const text = await readFile(logFile, 'utf8').catch(() => '');
      return text.includes(`"height":${height},`) && text.includes('"top":"') ? text : undefined;
    },
    { timeoutMs: 60_000, pollMs: 50 },
  );
  for (const { pid, ended } of running) {
    process.kill(pid, 'SIGTERM');
    assert.equal((await ended).code, 0);
  }
  assert.match(printed ?? '', /"richest":"0x[0-9a-f]{40} 0x[0-9a-f]{40}","balance":"\d+"/);
});

test('what cannot be read is refused with what to do', async () => {
  const failure = async (changes: Partial<ReaderOptions<D>>): Promise<PipelineError> => {
    const reader = openReader(options(changes));
    try {
      await reader.changes().next();
    } catch (error) {
      assert.ok(error instanceof PipelineError, String(error));
      return error;
    } finally {
      await reader.close();
    }
    throw new assert.AssertionError({ message: 'nothing was refused' });
  };
  const logs = `${prefix}.eip155-31337.logs`;
  const topic = (name: string) => [{ dataset: 'evm/logs' as const, topic: name }];
  assert.equal((await failure({ topics: topic('nothing') })).code, 'kafka.topic_missing');
  const { code } = await failure({ topics: topic(`${prefix}.eip155-31337.blocks`) });
  assert.equal(code, 'consumer.foreign_record');
  const offsets = [0, 1, 2].map((partition) => ({ topic: logs, partition, offset: 9_999_999 }));
  const far = await failure({ topics: topic(logs), from: { offsets } });
  assert.equal(far.code, 'consumer.offset_out_of_range');
  assert.match(far.message, /has no record at offset 9999999/);
  const late = await failure({ from: { height: 1_000_000 } });
  assert.equal(late.code, 'consumer.block_not_found');
});
