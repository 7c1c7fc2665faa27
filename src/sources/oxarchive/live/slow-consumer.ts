/** The server's word that it dropped rows because they were not read in time (reference section 5.5). */
import { channelNamed } from '../markets.ts';
import type { ErrorNotice } from '../stream/frames.ts';

/** Whose rows were lost; `isStopped`: the subscription has ended too. */
export interface Loss {
  readonly channel: string;
  readonly symbol: string;
  readonly isStopped: boolean;
}

const dropped = /\blive (\w+) messages for (\S+):/;
const stopped = /\bthe (\w+) stream for (\S+):/;

/**
 * Undefined for any other error, and where a notice names no known channel. The texts name both, the
 * members of the frame may not; without a code the texts alone tell.
 */
export function lossOf({ word, message, channel, symbol }: ErrorNotice): Loss | undefined {
  if (word !== null && word !== 'slow_consumer') return undefined;
  const isStopped = stopped.test(message);
  const match = stopped.exec(message) ?? dropped.exec(message);
  if (match === null) return undefined;
  const named = { channel: channel ?? match[1] ?? '', symbol: symbol ?? match[2] ?? '' };
  return channelNamed(named.channel) === undefined ? undefined : { ...named, isStopped };
}
