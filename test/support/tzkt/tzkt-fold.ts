/**
 * The other end of a tzkt source in a test: lends it a runtime, takes its updates over with the real
 * continuity, and keeps the rows that a reader would hold. A wrong sequence of updates throws.
 */
import assert from 'node:assert/strict';
import { CanonicalChain } from '../../../src/continuity/canonical-chain.ts';
import type { TzktServer } from '../../../src/devnet/tzkt/server.ts';
import { blockCursor, type Cursor } from '../../../src/model/cursor.ts';
import { PipelineError } from '../../../src/model/errors.ts';
import type { Event } from '../../../src/model/event.ts';
import type { SourceUpdate } from '../../../src/model/update.ts';
import { createNormalizer } from '../../../src/normalization/normalizer.ts';
import type { Source, SourceRuntime } from '../../../src/sources/source.ts';
import { tzktChannels } from '../../../src/sources/tzkt/channels.ts';
import { type TzktConfig, tzktConfig } from '../../../src/sources/tzkt/config.ts';
import { tzktSource } from '../../../src/sources/tzkt/index.ts';
import type { TzktMessage } from '../../../src/sources/tzkt/messages.ts';
import type { FrameTap } from '../../../src/transport/frame-tap.ts';
import { silentLogger } from '../evm-node/fold.ts';
import { clockSpeed, QuickClock } from './quick-clock.ts';

export const allDatasets: ReadonlySet<string> = new Set(Object.keys(tzktChannels));
/** Kinds that every simulated chain has; reading all forty-four takes as many requests a level. */
export const someKinds = [
  'transaction',
  'origination',
  'reveal',
  'attestation',
  'baking',
  'staking',
];
const chain = 'tezos:NetXSCw6Rghzp68';

/** Quick settings for a local simulator; anything can be overridden. */
export function testConfig(overrides: Partial<TzktConfig>): TzktConfig {
  const defaults = Object.fromEntries(
    Object.entries(tzktConfig).map(([name, option]) => [name, option.default]),
  ) as unknown as TzktConfig;
  return {
    ...defaults,
    chain,
    start: 'earliest',
    silenceMs: 5,
    auditIntervalMs: 200,
    rewindConfirmMs: 100,
    restLagMaxMs: 3_000,
    retryDelayMs: 5,
    retryDelayMaxMs: 20,
    requestTimeoutMs: 3_000,
    requestsPerSecondMax: 10_000,
    concurrency: 8,
    ...overrides,
  };
}

/** A reader of one source. */
export class TzktFold {
  readonly clock = new QuickClock();
  readonly updates: SourceUpdate<TzktMessage>[] = [];
  /** Rows that are published now, by height and in order. */
  readonly held = new Map<number, readonly Event[]>();
  readonly chain = new CanonicalChain(chain);
  readonly #normalize = createNormalizer(tzktChannels, allDatasets);
  cursor: Cursor | null = null;
  /** What was logged as a warning, with its code. */
  readonly warnings: PipelineError[] = [];
  /** Hears what crosses the wire. */
  hear: FrameTap | undefined;

  get runtime(): SourceRuntime {
    return {
      name: 'test',
      clock: this.clock,
      logger: {
        ...silentLogger,
        warn: ({ err }) => {
          assert(err instanceof PipelineError);
          this.warnings.push(err);
        },
      },
      onFrame: (frame) => this.hear?.(frame),
      metrics: { add: () => undefined, set: () => undefined, observe: () => undefined },
      random: () => 0.5,
      canonicalHash: (height) => this.chain.hashAt(height),
      finalizedHeight: () => this.chain.finalized?.height,
    };
  }

  /** Takes one update over as the pipeline does. */
  take(update: SourceUpdate<TzktMessage>): void {
    this.updates.push(update);
    if (update.kind === 'block') this.#takeBlock(update);
    else if (update.kind === 'fork') {
      for (const change of this.chain.fork(update.canonical, update.reason)) this.#changed(change);
      if (this.chain.tip !== null) this.cursor = blockCursor(this.chain.tip);
    } else if (update.kind === 'finalized') {
      this.chain.finalize(update.block);
    }
  }

  #takeBlock(update: Extract<SourceUpdate<TzktMessage>, { kind: 'block' }>): void {
    const { header, messages, isBackfill, receivedAtUs } = update;
    const origin = {
      chain,
      source: 'test',
      height: header.height,
      blockHash: header.hash,
      blockTimeMs: header.timeMs,
      isBackfill,
      receivedAtUs,
    };
    const events = this.#normalize(messages, origin, (error) => {
      throw error;
    });
    for (const change of this.chain.apply(header)) this.#changed(change);
    this.held.set(header.height, events);
    this.cursor = blockCursor(header);
  }

  #changed(change: ReturnType<CanonicalChain['apply']>[number]): void {
    if (change.kind !== 'reverted') return;
    for (const block of change.blocks) {
      const [row] = this.held.get(block.height) ?? [];
      assert.equal(row?.row['block_hash'], block.hash, 'reverted what is not held');
      this.held.delete(block.height);
    }
  }

  /** Published rows of one dataset, by height. */
  rows(dataset: string): readonly Event[] {
    return [...this.held.keys()]
      .sort((a, b) => a - b)
      .flatMap((height) => this.held.get(height) ?? [])
      .filter((event) => event.dataset === dataset);
  }

  /** What came, in one line: `+101 -> 100 f99`. */
  get picture(): string {
    return this.updates
      .flatMap((update) => {
        if (update.kind === 'block')
          return [`+${update.header.height}:${nameOf(update.header.hash)}`];
        if (update.kind === 'fork')
          return [`fork@${update.canonical[0]?.height}(${update.reason})`];
        if (update.kind === 'finalized') return [`f${update.block.height}`];
        return update.kind === 'idle' ? [] : [update.kind];
      })
      .join(' ');
  }

  /** Runs one session until `until` holds after an update, or until it throws. */
  async run(
    source: Source<TzktMessage>,
    until: (fold: TzktFold, update: SourceUpdate<TzktMessage>) => boolean,
    deadlineMs = 20_000,
  ): Promise<void> {
    const stop = new AbortController();
    const deadline = setTimeout(() => stop.abort(new Error('deadline')), deadlineMs);
    let isDone = false;
    try {
      for await (const update of source.updates(this.cursor, stop.signal)) {
        this.take(update);
        isDone ||= until(this, update);
        if (isDone) stop.abort();
      }
    } finally {
      clearTimeout(deadline);
    }
    assert(isDone, `The session ended without what was waited for. Seen: ${this.picture}`);
  }
}

function nameOf(hash: string): string {
  return hash.slice(-4);
}

/** Times that the source counts on its clock last as long as they say; its constants are shorter. */
function quick(config: TzktConfig): TzktConfig {
  // These are counted by the SignalR client, in real time.
  const isReal = (name: string) => name === 'serverTimeoutMs' || name === 'keepAliveMs';
  const entries = Object.entries(config).map(([name, value]) => {
    const isTime = name.endsWith('Ms') && typeof value === 'number' && !isReal(name);
    return [name, isTime ? value * clockSpeed : value];
  });
  return Object.fromEntries(entries) as unknown as TzktConfig;
}

/** A source on this server with a fold at its other end. */
export function open(
  server: TzktServer,
  overrides: Partial<TzktConfig> = {},
  datasets: ReadonlySet<string> = allDatasets,
): { fold: TzktFold; source: Source<TzktMessage> } {
  const fold = new TzktFold();
  const config = quick(testConfig({ url: server.http, ...overrides }));
  return { fold, source: tzktSource.connect(config, datasets, fold.runtime) };
}
