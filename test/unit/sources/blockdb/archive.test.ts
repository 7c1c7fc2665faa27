/** What is asked of REST besides the session: the preflight, filters, and old blocks once more. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { defaultKey } from '../../../../src/devnet/blockdb/access.ts';
import type { SimulatorOptions } from '../../../../src/devnet/blockdb/simulator.ts';
import type { BlockdbConfig } from '../../../../src/sources/blockdb/config.ts';
import { blockdbSource } from '../../../../src/sources/blockdb/index.ts';
import type { SourceCheck } from '../../../../src/sources/source.ts';
import { pairFilters } from '../../../support/blockdb/bar-filters.ts';
import { BlockdbScene, firstHeight, testConfig } from '../../../support/blockdb/blockdb-scene.ts';
import { assertSameRows } from '../../../support/blockdb/blockdb-truth.ts';

let scene: BlockdbScene;
afterEach(() => scene.close());

const datasets: ReadonlySet<string> = new Set(['blocks', 'logs', 'transactions']);

async function check(
  options: SimulatorOptions = {},
  overrides: Partial<BlockdbConfig> = {},
  wanted = datasets,
): Promise<readonly SourceCheck[]> {
  scene = await BlockdbScene.open(options);
  const { fold } = scene.connect();
  const config = testConfig({ ws: [scene.server.ws], rest: scene.server.http, ...overrides });
  return blockdbSource.check(config, wanted, fold.runtime);
}

const verdicts = (checks: readonly SourceCheck[]) =>
  checks.map(({ name, ok, code }) => `${name} ${ok ? 'ok' : code}`);

describe('the preflight', () => {
  it('says of REST, chain, stream and each dataset that they are there', async () => {
    const checks = await check();
    assert.deepEqual(verdicts(checks), [
      'rest ok',
      'chain ok',
      'stream ok',
      'blocks ok',
      'transactions ok',
      'logs ok',
    ]);
    assert.match(checks[0]?.detail ?? '', /head 108 \(0x[0-9a-f]{64}\), \d+ s old$/);
    assert.match(checks[2]?.detail ?? '', /^key accepted, no block came in 10000 ms$/);
  });

  it('says which dataset is left out for want of filters', async () => {
    const checks = await check({}, {}, new Set(['blocks', 'prices_spot_vwap']));
    assert.equal(
      checks.at(-1)?.detail,
      'left out: filters.prices_spot_vwap needs base_token_address and quote_token_address',
    );
  });

  it('says how far REST is behind the stream', async () => {
    const checking = check();
    const producing = setInterval(() => scene?.simulator.produce(1), 50);
    const checks = await checking.finally(() => clearInterval(producing));
    assert.match(
      checks[2]?.detail ?? '',
      /^key accepted, block \d+ announced, rest is \d+ blocks behind$/,
    );
  });

  it('says that the key is refused, and does not show it', async () => {
    const checks = await check({}, { apiKey: 'secret' });
    assert.deepEqual(verdicts(checks), ['rest source.key_refused']);
    assert(!JSON.stringify(checks).includes('secret'));
  });

  it('names the dataset that the plan does not include', async () => {
    const keys = { [defaultKey]: { datasets: ['0101', '0102'] as const } };
    assert.deepEqual(verdicts(await check({ keys })).slice(3), [
      'blocks ok',
      'transactions ok',
      'logs source.dataset_forbidden',
    ]);
  });

  it('finds the paths of older revisions of REST', async () => {
    const hiddenPaths = { '/v1/evm/raw/blocks': 404, '/v1/evm/entities/pools': 404 };
    const profile = { rest: { hiddenPaths, responses: 'older' as const } };
    const checks = await check({ profile }, {}, new Set(['pools']));
    assert.deepEqual(verdicts(checks), [
      'rest ok',
      'chain ok',
      'stream ok',
      'blocks ok',
      'pools ok',
    ]);
  });

  it('names the dataset that REST does not have', async () => {
    const hiddenPaths = { '/v1/evm/raw/logs': 501 };
    assert.deepEqual(verdicts(await check({ profile: { rest: { hiddenPaths } } })).slice(3), [
      'blocks ok',
      'transactions ok',
      'logs source.dataset_unknown',
    ]);
  });
});

describe('old blocks once more', () => {
  it('are linked, whole and marked as backfill, in pages and both shapes of answers', async () => {
    for (const responses of ['newest', 'older'] as const) {
      scene = await BlockdbScene.open({ profile: { rest: { responses } } });
      const { source } = scene.connect({ rowsPerPage: 3, blocksPerFetch: 2 });
      const range = { from: firstHeight + 1, to: firstHeight + 5 };
      const { signal } = new AbortController();
      const heights: number[] = [];
      let logs = 0;
      for await (const { header, messages, isBackfill } of source.blocks?.(range, signal) ?? []) {
        heights.push(header.height);
        assert(isBackfill);
        logs += messages.filter(({ dataset }) => dataset === 'logs').length;
      }
      assert.deepEqual(heights, [101, 102, 103, 104, 105]);
      const expected = scene.simulator
        .canonical()
        ['0103'].filter(
          ({ block_number: height }) => Number(height) >= 101 && Number(height) <= 105,
        );
      assert.equal(logs, expected.length);
      if (responses === 'newest') await scene.close();
    }
  });

  it('are asked for by fewer where an answer is too large, and then by more again', async () => {
    scene = await BlockdbScene.open({ historyBlocks: 40 });
    const { fold, source } = scene.connect({ blocksPerFetch: 12 }, new Set(['blocks']));
    const spans: number[] = [];
    fold.hear = (frame) => {
      const asked: unknown = frame.kind === 'http' ? JSON.parse(frame.body ?? '{}') : {};
      const { from_block: from, to_block: to } = Object(asked);
      if (to > from) spans.push(to - from + 1);
    };
    scene.simulator.faults.arm({ name: 'rest-status', status: 413 });
    const range = { from: firstHeight, to: firstHeight + 29 };
    for await (const update of source.blocks?.(range, new AbortController().signal) ?? []) {
      fold.take(update);
    }
    assert.deepEqual(spans, [12, 6, 7, 8, 9]);
  });

  it('have the bars that they closed, also where several buckets close with one', async () => {
    scene = await BlockdbScene.open({ blockTimeMs: 400_000 });
    const { simulator } = scene;
    const filters = pairFilters(simulator);
    const { fold, source } = scene.connect({ rowsPerPage: 3, blocksPerFetch: 2, filters });
    const upTo = firstHeight + 8;
    const range = { from: firstHeight, to: upTo };
    for await (const update of source.blocks?.(range, new AbortController().signal) ?? []) {
      fold.take(update);
    }
    assert(fold.rows('prices_spot_vwap').length > 10);
    assertSameRows(fold, simulator, { filters, upTo });
  });
});
