/** The faults of the BlockDB simulator: their names, what they do and where they strike. */
import { ArmedFaults, type FaultRequestBase } from '../simulator/faults.ts';
import type { DatasetId } from './chain/datasets.ts';

/** Every fault there is, and what it does. */
export const faultNames = {
  'upgrade-status': 'the upgrade is answered `status` (default 401)',
  'upgrade-close': 'the socket opens and is closed with `code` (default 1008)',
  'upgrade-hang': 'the upgrade is never answered',
  'upgrade-reset': 'the connection is reset during the upgrade',
  'ack-never': 'a subscription to `dataset`, or its end, is never acknowledged, but done',
  'ack-error': 'a subscription to `dataset` fails with the code `text`; retryable by `retryable`',
  'ack-late': 'the acknowledgement waits `delayMs`, or until this is cleared',
  'update-before-ack': 'the last row of `dataset` is sent before the acknowledgement',
  'resend-after-subscribe': 'the rows of the last block are sent once more after subscribing',
  'no-pings': 'the server sends no pings',
  mute: 'half open: the server sends nothing at all, pings included, and hears nothing',
  drop: 'an update of `dataset` is not sent',
  gap: 'updates of `dataset` are lost until this is cleared',
  hold: 'updates of `dataset` wait until this is cleared',
  duplicate: 'an update of `dataset` is sent twice',
  'out-of-order': 'the rows of `dataset` of one block are sent in reverse order',
  'stale-row': 'after a corrected row of `dataset`, the row that it replaced is sent again',
  'orphan-row': 'a row of `dataset` tells a block that was never announced, 1000 above its own',
  'unknown-field': 'an update of `dataset`, and its row, have a member that nobody knows',
  'missing-field': 'a row of `dataset` lacks the member `text` (default: the first of its key)',
  'bad-number': 'in a row of `dataset` the member `text` (default `block_number`) is no number',
  'unknown-dataset': 'before an update of `dataset`, one of the dataset 9999 is sent',
  'unknown-frame': 'before an update of `dataset`, a frame that nobody knows is sent',
  'error-frame': 'before an update of `dataset`, an error without a target is sent',
  'malformed-frame': 'instead of an update of `dataset`, `text` is sent (default: half of JSON)',
  'binary-frame': 'an update of `dataset` comes as a binary frame (of `text`, default its JSON)',
  'array-frame': 'an update of `dataset` comes in a JSON array',
  'huge-frame': 'an update of `dataset` has 8 MB of calldata in a member that nobody knows',
  'cut-message': 'the socket dies in the middle of an update of `dataset`',
  'slow-consumer': 'instead of an update of `dataset`, the connection is closed with 1013',
  'rest-status': 'a request answers `status` (default 500); 429 has Retry-After',
  'rest-delay': 'a request waits `delayMs`, or until this is cleared',
  'rest-lag': 'requests see the chain as it was when this was armed',
  'rest-truncated': 'an answer ends in the middle of its JSON',
  'rest-reset': 'the connection of a request is reset',
  'rest-reorg': 'after a page that is not the last, the chain reorganizes by `depth`',
} as const;

/** The name of a fault. */
export type FaultName = keyof typeof faultNames;

/** What to arm. */
export interface FaultRequest extends FaultRequestBase {
  readonly name: FaultName;
  /** Only this dataset, by its id of the stream list; default: any. */
  readonly dataset?: DatasetId;
  /** Only REST paths that begin so, with `/v1`; default: any. */
  readonly path?: string;
  readonly status?: number;
  readonly code?: number;
  readonly retryAfterSeconds?: number;
  readonly delayMs?: number;
  readonly text?: string;
  readonly retryable?: boolean;
  readonly depth?: number;
}

/** Where something happens that a fault may strike. */
export interface FaultPlace {
  readonly dataset: DatasetId;
  readonly path: string;
}

/** The armed faults of one simulator. */
export type Faults = ArmedFaults<FaultRequest, FaultPlace>;

const lasting: ReadonlySet<FaultName> = new Set(['no-pings', 'mute', 'gap', 'hold', 'rest-lag']);

/** No fault is armed yet. */
export function createFaults(): Faults {
  return new ArmedFaults({
    lasting,
    isHere: (request, place) =>
      (request.dataset === undefined || request.dataset === place.dataset) &&
      (request.path === undefined || place.path?.startsWith(request.path) === true),
  });
}
