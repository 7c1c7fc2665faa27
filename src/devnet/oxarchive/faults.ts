/** The faults of the 0xArchive simulator: their names, what they do and where they strike. */
import { ArmedFaults, type FaultRequestBase } from '../simulator/faults.ts';

/** Every fault there is, and what it does. */
export const faultNames = {
  'upgrade-status': 'the upgrade is answered `status` (default 401)',
  'upgrade-close': 'the socket opens and is closed with `code` (default 1008)',
  'upgrade-hang': 'the upgrade is never answered',
  'upgrade-reset': 'the connection is reset during the upgrade',
  'ack-never': 'a subscription to `channel` is never acknowledged, and nothing follows',
  'ack-late': 'the acknowledgement of `channel` waits `delayMs`, or until this is cleared',
  'ack-error':
    'a subscription to `channel` fails with the code `text` (default `upstream_unavailable`)',
  'data-before-ack': 'the first frame of a subscription to `channel` comes before its ack',
  'no-version': 'acknowledgements do not tell the version',
  'no-pings': 'the server sends no pings and answers none',
  mute: 'half open: the server sends nothing at all, pings included, and hears nothing',
  freeze: 'nothing is sent for `delayMs`, or until this is cleared; then all of it comes',
  drop: 'a live frame of `channel` and `symbol` is not sent',
  gap: 'live frames of `channel` and `symbol` are lost until this is cleared',
  hold: 'live frames of `channel` and `symbol` wait until this is cleared',
  dropped: 'a live frame of `channel` is lost, and a `slow_consumer` notice says so',
  'gap-frame': 'a live frame of `channel` and `symbol` is lost, and a `gap_detected` says so',
  stopped: 'a subscription to `channel` ends with a `slow_consumer` notice, its frame is lost',
  'duplicate-frame': 'a frame of `channel` is sent twice',
  'duplicate-row': 'the last row of a frame of `channel` comes again in the next one',
  reorder: 'the rows within a frame of `channel` come in reverse order',
  'unknown-type': 'before a frame of `channel`, a frame of a type comes that nobody knows',
  'unknown-field': 'a frame of `channel`, and its rows, have a member that nobody knows',
  'missing-field': 'the rows of a frame of `channel` lack the member `text` (default `px`)',
  'bad-number': 'in the rows of a frame of `channel`, the member `text` (default `px`) is `NaN`',
  'future-time': 'the rows of a frame of `channel` are an hour ahead',
  'clock-skew': 'all times of live frames are `delayMs` (default 90000) ahead',
  'malformed-frame': 'instead of a frame of `channel`, `text` is sent (default: no JSON)',
  'truncated-frame': 'a frame of `channel` ends in the middle of its JSON',
  'binary-frame': 'a frame of `channel` comes as a binary message',
  'cut-message': 'the socket dies in the middle of a frame of `channel`',
  'huge-frame': 'a frame of `channel` has 30 MB in a member that nobody knows',
  'crossed-book': 'the best bid of a book of `channel` is above its best ask',
  'seq-absent': 'diffs and order events have no `seq`',
  'error-frame': 'before a frame of `channel`, an error with the code `text` comes',
  'credits-exhausted': 'every subscription and replay fails with `insufficient_credits`',
  'replay-error': 'a replay fails with the code `text` (default `upstream_unavailable`)',
  'replay-killed': 'the socket dies after a row of a replay of `channel`',
  'replay-stalled': 'a row of a replay of `channel` waits `delayMs`, or until this is cleared',
  'replay-lost-row': 'a row of a replay of `channel` is not sent; `snapshots_sent` counts it',
  'rest-status': 'a request answers `status` (default 500); 429 has Retry-After',
  'rest-delay': 'a request waits `delayMs`, or until this is cleared',
  'rest-reset': 'the connection of a request is reset',
  'rest-truncated': 'an answer ends in the middle of its JSON',
} as const;

/** The name of a fault. */
export type FaultName = keyof typeof faultNames;

/** What to arm. */
export interface FaultRequest extends FaultRequestBase {
  readonly name: FaultName;
  /** Only this channel; default: any. */
  readonly channel?: string;
  /** Only this symbol; default: any. */
  readonly symbol?: string;
  /** Only REST paths that begin so, with `/v1`; default: any. */
  readonly path?: string;
  readonly status?: number;
  readonly code?: number;
  readonly retryAfterSeconds?: number;
  readonly delayMs?: number;
  readonly text?: string;
}

/** Where something happens that a fault may strike. */
export interface FaultPlace {
  readonly channel: string;
  readonly symbol: string;
  readonly path: string;
}

/** The armed faults of one simulator. */
export type Faults = ArmedFaults<FaultRequest, FaultPlace>;

const lasting: ReadonlySet<FaultName> = new Set([
  'ack-late',
  'no-version',
  'no-pings',
  'mute',
  'freeze',
  'gap',
  'hold',
  'clock-skew',
  'seq-absent',
  'credits-exhausted',
  'replay-stalled',
  'rest-delay',
]);

/** No fault is armed yet. */
export function createFaults(): Faults {
  return new ArmedFaults({
    lasting,
    isHere: (request, place) =>
      (request.channel === undefined || request.channel === place.channel) &&
      (request.symbol === undefined || request.symbol === place.symbol) &&
      (request.path === undefined || place.path?.startsWith(request.path) === true),
  });
}
