/**
 * The faults of the TzKT simulator: their names, what they do and where they strike.
 */
import { ArmedFaults } from '../simulator/faults.ts';

/** Every fault there is, and what it does. */
export const faultNames = {
  'negotiate-status': 'negotiate answers `status` (default 503)',
  'handshake-error': 'the handshake is refused with `text`',
  'subscribe-error': 'a subscription to `channel` fails with `text`',
  'subscribe-zero': 'a subscription to `channel` returns 0 and sends no state',
  'subscribe-no-state': 'a subscription to `channel` completes, but its state message never comes',
  'subscribe-silent': 'a subscription to `channel` is never answered',
  'repeat-after-subscribe': 'the data of the state level is sent once more after subscribing',
  'drop-data': 'a data message of `channel` is not sent',
  'drop-reorg': 'a reorg message of `channel` is not sent',
  'duplicate-data': 'a data message of `channel` is sent twice',
  hold: 'all messages of `channel` wait until this is cleared',
  'range-twice': 'a batch of `channel` is skipped and the next one is sent twice',
  'state-ahead': 'a data message of `channel` tells the level after its own as state',
  'empty-data':
    'before the data, an empty array is sent on `channel` (the server does so on blocks)',
  'missed-rollback':
    'a batch knows only its last block: replaced blocks go without a reorg message',
  'jump-back': 'a data message of `channel` tells a state two levels too low',
  'unknown-message': 'before the data, a message of type 3 is sent on `channel`',
  'unknown-channel': 'before the data of `channel`, it is sent to a target that nobody knows',
  'unknown-field': 'messages of `channel`, and their items, have a member that nobody knows',
  'unknown-kind': 'the first item of a data message of operations has a type that nobody knows',
  'malformed-frame': 'instead of a message of `channel`, `text` is sent (default: half of JSON)',
  'incomplete-frame': 'a message of `channel` is sent without its end mark',
  'cut-message': 'the socket dies in the middle of a message of `channel`',
  glue: 'all frames of one turn come in one WebSocket message',
  mute: 'half open: the hub sends nothing at all, pings included, and hears nothing',
  'rest-status': 'a request answers `status` (default 500); 429 may have `retryAfterSeconds`',
  'rest-delay': 'a request waits `delayMs`, or until this is cleared',
  'rest-lag': 'requests see the chain as it was when this was armed',
  'rest-truncated': 'an answer ends in the middle of its JSON',
  'rest-reset': 'the connection of a request is reset',
  'rest-reorg': 'after a full page, the chain reorganizes by `depth`',
} as const;

/** The name of a fault. */
export type FaultName = keyof typeof faultNames;

/** What to arm. */
export interface FaultRequest {
  readonly name: FaultName;
  /** How often it strikes; 0 = until it is cleared. Default 1; 0 for `hold`, `mute`, `rest-lag`. */
  readonly times?: number;
  /** Only this channel; default: any. */
  readonly channel?: string;
  /** Only REST paths that begin so; default: any. */
  readonly path?: string;
  readonly status?: number;
  readonly retryAfterSeconds?: number;
  readonly delayMs?: number;
  readonly text?: string;
  readonly depth?: number;
}

/** Where something happens that a fault may strike. */
export interface FaultPlace {
  readonly channel: string;
  readonly path: string;
}

const lasting: ReadonlySet<FaultName> = new Set(['hold', 'mute', 'rest-lag', 'glue']);

/** The armed faults of one simulator. */
export type Faults = ArmedFaults<FaultRequest, FaultPlace>;

/** No fault is armed yet. */
export function createFaults(): Faults {
  return new ArmedFaults({
    lasting,
    isHere: (request, place) =>
      (request.channel === undefined || request.channel === place.channel) &&
      (request.path === undefined || place.path?.startsWith(request.path) === true),
  });
}
