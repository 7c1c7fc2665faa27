/** What a session does with nodes that forget, lag, fail, contradict themselves or have had enough. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { NodeOptions } from '../../../../src/devnet/basalt/node.ts';
import type { Clock } from '../../../../src/model/runtime.ts';
import { createBasaltFold, open } from '../../../support/basalt/basalt-fold.ts';
import { BasaltSite } from '../../../support/basalt/basalt-site.ts';
import { assertSameRows } from '../../../support/basalt/basalt-truth.ts';
import { until } from '../../../support/evm-node/until.ts';
import { WallClock } from '../../../support/sources/wall-clock.ts';

let site: BasaltSite;
afterEach(() => site.close());

async function start(historyBlocks: number, nodes?: readonly NodeOptions[]) {
  site = await BasaltSite.open({ historyBlocks }, nodes);
  return site;
}

/** The height that a request asks for, of those that the node has lost in the test of gaps. */
function lost(path: string): number | undefined {
  const height = Number(/^\/v1\/blocks\/(\d+)$/.exec(path)?.[1]);
  return height > 10 && height < 40 ? height : undefined;
}

const gapsOf = (fold: ReturnType<typeof createBasaltFold>) =>
  fold.updates.flatMap((update) => (update.kind === 'gap' ? [update] : []));

describe('a node that has forgotten blocks', () => {
  it('gives them from disk, and the rows are the same', async () => {
    const { simulator, config } = await start(40, [{ mode: 'validator' }]);
    simulator.restart();
    const { fold, source } = open(config);
    await fold.run(source, (reader) => site.isReached(reader));
    const raw = site.servers[0]?.requests.some((path) => path.startsWith('/v1/sync/blocks'));
    assert(raw);
    const { number } = simulator.head;
    assertSameRows(fold, simulator, { isRaw: (height) => height > 0 && height < number });
  });

  it('and has none on disk is passed over for one that has them', async () => {
    const nodes = [{ memoryBlocksMax: 5 }, { memoryBlocksMax: 1_000 }];
    const { simulator, config } = await start(40, nodes);
    const { fold, source } = open(config);
    await fold.run(source, (reader) => site.isReached(reader));
    assertSameRows(fold, simulator);
    assert.deepEqual(gapsOf(fold), []);
  });

  it('leaves a gap that says so, when no other has them; what follows is whole', async () => {
    const { simulator, config } = await start(10, [{ memoryBlocksMax: 20 }]);
    const { fold, source } = open(config);
    await fold.run(source, (reader) => site.isReached(reader));
    const after = fold.cursor;
    simulator.produce(50);
    await fold.run(source, (reader) => site.isReached(reader));
    const [gap, ...more] = gapsOf(fold);
    assert.deepEqual(more, []);
    assert.equal(gap?.after, after);
    assert.match(gap?.resumedAt ?? '', /^1:block:39:0x[0-9a-f]{64}$/);
    assert.match(gap?.reason ?? '', /No endpoint has the blocks 11 to 39 any more/);
    const held = [...fold.held.keys()].sort((a, b) => a - b);
    const expected = [...Array(11).keys(), ...Array.from({ length: 21 }, (_, n) => 40 + n)];
    assert.deepEqual(held, expected);
    assert.equal(fold.chain.finalized?.height, 39);
    const asked = site.servers.flatMap(({ requests }) => requests.map((path) => lost(path)));
    const few = new Set(asked.filter((height) => height !== undefined));
    assert.ok(few.has(11) && few.size < 10, `requests are few a minute: ${[...few]}`);
  });

  it('leaves no gap while another endpoint cannot be asked', async () => {
    const nodes = [{}, { memoryBlocksMax: 20 }];
    const { simulator, config } = await start(10, nodes);
    const { fold, source } = open({ ...config, endpointRestMs: 0 });
    await fold.run(source, (reader) => site.isReached(reader));
    simulator.produce(50);
    simulator.nodeAt(0).faults.arm({ name: 'rest-reset', times: 0 });
    await assert.rejects(
      fold.run(source, () => false),
      { code: 'source.missing_block' },
    );
    assert.deepEqual(gapsOf(fold), []);
    simulator.nodeAt(0).faults.clear();
    await fold.run(source, (reader) => site.isReached(reader));
    assertSameRows(fold, simulator);
  });
});

describe('a node that is behind', () => {
  it('is no rollback where a second node still has our block', async () => {
    const { simulator, config } = await start(10, [{}, {}]);
    const fold = await site.whileRunning({ rest: config.rest }, async () => {
      simulator.nodeAt(0).restart();
      simulator.nodeAt(0).lagBlocks = 3;
      simulator.produce(2);
    });
    assert.deepEqual(fold.forks, []);
    assertSameRows(fold, simulator);
  });

  it('is left for one that goes on', async () => {
    const { simulator, config } = await start(10, [{}, {}]);
    const settings = { rest: config.rest, silenceMs: 50 };
    const fold = await site.whileRunning(settings, () => {
      simulator.nodeAt(0).lagBlocks = Number.POSITIVE_INFINITY;
      simulator.produce(5);
    });
    assert.deepEqual(fold.forks, []);
    assertSameRows(fold, simulator);
  });

  it('below what is final here is waited for, and nothing is taken back', async () => {
    const { simulator, config } = await start(30);
    const { fold, source } = open({ ...config, confirmations: 5 });
    await fold.run(source, (_, { kind }) => kind === 'finalized' && site.isReached(fold));
    const before = fold.rows('blocks');
    simulator.node.forget();
    simulator.node.lagBlocks = 20;
    simulator.node.follow();
    await assert.rejects(
      fold.run(source, () => false),
      { code: 'source.node_behind' },
    );
    assert.deepEqual(fold.rows('blocks'), before);
    simulator.node.lagBlocks = 0;
    simulator.produce();
    await fold.run(source, (reader) => site.isReached(reader));
    assertSameRows(fold, simulator);
  });
});

describe('a chain that began anew with the same genesis', () => {
  it('stops the source when its blocks are younger than what is final', async () => {
    const startTimeMs = Date.now() + 3_600_000;
    site = await BasaltSite.open({ historyBlocks: 30, startTimeMs });
    const { simulator, config } = site;
    const { fold, source } = open({ ...config, confirmations: 5 });
    await fold.run(source, (_, { kind }) => kind === 'finalized' && site.isReached(fold));
    const before = fold.rows('blocks');
    simulator.startAgain();
    simulator.produce(4);
    await assert.rejects(
      fold.run(source, () => false),
      { code: 'chain.reorg_below_finality' },
    );
    assert.deepEqual(fold.rows('blocks'), before);
  });
});

describe('answers that do not add up', () => {
  for (const name of ['transactions-short', 'rest-truncated', 'rest-text', 'rest-reset'] as const) {
    it(`are asked for again: ${name}`, async () => {
      const { simulator, config } = await start(10);
      simulator.node.faults.arm({ name, times: 2 });
      const { fold, source } = open(config);
      await fold.run(source, (reader) => site.isReached(reader));
      assertSameRows(fold, simulator);
    });
  }

  it('are refused where a raw block does not hash to its hash', async () => {
    const { simulator, config } = await start(10, [{ mode: 'validator' }]);
    simulator.restart();
    simulator.node.faults.arm({ name: 'raw-corrupt', times: 0 });
    const { fold, source } = open({ ...config, attemptsMax: 2 });
    await assert.rejects(
      fold.run(source, () => false),
      { code: 'source.inconsistent_block' },
    );
    assert.equal(fold.held.size, 0);
  });

  it('are read again when the chain moves between two calls', async () => {
    const { simulator, config } = await start(10);
    const fold = await site.whileRunning(config, () => {
      simulator.node.faults.arm({ name: 'rest-reorg', path: '/v1/blocks/11', depth: 2 });
      simulator.produce(1, { transactions: 3 });
    });
    assertSameRows(fold, simulator);
  });

  it('send a frame that cannot be read to the dead letters, and the rest goes on', async () => {
    const { simulator, config } = await start(3);
    const fold = await site.whileRunning(config, () => {
      for (const name of ['malformed-frame', 'unknown-type', 'missing-field'] as const) {
        simulator.node.faults.arm({ name });
        simulator.produce();
      }
    });
    assert.equal(fold.updates.filter(({ kind }) => kind === 'malformed').length, 2);
    assertSameRows(fold, simulator);
  });
});

describe('a node that has had enough', () => {
  it('closes the stream with 1008: another one is opened, the first is left alone', async () => {
    const { simulator, config } = await start(3, [{ connectionsMax: 0 }, {}]);
    const { fold, source } = open({ ...config, silenceMs: 60_000 });
    await assert.rejects(
      fold.run(source, () => false),
      { code: 'source.session_lost', message: /1008 \(Too many connections\)/ },
    );
    await fold.run(source, (reader) => site.isReached(reader));
    assert.deepEqual(simulator.nodes.map(({ stream }) => stream.connections).length, 2);
    assertSameRows(fold, simulator);
    const upgrades = site.servers.map(
      ({ requests }) => requests.filter((path) => path === '/ws/blocks').length,
    );
    assert.deepEqual(upgrades, [1, 1]);
  });

  it('is polled while its only stream is left alone, after 1008 and after 429', async () => {
    for (const name of ['too-many', 'upgrade-status'] as const) {
      const { simulator, config } = await start(3);
      simulator.node.faults.arm({ name });
      const { fold, source } = open({ ...config, silenceMs: 60_000 });
      const reached = fold.run(source, (reader) => site.isReached(reader));
      if (name === 'too-many') await reached.catch(() => undefined);
      else await reached;
      simulator.produce(2);
      await fold.run(source, (reader) => site.isReached(reader));
      assertSameRows(fold, simulator);
      const upgrades = site.servers[0]?.requests.filter((path) => path === '/ws/blocks');
      assert.equal(upgrades?.length, 1, name);
      await site.close();
    }
  });

  it('answers 429 and is left for another one at once', async () => {
    const { simulator, config } = await start(10, [{ requestsPerMinuteMax: 4 }, {}]);
    const { fold, source } = open({ rest: config.rest, attemptsMax: 3 });
    const startedAtMs = performance.now();
    await fold.run(source, (reader) => site.isReached(reader));
    assert(performance.now() - startedAtMs < 30_000, 'a minute was not waited for');
    assertSameRows(fold, simulator);
  });

  it('is never asked more often in a minute than the budget allows', async () => {
    const { simulator, config } = await start(30);
    const clock = new FastClock();
    const { fold, source } = open(
      { rest: config.rest, requestsPerMinuteMax: 10, concurrency: 2 },
      createBasaltFold(clock),
    );
    await fold.run(source, (reader) => site.isReached(reader));
    assertSameRows(fold, simulator);
    const asked = site.servers[0]?.requests.length ?? 0;
    assert(asked > 30 && clock.sleptMs >= (Math.floor(asked / 10) - 1) * 60_000, `${asked}`);
  });
});

/** Sleeps pass at once, and are counted. */
class FastClock implements Clock {
  readonly #wall = new WallClock();
  sleptMs = 0;

  nowMs(): number {
    return this.#wall.nowMs() + this.sleptMs;
  }

  nowUs(): number {
    return this.nowMs() * 1_000;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const untilMs = this.nowMs() + ms;
    await until('the next turn', () => true);
    await this.#wall.sleep(1, signal);
    this.sleptMs += Math.max(0, untilMs - this.nowMs());
  }
}
