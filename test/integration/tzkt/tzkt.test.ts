/**
 * Tezos from the simulator into a real Kafka, through reorgs and a kill: the changelogs hold its
 * chain, and the state topics what is true of it now.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTzktServer, type TzktServer } from '../../../src/devnet/tzkt/server.ts';
import { TzktSimulator } from '../../../src/devnet/tzkt/simulator.ts';
import { until } from '../../../src/devnet/until.ts';
import type { Event, Row } from '../../../src/model/event.ts';
import { rowTables } from '../../../src/sources/tzkt/rows/tables.ts';
import { CommandRun, ommer } from '../../support/operator/command-run.ts';
import { Stand } from '../../support/operator/stand.ts';
import { someKinds, testConfig } from '../../support/tzkt/tzkt-fold.ts';
import { assertSameRows, states } from '../../support/tzkt/tzkt-truth.ts';

/** Far beyond what a loaded machine needs: a wait that never ends is a failure, not a hang. */
const [startMs, testMs] = [120_000, 180_000];
const prefix = 'tzkt';
const simulator = new TzktSimulator({ historyLevels: 6 });
let stand: Stand;
let server: TzktServer;

before(start, { timeout: startMs });

async function start(): Promise<void> {
  stand = await Stand.open();
  server = stand.keep(await openTzktServer(simulator));
}

after(() => stand?.close());

function configFile(): string {
  const { silenceMs, auditIntervalMs, rewindConfirmMs, chain } = testConfig({});
  const tezos = {
    kind: 'tzkt',
    url: server.http,
    chain,
    start: 'earliest',
    operations: [{ types: someKinds }],
    requestsPerSecondMax: 10_000,
    routes: Object.fromEntries([...states].map((name) => [name, { state: { enabled: true } }])),
    ...{ silenceMs, auditIntervalMs, rewindConfirmMs },
  };
  return stand.config(prefix, { tezos });
}

/** What inserts minus retractions leave, by dataset. */
async function readRows() {
  const live = new Map<string, Event>();
  let retractions = 0;
  for (const { topic, kind, row, value } of await stand.site.changes(prefix)) {
    const dataset = topic.slice(topic.lastIndexOf('.') + 1);
    if (!(dataset in rowTables)) continue;
    const id = `${value?.['event_id']}/${value?.['incarnation']}`;
    if (kind === 'retraction') {
      retractions += 1;
      assert(live.delete(id), `${id} was retracted and is not there`);
      continue;
    }
    assert(!live.has(id), `${id} is there twice`);
    const index = String(row['address'] ?? row['balance_id'] ?? id);
    live.set(id, eventOf(dataset, index, row));
  }
  const byHeight = [...live.values()].sort(
    (a, b) => Number(a.row['height']) - Number(b.row['height']),
  );
  const rows = (dataset: string) => byHeight.filter((event) => event.dataset === dataset);
  return { rows, picture: `${live.size} rows`, retractions };
}

/** The last record of each key of the state topics, by dataset. */
async function readStates() {
  const latest = new Map<string, Event>();
  let tombstones = 0;
  for (const { topic, key, row, value } of await stand.site.changes(prefix)) {
    if (!topic.endsWith('.state')) continue;
    const name = JSON.stringify(key);
    if (value === null) {
      tombstones += 1;
      assert(latest.delete(name), `${name} was taken back and is not there`);
      continue;
    }
    assert.notEqual(key, null, topic);
    const { event_id: _id, incarnation: _incarnation, ts_ms: _time, ...columns } = row;
    latest.set(name, eventOf(topic.split('.').at(-2) ?? '', name, columns));
  }
  const rows = (dataset: string) =>
    [...latest.values()].filter((event) => event.dataset === dataset);
  return { rows, picture: `${latest.size} current rows`, tombstones };
}

type Rows = Pick<Awaited<ReturnType<typeof readRows>>, 'rows'>;

/** Throws unless each state is the newest row that its changelog leaves of the key. */
function assertNewest(current: Rows, changelogs: Rows): void {
  const text = ({ row }: Event) => JSON.stringify(Object.entries(row).sort());
  for (const dataset of states) {
    const newest = new Map(changelogs.rows(dataset).map((event) => [event.index, event]));
    const expected = [...newest.values()].map(text).sort();
    assert.deepEqual(current.rows(dataset).map(text).sort(), expected, dataset);
  }
}

/** As the source made it: times come back as dates. */
function eventOf(dataset: string, index: string, shown: Readonly<Record<string, unknown>>): Event {
  const plain = Object.entries(shown).map(([name, value]) => [
    name,
    value instanceof Date ? value.getTime() : value,
  ]);
  return { dataset, index, row: Object.fromEntries(plain) as Row, timeMs: 0 };
}

test('the topics hold the canonical rows and states after reorgs, a kill and a reorg while nobody looked', {
  timeout: testMs,
}, async () => {
  const file = configFile();
  const first = stand.run(file);
  await first.printed(/session opened/);
  simulator.produce(2);
  simulator.reorganize({ depth: 2, isMerged: false });
  const isPublished = async () => {
    const { rows } = await readRows();
    const heads = rows('blocks').filter(({ row }) => row['block_hash'] === simulator.head.hash);
    return heads.length > 0 ? true : undefined;
  };
  assert(await until(isPublished, { timeoutMs: 60_000, pollMs: 200 }));
  first.signal('SIGKILL');
  await first.ended(10_000);
  simulator.reorganize({ depth: 2, newBlocks: 4 });
  const run = ommer('run', '--config', file);
  await run.status(({ published }) => published?.hash === simulator.head.hash);
  simulator.reorganize({ depth: 1 });
  await run.status(({ published }) => published?.hash === simulator.head.hash);
  // With nothing in its place, what the block had covered is the newest again.
  simulator.revert();
  simulator.flush();
  await run.status(({ published }) => published?.hash === simulator.head.hash);
  assertNewest(await readStates(), await readRows());
  simulator.produce(1);
  await run.status(({ published }) => published?.hash === simulator.head.hash);
  await CommandRun.stopAll();
  const found = await readRows();
  assert(found.retractions > 0);
  assertSameRows(found, simulator);
  const current = await readStates();
  assert(current.tombstones > 0, 'no account was new in a block that was taken back');
  const rows = (dataset: string) => (states.has(dataset) ? current : found).rows(dataset);
  assertSameRows({ rows, picture: current.picture }, simulator);
});
