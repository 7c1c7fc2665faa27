/** What a source without transactions leaves on its topics after a failure, and what readers make of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchFinality } from '../../../src/consumer/finality-watch.ts';
import { IdentityFilter } from '../../../src/consumer/identity-filter.ts';
import type { DecodedChange } from '../../../src/encoding/change-decoder.ts';
import { ControlDecoder } from '../../../src/encoding/control-decoder.ts';
import { readSteps } from '../../support/consumer/memory-reader.ts';
import {
  controlTopic,
  PublishedChain,
  transfersTopic,
} from '../../support/consumer/published-chain.ts';

const steady = () => 0;
const transfer = [{ token: 1, to: 1, amount: 1 }];

function change(eventId: string, isRetraction = false, incarnation = 1): DecodedChange {
  return { eventId, incarnation, isRetraction, row: {}, reorgId: null, madeAtMs: 0 };
}

/** Signed heights of what is handed over, step by step. */
async function handedOver(
  chain: PublishedChain,
  options: Omit<Parameters<typeof readSteps>[1], 'random'>,
): Promise<string[]> {
  const steps = await readSteps(chain, { random: steady, ...options });
  return steps.map(
    ({ kind, changes }) =>
      `${kind}${changes.map(({ isRetraction, row }) => ` ${isRetraction ? '-' : '+'}${row.height}`).join('')}`,
  );
}

/** Publishes blocks 0 and 1, repeats the records of block 1, then publishes block 2 in its place. */
function withRepeats(): PublishedChain {
  const chain = new PublishedChain();
  chain.grow(transfer);
  chain.grow(transfer);
  chain.publish();
  const last = chain.kafka.records(transfersTopic).at(-1);
  assert.ok(last?.key);
  chain.kafka.append({ ...last, key: last.key });
  chain.fork(1, [transfer]);
  chain.publish();
  return chain;
}

test('repeats are dropped, and rows are taken back once', async () => {
  const chain = withRepeats();
  const lines = await handedOver(chain, { filter: new IdentityFilter(100) });
  assert.deepEqual(lines, ['block +0', 'block +1', 'reorg -1 +1']);
});

test('a restarted reader knows again which rows it handed over before', async () => {
  const chain = withRepeats();
  const [, second] = await readSteps(chain, { random: steady, filter: new IdentityFilter(100) });
  assert.ok(second);
  const { offset: silentBelow } = JSON.parse(second.position) as { offset: number };
  const lines = await handedOver(chain, { filter: new IdentityFilter(100), silentBelow });
  assert.deepEqual(lines, ['reorg -1 +1']);
});

test('a row passes once per incarnation, its retraction only after it', () => {
  const filter = new IdentityFilter(100);
  assert.equal(filter.lets(change('a', true), 5), false);
  assert.equal(filter.lets(change('a'), 5), true);
  assert.equal(filter.lets(change('a'), 5), false);
  assert.equal(filter.lets(change('a', true), 5), true);
  assert.equal(filter.lets(change('a', true), 5), false);
  assert.equal(filter.lets(change('a', false, 2), 5), true);
});

test('a finalized head far ahead of what is read loses no row', () => {
  const filter = new IdentityFilter(100);
  filter.prune(1_000_000);
  assert.equal(filter.lets(change('a'), 7), true);
});

test('rows are forgotten when they are final and well behind, and too many are refused', () => {
  const filter = new IdentityFilter(20_000);
  const rowsPerBlock = 10;
  for (let row = 0; row < 100_000; row += 1) {
    const height = Math.floor(row / rowsPerBlock);
    filter.prune(height - 5);
    assert.equal(filter.lets(change(`row ${row}`), height), true);
  }
  assert.ok(filter.size < 15_000, `${filter.size} rows`);
  const open = new IdentityFilter(1_000);
  assert.throws(() => {
    for (let row = 0; row <= 1_000; row += 1) open.lets(change(`row ${row}`), row);
  }, /More than limits.identitiesMax \(1000\)/);
});

test('a reader of records hears of the finalized heads of its source, and of no other', async () => {
  const chain = new PublishedChain();
  for (let height = 0; height < 8; height += 1) chain.grow(transfer);
  chain.publish();
  for (const depth of [5, 2]) {
    chain.finalize(depth);
    chain.publish();
  }
  const prunedFor = async (source: string | undefined) => {
    const end = new AbortController();
    const heights: number[] = [];
    await watchFinality({
      fetcher: chain.kafka.fetcher(steady, () => end.abort()),
      control: { topic: controlTopic, offset: 0 },
      controls: new ControlDecoder(chain.kafka.schemaById),
      filter: { prune: (height) => heights.push(height) },
      source,
      signal: end.signal,
    });
    return heights;
  };
  assert.deepEqual(await prunedFor(undefined), [2, 5]);
  assert.deepEqual(await prunedFor('mainnet'), [2, 5]);
  assert.deepEqual(await prunedFor('another'), []);
});
