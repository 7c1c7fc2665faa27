/** What following an EVM chain adds: finality by tag, heads of `eth_subscribe`, where to begin. */
import type { Following } from '../following/session.ts';
import { Finality } from './finality.ts';
import { openHeadWatcher } from './head-feed.ts';
import type { EvmMessage } from './messages.ts';
import type { EvmNode, Tips } from './node.ts';
import type { SessionScope } from './session-scope.ts';
import { startHeight } from './start.ts';

/** For one session. */
export function followingOf(scope: SessionScope): Following<EvmNode, EvmMessage, Tips> {
  const { config, runtime, nodes } = scope;
  const finality = new Finality(config, runtime);
  const wantsTag = finality.usesTag || config.start === 'finalized';
  return {
    // With announcements the head is still looked at once per block time.
    scope: { ...scope, config: { ...config, silenceMs: config.blockTimeMs } },
    openWatcher: (signal) => openHeadWatcher(config, runtime, signal),
    look: (_, signal) =>
      nodes.run(async (node) => ({ node, tips: await node.tips(wantsTag, signal) }), signal),
    startHeight: (tips) => startHeight(config, tips),
    advanceFinality: (tips, tip) => finality.advance(tips, tip),
  };
}
