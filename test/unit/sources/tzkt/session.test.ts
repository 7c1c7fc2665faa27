/** Sessions on the simulator: whatever hub and REST do, a reader ends with the canonical rows. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { openTzktServer, type TzktServer } from '../../../../src/devnet/tzkt/server.ts';
import { TzktSimulator } from '../../../../src/devnet/tzkt/simulator.ts';
import type { SourceUpdate } from '../../../../src/model/update.ts';
import type { TzktConfig } from '../../../../src/sources/tzkt/config.ts';
import type { TzktMessage } from '../../../../src/sources/tzkt/messages.ts';
import { open, someKinds, type TzktFold } from '../../../support/tzkt/tzkt-fold.ts';
import { assertSameRows } from '../../../support/tzkt/tzkt-truth.ts';

type Update = SourceUpdate<TzktMessage>;

let simulator: TzktSimulator;
let server: TzktServer;
beforeEach(async () => {
  simulator = new TzktSimulator({ historyLevels: 5 });
  server = await openTzktServer(simulator);
});
afterEach(() => server.close());

const atHead = (fold: TzktFold) => fold.chain.hashAt(simulator.head.level) === simulator.head.hash;

/** Runs until the head is reached once for each step, which is taken then. */
async function follow(
  steps: readonly (() => void)[],
  overrides: Partial<TzktConfig> = {},
): Promise<TzktFold> {
  const { fold, source } = open(server, { operations: [{ types: someKinds }], ...overrides });
  const left = [...steps];
  await fold.run(
    source,
    (reader: TzktFold, update: Update) => {
      // Only an idle or final report says that the source itself takes the head for reached.
      if (!atHead(reader) || update.kind === 'block' || update.kind === 'fork') return false;
      const step = left.shift();
      step?.();
      return step === undefined;
    },
    60_000,
  );
  return fold;
}

const cases: readonly (readonly [string, () => void])[] = [
  ['blocks that come one by one', () => simulator.produce(2)],
  [
    'several blocks in one report',
    () => {
      simulator.apply();
      simulator.apply();
      simulator.flush();
    },
  ],
  ['a reorg that is reported in one batch', () => simulator.reorganize({ depth: 1 })],
  [
    'a reorg that is reported step by step',
    () => simulator.reorganize({ depth: 2, isMerged: false }),
  ],
  ['a shorter branch', () => simulator.reorganize({ depth: 2, newBlocks: 1 })],
  [
    'a rollback with nothing in its place yet',
    () => {
      simulator.revert();
      simulator.flush();
    },
  ],
  [
    'a block that was replaced without a word',
    () => {
      simulator.faults.arm({ name: 'missed-rollback' });
      simulator.reorganize({ depth: 1, newBlocks: 1 });
    },
  ],
  [
    'channels that repeat a message',
    () => {
      simulator.faults.arm({ name: 'duplicate-data', times: 4 });
      simulator.produce(2);
    },
  ],
  [
    'a channel that skips a range and repeats the next',
    () => {
      simulator.faults.arm({ name: 'range-twice', channel: 'operations' });
      simulator.produce(3);
    },
  ],
  [
    'blocks that are never announced',
    () => {
      simulator.faults.arm({ name: 'drop-data', channel: 'blocks' });
      simulator.produce(1);
    },
  ],
  [
    'messages that are lost',
    () => {
      simulator.faults.arm({ name: 'drop-data', channel: 'operations' });
      simulator.faults.arm({ name: 'drop-data', channel: 'accounts' });
      simulator.produce(2);
    },
  ],
  [
    'a state that is ahead of its data',
    () => {
      simulator.faults.arm({ name: 'state-ahead', channel: 'operations' });
      simulator.produce(2);
    },
  ],
  [
    'a reorg message that one channel never gets',
    () => {
      simulator.faults.arm({ name: 'drop-reorg', channel: 'operations' });
      simulator.reorganize({ depth: 1 });
    },
  ],
  [
    'a reorganization between two pages of REST',
    () => {
      simulator.faults.arm({ name: 'drop-data', channel: 'operations' });
      simulator.faults.arm({ name: 'rest-reorg', depth: 1 });
      simulator.produce(1);
    },
  ],
  [
    'REST that refuses, delays and breaks off',
    () => {
      simulator.faults.arm({ name: 'rest-status', status: 429, retryAfterSeconds: 0.01 });
      simulator.faults.arm({ name: 'rest-status', status: 500 });
      simulator.faults.arm({ name: 'rest-truncated' });
      simulator.faults.arm({ name: 'rest-reset' });
      simulator.produce(2);
    },
  ],
];

describe('a session leaves the canonical rows behind', () => {
  for (const [title, step] of cases) {
    it(`after ${title}`, async () => {
      assertSameRows(
        await follow([step, () => simulator.produce(1)], { rowsPerPage: 4 }),
        simulator,
      );
    });
  }
});

describe('a session', () => {
  it('begins at the newest level, also when no state message ever comes', async () => {
    const { fold, source } = open(server, {
      operations: [{ types: someKinds }],
      start: 'latest',
    });
    simulator.faults.arm({ name: 'subscribe-no-state', times: 0 });
    await fold.run(source, atHead);
    assert.deepEqual([...fold.held.keys()], [simulator.head.level]);
  });

  it('takes back what was replaced while it was away', async () => {
    const { fold, source } = open(server, { operations: [{ types: someKinds }] });
    await fold.run(source, atHead);
    simulator.reorganize({ depth: 2, newBlocks: 5 });
    await fold.run(source, atHead, 60_000);
    assert.match(fold.picture, /fork@9100003\(hash_audit\)/);
    assertSameRows(fold, simulator);
  });

  it('hands over frames that cannot be read, with their bytes, and reads on', async () => {
    const fold = await follow([
      () => {
        simulator.faults.arm({ name: 'malformed-frame', channel: 'operations', text: '{oops' });
        simulator.faults.arm({ name: 'unknown-message', channel: 'bigmaps' });
        simulator.produce(2);
      },
    ]);
    const malformed = fold.updates.flatMap((update) =>
      update.kind === 'malformed' ? [Buffer.from(update.raw).toString()] : [],
    );
    assert(malformed.includes('{oops'), malformed.join());
    assertSameRows(fold, simulator);
  });

  it('keeps members that nobody knows', async () => {
    const fold = await follow([
      () => {
        simulator.faults.arm({ name: 'unknown-field', channel: 'operations' });
        simulator.produce(1);
      },
    ]);
    const details = fold.rows('operations').map(({ row }) => String(row['details']));
    const unknown = details.filter((text) => text.includes('futureMember'));
    assert(unknown.length > 0, details.at(-1));
    assert(fold.updates.every(({ kind }) => kind !== 'malformed'));
  });

  it('retracts nothing for a lagging REST, and says so in the end', async () => {
    const { fold, source } = open(server, {
      operations: [{ types: someKinds }],
      restLagMaxMs: 400,
    });
    await fold.run(source, atHead);
    const seen = fold.updates.length;
    simulator.faults.arm({ name: 'rest-lag' });
    const running = fold.run(source, () => {
      if (fold.updates.length === seen + 1) simulator.produce(1);
      return false;
    });
    await assert.rejects(running, { code: 'source.missing_block' });
    assert(fold.updates.every(({ kind }) => kind !== 'fork'));
  });

  /** Looks of the source, with nothing taken back, until the next thing happens. */
  async function takesNothingBack(change: () => void, resolve: () => void): Promise<void> {
    const { fold, source } = open(server, {
      operations: [{ types: someKinds }],
      auditIntervalMs: 20,
      rewindConfirmMs: 600_000,
      restLagMaxMs: 600_000,
    });
    const forks = () => fold.updates.filter(({ kind }) => kind === 'fork').length;
    let requests = Number.POSITIVE_INFINITY;
    let isResolved = false;
    await fold.run(source, (reader, update) => {
      if (isResolved) return atHead(reader);
      if (requests === Number.POSITIVE_INFINITY) {
        if (!atHead(reader) || update.kind !== 'idle') return false;
        change();
        requests = server.requests;
      } else if (server.requests > requests + 20) {
        assert.equal(forks(), 0, reader.picture);
        isResolved = true;
        resolve();
      }
      return false;
    });
    assert.equal(forks(), 1, fold.picture);
    assertSameRows(fold, simulator);
  }

  it('does not believe another branch of REST before it lasts, without the hub’s word', async () => {
    const change = () => {
      simulator.faults.arm({ name: 'hold' });
      simulator.reorganize({ depth: 1, newBlocks: 1 });
    };
    await takesNothingBack(change, () => simulator.faults.clear('hold'));
  });

  it('does not take back what was announced as void before that lasts, or a branch is there', async () => {
    const change = () => {
      simulator.revert();
      simulator.flush();
    };
    await takesNothingBack(change, () => simulator.produce(1));
  });

  it('remembers the hub’s word while REST does not know of it', async () => {
    const change = () => {
      simulator.faults.arm({ name: 'rest-lag' });
      simulator.revert();
      simulator.flush();
    };
    await takesNothingBack(change, () => {
      // Nothing else tells of the other branch.
      simulator.faults.arm({ name: 'drop-data', channel: 'blocks', times: 0 });
      simulator.faults.arm({ name: 'drop-data', channel: 'head', times: 0 });
      simulator.produce(1);
      simulator.faults.clear('rest-lag');
    });
  });

  it('reports a fork below finality as it is, so that continuity stops the source', async () => {
    const { fold, source } = open(server, { operations: [{ types: someKinds }] });
    await fold.run(source, (reader) => reader.chain.finalized?.height === simulator.head.level - 2);
    simulator.reorganize({ depth: 4 });
    await assert.rejects(
      fold.run(source, () => false),
      { code: 'chain.reorg_below_finality' },
    );
  });

  it('ends with the reason when the hub goes away, is mute, or never confirms', async () => {
    const { fold, source } = open(server, {
      operations: [{ types: someKinds }],
      serverTimeoutMs: 300,
      keepAliveMs: 100,
      requestTimeoutMs: 300,
    });
    for (const [name, code] of [
      ['subscribe-error', 'source.unsupported'],
      ['subscribe-zero', 'source.unsupported'],
      ['subscribe-silent', 'source.session_lost'],
      ['handshake-error', 'source.unreachable'],
      ['mute', 'source.'],
    ] as const) {
      simulator.faults.arm({ name });
      await assert.rejects(
        fold.run(source, () => false),
        (error: { code?: string }) => {
          return error.code?.startsWith(code) === true;
        },
      );
      simulator.faults.clear();
    }
  });
});

describe('identity and head', () => {
  it('refuse an indexer of another network', async () => {
    const { source } = open(server, { chain: 'tezos:NetXdQprcVkpaWU' });
    const { signal } = new AbortController();
    await assert.rejects(source.identity(signal), {
      code: 'source.wrong_chain',
      message: /serves tezos:NetXSCw6Rghzp68; the configuration says tezos:NetXdQprcVkpaWU/,
    });
  });
});
