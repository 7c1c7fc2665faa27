/** Reads a range of old blocks again, as a catch-up does, but without a position to move. */
import { formatBlock } from '../../model/block.ts';
import { TransientError } from '../../model/errors.ts';
import type { BlockUpdate } from '../../model/update.ts';
import type { HeightRange } from '../source.ts';
import { catchUp } from './catch-up.ts';
import { type BlockMessage, type ChainNode, type ChainScope, moved } from './chain.ts';

/**
 * Blocks in order, each the child of the one before. Throws `source.missing_block` when the chain
 * ends below the range or changes while it is read.
 */
export async function* rereadBlocks<N extends ChainNode, M extends BlockMessage>(
  { config, runtime, fetcher }: ChainScope<N, M>,
  { from, to }: HeightRange,
  signal: AbortSignal,
): AsyncGenerator<BlockUpdate<M>> {
  const { blocksPerFetch, concurrency } = config;
  let before: M['block'] | undefined;
  for await (const group of catchUp(fetcher, { from, to, blocksPerFetch, concurrency }, signal)) {
    if (group === moved) throw changed(`blocks ${from} to ${to}`);
    const receivedAtUs = runtime.clock.nowUs();
    for (const message of group) {
      const { height, hash, parentHash, timeMs } = message.block;
      if (before !== undefined && before.hash !== parentHash) throw changed(formatBlock(before));
      before = message.block;
      const header = { height, hash, parentHash, timeMs };
      yield { kind: 'block', header, messages: [message], isBackfill: true, receivedAtUs };
    }
  }
}

function changed(what: string): TransientError {
  return new TransientError('source.missing_block', {
    stage: 'sources',
    message: `The node does not have ${what} on one unchanging chain: its head is below, or it moved to another branch meanwhile. Try again, or use another endpoint.`,
  });
}
