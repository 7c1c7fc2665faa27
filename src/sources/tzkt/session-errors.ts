/** What a session says of what is wrong: errors that end it, and warnings of what it works around. */
import { TransientError } from '../../model/errors.ts';
import type { Setback } from './live-levels.ts';
import type { TzktDataset } from './messages.ts';

/** REST is behind for longer than it may be. */
export function lagging(level: number, waitedMs: number): TransientError {
  return new TransientError('source.missing_block', {
    stage: 'sources',
    message: `REST has not shown level ${level} for ${waitedMs} ms: it lags behind the hub, or the chain went back without a word of it. Nothing was retracted. A new session looks again; check the instance if this goes on.`,
    context: { height: level, waitedMs },
  });
}

/** The hub insists on `theirs`. */
export function contradiction(
  [level, theirs]: readonly [number, string],
  ours: string | undefined,
): TransientError {
  return new TransientError('source.endpoints_disagree', {
    stage: 'sources',
    message: `The hub announces block ${theirs} at level ${level}, and REST has ${ours ?? 'another'} there. Nothing was retracted. A new session asks both again; check that one instance serves both.`,
    context: { height: level, hubHash: theirs, restHash: ours ?? null },
  });
}

/** The subscriptions are lost. */
export function silentHub(silentMs: number, serverLevel: number): TransientError {
  return new TransientError('source.session_lost', {
    stage: 'sources',
    message: `The hub has announced nothing for ${silentMs} ms while REST came to level ${serverLevel}. A new session will subscribe again.`,
    context: { silentMs, serverLevel },
  });
}

/** Blocks change while they are read. */
export function unsettled(level: number, attempts: number): TransientError {
  return new TransientError('source.inconsistent_block', {
    stage: 'sources',
    message: `The blocks up to level ${level} could not be read in ${attempts} attempts: they change while they are read. A new session tries again.`,
    context: { height: level },
  });
}

/** A warning: what was published is compared with REST, which decides. */
export function wentBack({ dataset, from, to }: Setback): TransientError {
  return new TransientError('source.level_went_back', {
    stage: 'sources',
    message: `The hub's channel of ${dataset} went back from level ${from} to ${to} without a reorg message. Nothing was retracted; the hashes are compared with REST, and these levels are read there.`,
    context: { channel: dataset, height: from, toHeight: to },
  });
}

/** A warning: the answer to the subscription and REST say where the channels are. */
export function neverStated(datasets: readonly TzktDataset[]): TransientError {
  return new TransientError('source.state_missing', {
    stage: 'sources',
    message: `The hub confirmed the subscriptions to ${datasets.join(', ')} without a state message. REST says what their levels hold; check the version of TzKT.`,
    context: { channel: datasets.join() },
  });
}
