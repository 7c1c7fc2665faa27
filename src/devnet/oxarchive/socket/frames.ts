/** The frames of the protocol that carry no rows. */
import type { Item } from '../../simulator/json.ts';
import type { Failure } from '../failure.ts';

/** The newest contract. */
export const contractVersion = '2026-10-01';

/** The names of what a frame is about. Both `coin` and `symbol` are told; null for none. */
export function naming(channel: string, symbol: string | null): Item {
  return { channel, coin: symbol, symbol };
}

/** The acknowledgement of a subscription or of its end. */
export function ackFrame(
  type: 'subscribed' | 'unsubscribed',
  [channel, symbol]: readonly [channel: string, symbol: string | null],
  version?: string,
): Item {
  const names = symbol === null ? { channel } : naming(channel, symbol);
  return { type, ...names, ...versionOf(version) };
}

/** A refusal; clients of the old contract get no code. */
export function errorFrame({ message, code }: Failure, isLegacy: boolean): Item {
  return { type: 'error', message, ...(isLegacy ? {} : { error_code: code }) };
}

/** A live frame. */
export function dataFrame(channel: string, symbol: string | null, data: Item['data']): Item {
  return { type: 'data', ...naming(channel, symbol), data };
}

/** The version as acknowledgements tell it: not to clients that named none. */
export function versionOf(version: string | undefined): Item {
  return version === undefined ? {} : { version };
}

/** A hole that the server tells of. */
export function gapFrame(
  channel: string,
  symbol: string,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Item {
  return {
    type: 'gap_detected',
    ...naming(channel, symbol),
    gap_start: fromMs,
    gap_end: toMs,
    duration_minutes: Math.floor((toMs - fromMs) / 60_000),
  };
}
