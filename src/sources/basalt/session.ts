/** What following a Basalt chain adds: its block streams, finality by depth, broken promises counted. */
import type { BlockRef } from '../../model/block.ts';
import { PipelineError } from '../../model/errors.ts';
import type { SourceUpdate } from '../../model/update.ts';
import type { HeadView } from '../following/chain.ts';
import { finalByDepth } from '../following/final-by-depth.ts';
import { type Following, followChain } from '../following/session.ts';
import type { SourceRuntime } from '../source.ts';
import type { BasaltConfig } from './config.ts';
import { findGap } from './gap.ts';
import { Lookout } from './look.ts';
import type { BasaltMessage } from './messages.ts';
import type { BasaltNode } from './node.ts';
import type { SessionScope } from './session-scope.ts';

/** Runs until aborted or until something is thrown. */
export async function* runSession(
  scope: SessionScope,
  tip: BlockRef | null,
  signal: AbortSignal,
): AsyncGenerator<SourceUpdate<BasaltMessage>> {
  const { feeds, runtime } = scope;
  let url: string | undefined;
  const openWatcher = async (own: AbortSignal) => {
    const feed = await feeds.open(own);
    url = feed.url;
    return feed.watcher;
  };
  try {
    for await (const update of followChain({ ...followingOf(scope), openWatcher }, tip, signal)) {
      if (update.kind === 'fork') countBrokenPromise(update.canonical, runtime);
      yield update;
    }
  } catch (error) {
    const isLost = error instanceof PipelineError && error.code === 'source.session_lost';
    if (isLost && url !== undefined) feeds.failed(url, error);
    throw error;
  }
}

function followingOf(
  scope: SessionScope,
): Omit<Following<BasaltNode, BasaltMessage, HeadView>, 'openWatcher'> {
  const { config, runtime, nodes } = scope;
  const lookout = new Lookout(nodes, runtime, config.silenceMs);
  let finalHeight = runtime.finalizedHeight() ?? -1;
  return {
    scope,
    look: (request, signal) => lookout.look(request, signal),
    startHeight: ({ head }) => startHeight(config.start, head),
    // A frame says where the tip is: once its block was read there is nothing to look at.
    viewOf: (head, receivedAtUs) => ({ head, receivedAtUs }),
    advanceFinality: ({ head }, tip) => {
      const at = { headHeight: head.height, depth: config.confirmations };
      const block = finalByDepth(at, tip, runtime);
      if (block === null || block.height <= finalHeight) return null;
      finalHeight = block.height;
      return block;
    },
    gapAt: (hole, signal) => findGap(scope, hole, signal),
  };
}

function startHeight(start: BasaltConfig['start'], head: BlockRef): number {
  if (start === 'latest') return head.height;
  return start === 'earliest' ? 0 : start;
}

/** The chain calls every block final, so a fork is more than an event of the day. */
function countBrokenPromise(canonical: readonly BlockRef[], runtime: SourceRuntime): void {
  runtime.metrics.add('broken_promises', { source: runtime.name });
  const { height, hash } = canonical.at(-1) ?? { height: null, hash: null };
  runtime.logger.warn({ height, hash }, 'final blocks were replaced');
}
