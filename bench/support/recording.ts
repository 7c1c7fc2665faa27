/** Blocks as the evm source reports them, read from the devnet's node into memory beforehand. */
import { definitions } from '../../src/cli/configuration.ts';
import { systemClock } from '../../src/model/system-clock.ts';
import type { SourceUpdate } from '../../src/model/update.ts';
import { createMetrics } from '../../src/observability/metrics.ts';
import type { EvmMessage } from '../../src/sources/evm/messages.ts';
import { benchLogger, type Stage } from './stage.ts';

/** Every update of the stage's source up to the block of height `to`. */
export async function record(stage: Stage, to: number): Promise<SourceUpdate<EvmMessage>[]> {
  const { kind, name, options, datasets } = stage.source;
  const definition = definitions[kind];
  if (definition === undefined) throw new Error(`no source of kind ${kind}`);
  const source = definition.connect(options, new Set(datasets), {
    name,
    clock: systemClock,
    logger: benchLogger,
    metrics: createMetrics(),
    random: Math.random,
    canonicalHash: () => undefined,
    finalizedHeight: () => undefined,
  });
  const stop = new AbortController();
  const updates: SourceUpdate<EvmMessage>[] = [];
  for await (const update of source.updates(null, stop.signal)) {
    updates.push(update as SourceUpdate<EvmMessage>);
    if (update.kind === 'block' && update.header.height >= to) break;
  }
  stop.abort();
  return updates;
}
