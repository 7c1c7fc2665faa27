/** The server's word that it dropped rows because they were not read in time (reference section 5.5). */
import { channelNamed } from '../markets.ts';
import type { ErrorNotice } from '../stream/frames.ts';

/** Whose rows were lost, null for any; `isStopped`: the subscription has ended too. */
export interface Loss {
  readonly channel: string | null;
  readonly symbol: string | null;
  readonly isStopped: boolean;
}

const dropped = /\blive (\w+) messages for (\S+):/;
const stopped = /\bthe (\w+) stream for (\S+):/;

/**
 * Undefined for any other error. The texts name both, the members of the frame may not; without a code
 * the texts alone tell. A notice in other words is believed by its code, of all that it does not name.
 */
export function lossOf({ word, message, channel, symbol }: ErrorNotice): Loss | undefined {
  if (word !== null && word !== 'slow_consumer') return undefined;
  const match = stopped.exec(message) ?? dropped.exec(message);
  if (word === null && channelNamed(match?.[1] ?? '') === undefined) return undefined;
  const named = channel ?? match?.[1] ?? '';
  return {
    channel: channelNamed(named) === undefined ? null : named,
    symbol: symbol ?? match?.[2] ?? null,
    isStopped: match === null ? /\bstopped\b/i.test(message) : stopped.test(message),
  };
}
