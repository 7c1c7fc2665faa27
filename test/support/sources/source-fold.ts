/**
 * The other end of a source in a test: lends it a runtime, takes its updates over with the real
 * continuity, and keeps what a reader would hold. A wrong sequence of updates throws.
 */
import assert from 'node:assert/strict';
import { silentLogger } from '../../../src/consumer/silent-logger.ts';
import { CanonicalChain } from '../../../src/continuity/canonical-chain.ts';
import type { BlockRef } from '../../../src/model/block.ts';
import { blockCursor, type Cursor, parseCursor } from '../../../src/model/cursor.ts';
import { PipelineError } from '../../../src/model/errors.ts';
import type { Event } from '../../../src/model/event.ts';
import type { Clock } from '../../../src/model/runtime.ts';
import type { BlockUpdate, SourceUpdate } from '../../../src/model/update.ts';
import { createNormalizer } from '../../../src/normalization/normalizer.ts';
import type { Channel, Source, SourceRuntime } from '../../../src/sources/source.ts';
import type { FrameTap } from '../../../src/transport/frame-tap.ts';

/** What differs from kind to kind. */
export interface FoldOptions<M> {
  /** CAIP-2 id. */
  readonly chain: string;
  readonly channels: Readonly<Record<string, Channel<M>>>;
  readonly clock: Clock;
  /** A legible name of a block, for pictures. */
  nameOf(block: BlockRef): string;
}

/** A reader of one source. */
export class SourceFold<M> {
  readonly updates: SourceUpdate<M>[] = [];
  /** Blocks that are published now, by height. */
  readonly held = new Map<number, BlockUpdate<M>>();
  readonly chain: CanonicalChain;
  /** Errors that were logged as warnings. */
  readonly warnings: PipelineError[] = [];
  /** What was counted, by the name of the counter. */
  readonly counted = new Map<string, number>();
  readonly #options: FoldOptions<M>;
  cursor: Cursor | null = null;
  /** Hears what crosses the wire. */
  hear: FrameTap | undefined;

  constructor(options: FoldOptions<M>) {
    this.#options = options;
    this.chain = new CanonicalChain(options.chain);
  }

  get runtime(): SourceRuntime {
    return {
      name: 'test',
      clock: this.#options.clock,
      logger: {
        ...silentLogger,
        warn: ({ err }) => {
          if (err instanceof PipelineError) this.warnings.push(err);
        },
      },
      metrics: {
        add: (name, _, value = 1) => {
          this.counted.set(name, (this.counted.get(name) ?? 0) + value);
        },
        set: () => undefined,
        observe: () => undefined,
      },
      random: () => 0.5,
      canonicalHash: (height) => this.chain.hashAt(height),
      finalizedHeight: () => this.chain.finalized?.height,
      onFrame: (frame) => this.hear?.(frame),
    };
  }

  /** Takes one update over as the pipeline does. */
  take(update: SourceUpdate<M>): void {
    this.updates.push(update);
    if (update.kind === 'block') {
      const { header } = update;
      for (const change of this.chain.apply(header)) this.#changed(change);
      this.held.set(header.height, update);
      this.cursor = blockCursor(header);
    } else if (update.kind === 'revision') {
      const { block: header, ...content } = update;
      assert(
        this.chain.revision(header) !== null,
        `revised block ${header.height}, which is final`,
      );
      this.held.set(header.height, { ...content, kind: 'block', header });
    } else if (update.kind === 'fork') {
      for (const change of this.chain.fork(update.canonical, update.reason)) this.#changed(change);
      if (this.chain.tip !== null) this.cursor = blockCursor(this.chain.tip);
    } else if (update.kind === 'finalized') {
      this.chain.finalize(update.block);
    } else if (update.kind === 'gap') {
      const position = parseCursor(update.resumedAt);
      // A gap of one dataset leaves the chain where it is.
      if (position.kind !== 'block') return;
      this.chain.resume(position.block);
      this.cursor = update.resumedAt;
    }
  }

  /** Every height that is held, as height to hash. */
  get hashes(): Record<number, string> {
    return Object.fromEntries([...this.held].map(([height, { header }]) => [height, header.hash]));
  }

  /** Published rows of one dataset, by height. Throws for a message that makes no row. */
  rows(dataset: string): readonly Event[] {
    const normalize = createNormalizer(this.#options.channels, new Set([dataset]));
    return [...this.held.values()]
      .sort((a, b) => a.header.height - b.header.height)
      .flatMap(({ header, messages, isBackfill, receivedAtUs }) => {
        const { height, hash: blockHash, timeMs: blockTimeMs } = header;
        const { chain } = this.#options;
        const place = { chain, source: 'test', height, blockHash, blockTimeMs };
        return normalize(messages, { ...place, isBackfill, receivedAtUs }, (error) => {
          throw error;
        });
      });
  }

  /** Where the forks began and why: `9100003 announced`. */
  get forks(): readonly string[] {
    return this.updates.flatMap((update) =>
      update.kind === 'fork' ? [`${update.canonical[0]?.height} ${update.reason}`] : [],
    );
  }

  /** Blocks, forks and revisions, by name: `+1a +2a ~1a,2b +2b *2b`. */
  get picture(): string {
    const { nameOf } = this.#options;
    return this.updates
      .flatMap((update) => {
        if (update.kind === 'block') return [`+${nameOf(update.header)}`];
        if (update.kind === 'revision') return [`*${nameOf(update.block)}`];
        return update.kind === 'fork' ? [`~${update.canonical.map(nameOf).join(',')}`] : [];
      })
      .join(' ');
  }

  /** Runs one session until `until` holds after an update, or until it throws. */
  async run(
    source: Source<M>,
    until: (fold: SourceFold<M>, update: SourceUpdate<M>) => boolean,
  ): Promise<void> {
    const stop = new AbortController();
    const deadline = setTimeout(() => stop.abort(new Error('deadline')), 180_000);
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
    for (const { height, hash } of change.blocks) {
      assert.equal(this.held.get(height)?.header.hash, hash, 'reverted what is not held');
      this.held.delete(height);
    }
  }
}
