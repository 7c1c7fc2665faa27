/**
 * The other end of a source in a test: lends it a runtime, takes its updates over with the real
 * continuity, and keeps what a reader would hold. A wrong sequence of updates throws.
 */
import assert from 'node:assert/strict';
import { CanonicalChain } from '../../../src/continuity/canonical-chain.ts';
import { blockCursor, type Cursor } from '../../../src/model/cursor.ts';
import type { Clock, Logger } from '../../../src/model/runtime.ts';
import type { SourceUpdate } from '../../../src/model/update.ts';
import { type EvmConfig, evmConfig } from '../../../src/sources/evm/config.ts';
import { evmSource } from '../../../src/sources/evm/index.ts';
import type { EvmMessage } from '../../../src/sources/evm/messages.ts';
import type { Source, SourceRuntime } from '../../../src/sources/source.ts';

export const allDatasets: ReadonlySet<string> = new Set(Object.keys(evmSource.channels));

/** Real time; counts the sleeps under way, so that a test can see a leaked timer. */
export class WallClock implements Clock {
  sleeping = 0;

  nowMs(): number {
    return Date.now();
  }

  nowUs(): number {
    return Math.round((performance.timeOrigin + performance.now()) * 1000);
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.sleeping += 1;
    try {
      await new Promise<void>((resolve, reject) => {
        const abort = () => {
          clearTimeout(timer);
          reject(signal?.reason);
        };
        const timer = setTimeout(() => {
          signal?.removeEventListener('abort', abort);
          resolve();
        }, ms);
        signal?.addEventListener('abort', abort, { once: true });
      });
    } finally {
      this.sleeping -= 1;
    }
  }
}

/** Swallows everything. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

/** Quick settings for a local node; anything can be overridden. */
export function testConfig(overrides: Partial<EvmConfig>): EvmConfig {
  const defaults = Object.fromEntries(
    Object.entries(evmConfig).map(([name, option]) => [name, option.default]),
  ) as unknown as EvmConfig;
  return {
    ...defaults,
    chain: 'eip155:31337',
    start: 'earliest',
    pollIntervalMs: 20,
    blockTimeMs: 50,
    rewindConfirmMs: 150,
    retryDelayMs: 5,
    retryDelayMaxMs: 20,
    requestTimeoutMs: 2_000,
    ...overrides,
  };
}

/** A reader of one source. */
export class Fold {
  readonly clock = new WallClock();
  readonly updates: SourceUpdate<EvmMessage>[] = [];
  /** What is published now, by height. */
  readonly held = new Map<number, EvmMessage>();
  readonly chain = new CanonicalChain('eip155:31337');
  /** Height of the first block that counts; set by the first block. */
  cursor: Cursor | null = null;

  get runtime(): SourceRuntime {
    return {
      name: 'test',
      clock: this.clock,
      logger: silentLogger,
      metrics: { add: () => undefined, set: () => undefined, observe: () => undefined },
      random: () => 0.5,
      canonicalHash: (height) => this.chain.hashAt(height),
      finalizedHeight: () => this.chain.finalized?.height,
    };
  }

  /** Takes one update over as the pipeline does. */
  take(update: SourceUpdate<EvmMessage>): void {
    this.updates.push(update);
    if (update.kind === 'block') {
      for (const change of this.chain.apply(update.header)) this.#changed(change);
      const [message] = update.messages;
      assert(message !== undefined);
      this.held.set(update.header.height, message);
      this.cursor = blockCursor(update.header);
    } else if (update.kind === 'fork') {
      for (const change of this.chain.fork(update.canonical, update.reason)) this.#changed(change);
      if (this.chain.tip !== null) this.cursor = blockCursor(this.chain.tip);
    } else if (update.kind === 'finalized') {
      this.chain.finalize(update.block);
    }
  }

  /** Every height that is held, as height to hash. */
  get hashes(): Record<number, string> {
    return Object.fromEntries([...this.held].map(([height, { block }]) => [height, block.hash]));
  }

  /** Kinds of the updates so far, blocks with their height: `+1 +2 ~1 +2 …`. */
  get picture(): string {
    return this.updates
      .flatMap((update) => {
        if (update.kind === 'block') return [`+${nameOf(update.header.hash)}`];
        if (update.kind !== 'fork') return [];
        return [`~${update.canonical.map(({ hash }) => nameOf(hash)).join(',')}`];
      })
      .join(' ');
  }

  /** Runs one session until `until` holds after an update, or until it throws. */
  async run(
    source: Source<EvmMessage>,
    until: (fold: Fold, update: SourceUpdate<EvmMessage>) => boolean,
  ): Promise<void> {
    const stop = new AbortController();
    const deadline = setTimeout(() => stop.abort(new Error('deadline')), 60_000);
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

  #changed(change: ReturnType<CanonicalChain['apply']>[number]): void {
    if (change.kind !== 'reverted') return;
    for (const block of change.blocks) {
      assert.equal(
        this.held.get(block.height)?.block.hash,
        block.hash,
        'reverted what is not held',
      );
      this.held.delete(block.height);
    }
  }
}

/** The end of a legible hash; all of an ordinary one. */
function nameOf(hash: string): string {
  return hash.replace(/^0x0*/, '') || '0';
}

/** A source of these settings with a fold at its other end. */
export function open(
  overrides: Partial<EvmConfig>,
  datasets: ReadonlySet<string> = allDatasets,
): { fold: Fold; source: Source<EvmMessage> } {
  const fold = new Fold();
  return { fold, source: evmSource.connect(testConfig(overrides), datasets, fold.runtime) };
}
