/**
 * Random fork walks through the ledger, with a restart possible after every step. fast-check prints
 * seed and path of a failure, and shrinks it to the shortest walk.
 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import type { BlockRef } from '../../src/model/block.ts';
import { createNormalizer } from '../../src/normalization/normalizer.ts';
import { Ledger } from '../../src/pipeline/ledger.ts';
import { type LedgerOptions, nothingRestored } from '../../src/pipeline/ledger-state.ts';
import { restore } from '../../src/pipeline/restore.ts';
import {
  type ContentChange,
  type SimulatedBlock,
  simulatedChannels,
  simulatedDatasets,
  simulatedRevision,
  simulatedRows,
} from '../support/simulation/chain-world.ts';
import { simulatedEncoders } from '../support/simulation/encoders.ts';
import {
  assertCheckpoint,
  assertExactness,
  assertFinal,
  assertNetEffect,
  assertNewestFirst,
  assertState,
} from '../support/simulation/judge.ts';
import { SimulatedKafka } from '../support/simulation/kafka.ts';
import {
  changelogs,
  keptFromStart,
  simulatedReader,
  simulatedTables,
} from '../support/simulation/run.ts';

type Step =
  | { readonly kind: 'grow'; readonly rows: number }
  | { readonly kind: 'fork'; readonly depth: number; readonly lengths: readonly number[] }
  | { readonly kind: 'back' }
  | {
      readonly kind: 'revise';
      readonly depth: number;
      readonly change: Omit<ContentChange, 'serial'>;
    }
  | { readonly kind: 'finalize'; readonly depth: number }
  | { readonly kind: 'publish' }
  | { readonly kind: 'restart' };

const rows = fc.nat({ max: 3 });
const revise = fc.record({
  kind: fc.constant('revise' as const),
  depth: fc.nat({ max: 5 }),
  change: fc.record({
    kind: fc.constantFrom('same' as const, 'change' as const, 'drop' as const, 'add' as const),
    at: fc.nat({ max: 5 }),
    dataset: fc.constantFrom(...simulatedDatasets),
    routing: fc.nat({ max: 4 }),
  }),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('grow' as const), rows }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('fork' as const),
      depth: fc.integer({ min: 1, max: 4 }),
      lengths: fc.array(rows, { maxLength: 5 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('back' as const) }) },
  { weight: 4, arbitrary: revise },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('finalize' as const),
      depth: fc.integer({ min: 1, max: 6 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('publish' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
);

/** The chain, the ledger that follows it, and the topics it publishes to. */
class Walk {
  readonly kafka = new SimulatedKafka();
  readonly #epoch = this.kafka.fence();
  #chain: SimulatedBlock[] = [];
  #lost: SimulatedBlock[] = [];
  /** What the committed log must show: the chain at the last publication. */
  #published: readonly SimulatedBlock[] = [];
  #finalized = -1;
  #made = 0;
  #ledger = new Ledger(options(1), { ...nothingRestored, tables: keptFromStart(tables) });

  async take(next: Step): Promise<void> {
    if (next.kind === 'grow') this.#report(this.#grow(next.rows));
    if (next.kind === 'fork') this.#fork(next.depth, next.lengths);
    if (next.kind === 'back') this.#switchTo(this.#lost);
    if (next.kind === 'revise') this.#revise(next.depth, next.change);
    if (next.kind === 'finalize') this.#finalize(next.depth);
    if (next.kind === 'publish') this.publish();
    if (next.kind === 'restart') await this.#restart();
  }

  /** Commits what is ready, and judges the topics as they are then. */
  publish(): void {
    if (!this.#ledger.isReady) return;
    const batch = this.#ledger.close();
    const transaction = this.kafka.begin(this.#epoch);
    const offsets = Float64Array.from(batch.records, (record) =>
      this.kafka.append(record, transaction),
    );
    for (const record of batch.seal(offsets)) this.kafka.append(record, transaction);
    this.kafka.commit(transaction);
    this.#published = [...this.#chain];
    const result = { kafka: this.kafka, canonical: this.#published, restarts: 0 };
    assertNetEffect(result);
    assertExactness(result);
    assertNewestFirst(result);
    assertCheckpoint(result);
    assertState(result);
    assertFinal(result);
  }

  #fork(depth: number, lengths: readonly number[]): void {
    const keep = Math.max(this.#finalized + 1, this.#chain.length - depth, 1);
    if (keep >= this.#chain.length) return;
    const parents = this.#chain.slice(0, keep);
    const branch: SimulatedBlock[] = [];
    for (const count of lengths) branch.push(this.#grow(count, [...parents, ...branch]));
    this.#switchTo(branch, keep);
  }

  /** Another branch wins: reported as a fork, then block by block. */
  #switchTo(branch: readonly SimulatedBlock[], keep = branch[0]?.height ?? -1): void {
    const ancestor = this.#chain[keep - 1];
    const first = branch[0];
    if (ancestor === undefined || keep <= this.#finalized || keep > this.#chain.length) return;
    if (first !== undefined && first.parentHash !== ancestor.hash) return;
    if (first !== undefined && this.#chain[keep]?.hash === first.hash) return;
    this.#lost = this.#chain.splice(keep, Number.POSITIVE_INFINITY);
    const canonical: BlockRef[] = [ancestor, ...branch];
    this.#ledger.take({ kind: 'fork', canonical, reason: 'parent_hash' });
    for (const block of branch) this.#report(block);
  }

  /** The venue has another content for a block, or the same, and reports the whole of it. */
  #revise(depth: number, change: Omit<ContentChange, 'serial'>): void {
    const height = this.#chain.length - 1 - depth;
    const block = this.#chain[height];
    if (block === undefined || height <= this.#finalized) return;
    this.#made += 1;
    const revised = simulatedRevision(block, { ...change, serial: this.#made });
    this.#chain[height] = revised;
    this.#reportContent(revised);
  }

  #reportContent(block: SimulatedBlock): void {
    const { rows: _, ...header } = block;
    this.#ledger.take({
      kind: 'revision',
      block: header,
      messages: [block],
      isBackfill: false,
      receivedAtUs: 1,
    });
  }

  #finalize(depth: number): void {
    const block = this.#chain[this.#chain.length - 1 - depth];
    if (block === undefined || block.height <= this.#finalized) return;
    this.#finalized = block.height;
    this.#ledger.take({ kind: 'finalized', block });
  }

  /** A ledger that goes on from the topics alone. */
  async #restored(): Promise<Ledger<SimulatedBlock>> {
    const restored = await restore(simulatedReader(this.kafka), {
      readsPastCheckpoint: false,
      tables,
      signal: new AbortController().signal,
    });
    return new Ledger(options((restored.checkpoint?.generation ?? 0) + 1), restored);
  }

  /** A ledger that was restored would take back the very rows that one that never stopped would. */
  async assertSameAfterRestart(): Promise<void> {
    this.publish();
    if (!this.#ledger.draft.isEmpty || this.#ledger.isReady) return;
    const [running, restored] = [this.#ledger, await this.#restored()];
    assert.equal(restored.undoRows, running.undoRows);
    for (const ledger of [running, restored]) {
      ledger.take({ kind: 'rollback', toHeight: this.#finalized });
    }
    assert.deepEqual(byPartition(restored), byPartition(running));
  }

  /** The process dies without a word: what was not committed is reported again. */
  async #restart(): Promise<void> {
    this.#ledger = await this.#restored();
    this.#finalized = this.#ledger.chain.finalized?.height ?? -1;
    const wanted = this.#chain;
    const common = wanted.findLastIndex(
      (block) => this.#ledger.chain.hashAt(block.height) === block.hash,
    );
    const tip = this.#ledger.chain.tip;
    const ancestor = wanted[common];
    if (tip !== null && ancestor !== undefined && tip.hash !== ancestor.hash) {
      const canonical = wanted.slice(common);
      this.#ledger.take({ kind: 'fork', canonical, reason: 'parent_hash' });
    }
    this.#chain = wanted.slice(0, common + 1);
    for (const block of wanted.slice(common + 1)) this.#report(block);
    // What of their revisions was committed is not known: all that may change is audited.
    for (const block of wanted.slice(this.#finalized + 1, common + 1)) this.#reportContent(block);
  }

  #report(block: SimulatedBlock): void {
    this.#chain.push(block);
    const { rows: _, ...header } = block;
    this.#ledger.take({
      kind: 'block',
      header,
      messages: [block],
      isBackfill: false,
      receivedAtUs: 1,
    });
  }

  #grow(count: number, parents: readonly SimulatedBlock[] = this.#chain): SimulatedBlock {
    const height = parents.length;
    this.#made += 1;
    const hash = `${height}.${this.#made}`;
    return {
      height,
      hash,
      parentHash: parents.at(-1)?.hash ?? 'genesis',
      timeMs: height * 1000,
      rows: simulatedRows(
        { height, hash },
        parents,
        Array.from({ length: count }, (_, index) => ({
          dataset: simulatedDatasets[(height + index) % 3] ?? '',
          routing: (height + index) % 5,
          amount: hash,
        })),
      ),
    };
  }
}

/** Order between partitions is not kept. */
function byPartition(ledger: Ledger<SimulatedBlock>): [string, string[]][] {
  const values = new Map<string, string[]>();
  for (const { topic, partition, value } of ledger.draft.records) {
    const id = `${topic}/${partition}`;
    values.set(id, [...(values.get(id) ?? []), String(value)]);
  }
  return [...values].sort(([a], [b]) => (a < b ? -1 : 1));
}

const tables = simulatedTables('exactly_once');

function options(generation: number): LedgerOptions<SimulatedBlock> {
  const nothing = () => undefined;
  return {
    chain: 'test:1',
    source: 'sim',
    kind: 'sim',
    identity: 'test:1/genesis',
    generation,
    undoBlocksMax: 1000,
    undoRowsMax: 100_000,
    correctionsMs: 3_600_000,
    finalRowsMax: 2,
    tables,
    dataErrors: 'stop',
    encoders: simulatedEncoders(),
    normalize: createNormalizer(simulatedChannels, new Set(changelogs)),
    clock: { nowMs: () => 1, nowUs: () => 1, sleep: () => Promise.resolve() },
    observer: {
      applied: nothing,
      reverted: nothing,
      revised: nothing,
      finalized: nothing,
      batched: nothing,
      quarantined: nothing,
    },
  };
}

it('shows exactly the canonical chain at every committed point of any walk', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const walk = new Walk();
      for (const next of steps) await walk.take(next);
      await walk.assertSameAfterRestart();
    }),
    { numRuns: Number(process.env['OMMER_PROPERTY_RUNS'] ?? 500) },
  );
});

it('gives the same records and checkpoints for the same walk', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const logs = await Promise.all(
        [1, 2].map(async () => {
          const walk = new Walk();
          for (const next of steps) await walk.take(next);
          walk.publish();
          return walk.kafka.topics().flatMap((topic) => walk.kafka.read(topic));
        }),
      );
      assert.deepEqual(logs[0], logs[1]);
    }),
    { numRuns: 100 },
  );
});
