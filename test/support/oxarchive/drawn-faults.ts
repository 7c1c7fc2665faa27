/**
 * The faults of the simulator that a random life of a venue may meet, and how long those last that
 * last. What nobody can see is left out: a frame of changes of a book that is lost on an unbroken socket
 * (reference section 4.10), and books at times that are not theirs.
 */
import type { FaultRequest } from '../../../src/devnet/oxarchive/faults.ts';
import type { SeededRandom } from '../../../src/devnet/traffic/seeded-random.ts';
import type { OxarchiveConfig } from '../../../src/sources/oxarchive/config.ts';
import { bookChannelKind } from '../../../src/sources/oxarchive/config.ts';
import { channelOf, type Venue } from '../../../src/sources/oxarchive/markets.ts';

/** What of a configuration decides which faults can be told from nothing. */
export type FaultScene = Pick<OxarchiveConfig, 'bookDepth' | 'backfill'> & {
  readonly venue: Venue;
};

/** A fault, and after how much time it is taken back where it does not end by itself. */
export interface DrawnFault {
  readonly request: FaultRequest;
  readonly lastsMs: number;
}

/** Any one of them. */
export function drawFault(scene: FaultScene, random: SeededRandom): DrawnFault {
  const request = random.pick(faultsOf(scene));
  return { request, lastsMs: random.integer(1_000, 15_000) };
}

/** Trades that come when the archive has had them for long: what is final by then must stay so. */
export function lateTrades({ venue }: FaultScene): DrawnFault {
  const channel = channelOf(venue, 'trades')?.name ?? '';
  return { request: { name: 'hold', channel }, lastsMs: 14_000 };
}

function faultsOf({ venue, bookDepth, backfill }: FaultScene): readonly FaultRequest[] {
  const trades = { channel: channelOf(venue, 'trades')?.name ?? '' };
  const books = { channel: channelOf(venue, bookChannelKind(bookDepth))?.name ?? '' };
  return [
    ...connectionFaults,
    ...restFaults,
    ...(backfill === 'replay' ? replayFaults : []),
    ...frameFaults.flatMap((fault) => [
      { ...fault, ...trades },
      { ...fault, ...books },
    ]),
    ...tradeFaults.map((fault) => ({ ...fault, ...trades })),
    ...(bookDepth === 'top' ? wholeBookFaults.map((fault) => ({ ...fault, ...books })) : []),
    // Of single orders, one that crosses is a trade (reference section 4.11, rule 4).
    ...(bookDepth === 'orders' ? [] : [{ name: 'crossed-book' } as const]),
    { name: 'seq-absent' },
  ];
}

const connectionFaults: readonly FaultRequest[] = [
  { name: 'upgrade-status', status: 503 },
  { name: 'upgrade-status', status: 429 },
  { name: 'upgrade-status' },
  { name: 'upgrade-close', code: 1013 },
  { name: 'upgrade-close' },
  { name: 'upgrade-reset' },
  { name: 'no-version' },
  { name: 'no-pings' },
  { name: 'mute' },
  { name: 'freeze' },
  { name: 'unknown-type' },
  { name: 'credits-exhausted' },
];

const restFaults: readonly FaultRequest[] = [
  { name: 'rest-status', status: 500 },
  { name: 'rest-status', status: 500, times: 0 },
  { name: 'rest-status', status: 429, retryAfterSeconds: 0 },
  { name: 'rest-delay' },
  { name: 'rest-truncated' },
  { name: 'rest-reset' },
];

const replayFaults: readonly FaultRequest[] = [
  { name: 'replay-error' },
  { name: 'replay-killed' },
  { name: 'replay-stalled' },
];

/** Of trades as of books. */
const frameFaults: readonly FaultRequest[] = [
  { name: 'ack-never' },
  { name: 'ack-late' },
  { name: 'ack-error' },
  { name: 'ack-error', text: 'rate_limited' },
  { name: 'data-before-ack' },
  { name: 'dropped' },
  { name: 'stopped' },
  { name: 'duplicate-frame' },
  { name: 'unknown-field' },
  { name: 'error-frame', text: 'internal_error' },
  { name: 'truncated-frame' },
  { name: 'binary-frame' },
  { name: 'cut-message' },
  { name: 'hold' },
];

const tradeFaults: readonly FaultRequest[] = [
  { name: 'drop' },
  { name: 'drop', times: 5 },
  { name: 'gap' },
  { name: 'duplicate-row' },
  { name: 'reorder' },
  { name: 'missing-field' },
  { name: 'bad-number' },
  { name: 'future-time' },
  { name: 'clock-skew', delayMs: 30_000 },
  { name: 'malformed-frame' },
];

/** Each frame is a whole book: the next one says what was lost. */
const wholeBookFaults: readonly FaultRequest[] = [
  { name: 'drop', times: 3 },
  { name: 'gap' },
  { name: 'bad-number' },
  { name: 'malformed-frame' },
];
