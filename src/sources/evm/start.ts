/** Where a source without a checkpoint begins. */
import { TransientError } from '../../model/errors.ts';
import type { EvmConfig } from './config.ts';
import type { Tips } from './node.ts';

/** Height of the first block to publish. Throws `source.unsupported` when it cannot be known yet. */
export function startHeight(config: EvmConfig, tips: Tips): number {
  switch (config.start) {
    case 'latest':
      return tips.head.height;
    case 'earliest':
      return 0;
    case 'finalized': {
      if (tips.finalized !== null) return tips.finalized.height;
      if (config.finality === 'depth') {
        return Math.max(0, tips.head.height - config.finalityDepth);
      }
      throw new TransientError('source.unsupported', {
        stage: 'sources',
        message:
          'The node knows no finalized block yet, and "start" says to begin there. Wait until it does, or begin at latest or at a height.',
      });
    }
    default:
      return config.start;
  }
}
