/**
 * Runs one session of a source and hands every frame on. Nothing is published: continuity takes the
 * updates over, because a source asks what is canonical, and they are counted and let go.
 */
import type { SourceConfig } from '../../config/config.ts';
import { CanonicalChain } from '../../continuity/canonical-chain.ts';
import type { Clock, Logger } from '../../model/runtime.ts';
import type { SourceUpdate } from '../../model/update.ts';
import { createMetrics } from '../../observability/metrics.ts';
import type { SourceDefinition } from '../../sources/source.ts';
import type { FrameTap } from '../../transport/frame-tap.ts';

/** Blocks that could still be reverted; older ones count as final. */
const blocksMax = 4_096;

/**
 * From the configured start until aborted, which is its end. Throws what the source throws; the
 * frames until then have been handed on. `onUpdate` is waited for.
 */
export async function recordSource<C, M>(
  definition: SourceDefinition<C, M>,
  options: C,
  context: {
    readonly source: Pick<SourceConfig, 'name' | 'chain' | 'datasets'>;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly signal: AbortSignal;
    readonly onFrame: FrameTap;
    onUpdate(update: SourceUpdate<M>): Promise<void>;
  },
): Promise<void> {
  const { source, clock, logger, signal, onFrame } = context;
  const chain = new CanonicalChain(source.chain);
  const connected = definition.connect(options, new Set(source.datasets), {
    ...{ name: source.name, clock, logger, onFrame },
    metrics: createMetrics(),
    random: Math.random,
    canonicalHash: (height) => chain.hashAt(height),
    finalizedHeight: () => chain.finalized?.height,
  });
  try {
    await connected.identity(signal);
    for await (const update of connected.updates(null, signal)) {
      follow(chain, update);
      await context.onUpdate(update);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function follow(chain: CanonicalChain, update: SourceUpdate<unknown>): void {
  if (update.kind === 'block') chain.apply(update.header);
  else if (update.kind === 'fork') chain.fork(update.canonical, update.reason);
  else if (update.kind === 'rollback') chain.rollback(update.toHeight, 'announced');
  else if (update.kind === 'finalized') chain.finalize(update.block);
  else if (update.kind === 'idle') chain.settle();
  chain.bound(blocksMax);
}
