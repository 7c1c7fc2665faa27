/** The faults of the Basalt simulator: their names, what they do and where they strike. */
import { ArmedFaults } from '../simulator/faults.ts';

/** Every fault there is, and what it does. */
export const faultNames = {
  'upgrade-status': 'the upgrade of a socket is answered with `status` (default 429)',
  'too-many': 'a socket is accepted and then closed with 1008 `Too many connections`',
  'next-before-current': 'a new socket gets the next `new_block` before its `current_block`',
  'current-as-new': 'the block of `current_block` comes as `new_block` too',
  'no-current': 'a new socket gets no `current_block`',
  'six-fields': 'frames have only the six members that the documentation names',
  seconds: 'frames tell the time in seconds, as the documented sample does',
  'drop-frame': 'a `new_block` is not sent',
  'duplicate-frame': 'a `new_block` is sent twice',
  'repeat-frame': 'before a `new_block`, the one of the block `depth` (default 1) below it comes',
  'malformed-frame': 'instead of a `new_block`, `text` is sent (default: half of the JSON)',
  'binary-frame': 'a `new_block` comes as a binary message',
  'unknown-type': 'before a `new_block`, a frame of a type comes that nobody knows',
  'unknown-field': 'a `new_block` and its block have a member that nobody knows',
  'missing-field': 'the block of a `new_block` lacks the member `text` (default `parentHash`)',
  'cut-message': 'the socket dies in the middle of a `new_block`',
  hold: 'frames wait until this is cleared',
  mute: 'half open: the sockets send nothing and hear nothing, the connections stay',
  'slow-client':
    'a client counts as too slow for a `new_block`: it is dropped without a close frame',
  'rest-status': 'a request answers `status` (default 500)',
  'rest-delay': 'a request waits `delayMs`, or until this is cleared',
  'rest-reset': 'the connection of a request is reset',
  'rest-truncated': 'an answer ends in the middle of its JSON',
  'rest-text': 'a request answers 200 with `text` (default: a page of HTML)',
  'rest-missing': 'a request answers 404 with an empty body',
  'rest-reorg': 'after an answer, the last `depth` blocks (default 1) are replaced',
  'sync-lag': '`/v1/sync/blocks` and receipts lack the last `depth` blocks (default 1)',
  'no-receipts': 'transactions come without what their receipts say',
  'transactions-short': 'the last transaction of a block is left out',
  'prefixed-data': '`data` comes in lower case and with 0x',
  'raw-corrupt': 'one byte of each raw block is wrong',
  unhealthy: '`/v1/health` answers 503 and `degraded`',
} as const;

/** The name of a fault. */
export type FaultName = keyof typeof faultNames;

/** What to arm. */
export interface FaultRequest {
  readonly name: FaultName;
  /** How often it strikes; 0 = until it is cleared. Default 1; 0 for those that last. */
  readonly times?: number;
  /** Only REST paths that begin so; default: any. */
  readonly path?: string;
  readonly status?: number;
  readonly delayMs?: number;
  readonly text?: string;
  readonly depth?: number;
}

/** Where something happens that a fault may strike. */
export interface FaultPlace {
  readonly path: string;
}

const lasting: ReadonlySet<string> = new Set<FaultName>([
  'six-fields',
  'seconds',
  'hold',
  'mute',
  'sync-lag',
  'unhealthy',
]);

/** The armed faults of one node. */
export type Faults = ArmedFaults<FaultRequest, FaultPlace>;

/** No fault is armed yet. */
export function createFaults(): Faults {
  return new ArmedFaults({
    lasting,
    isHere: (request, place) =>
      request.path === undefined || place.path?.startsWith(request.path) === true,
  });
}
