/** The switches for everything that BlockDB's documents leave open or tell in two ways. */

/** How the simulated service behaves. */
export interface Profile {
  /** Whose dataset ids the wire uses: the stream list's, the newest pages' or the oldest ones'. */
  readonly ids: 'stream-list' | 'newest' | 'oldest';
  /** `every`: also the members of older revisions, and on the stream those seen on REST only. */
  readonly members: 'documented' | 'every';
  /** What `amount_in` and its like hold; `adjusted` adds the `*_raw` members. */
  readonly amounts: 'raw' | 'adjusted';
  /** Bars with their `first_` and `last_` members, as in the revision before the newest. */
  readonly hasBarAnchors: boolean;
  /** How long after it closed a bar may be corrected. */
  readonly barsCorrectedForMs: number;
  /** Where a correction is flagged: on the envelope, inside `data`, on both or nowhere. */
  readonly reorgFlag: 'envelope' | 'data' | 'both' | 'neither';
  /** `key`: a corrected row keeps its `_tracing_id`; `content`: it gets another one. */
  readonly tracingIds: 'key' | 'content';
  /** A member without a value is null or left out. */
  readonly nulls: 'explicit' | 'absent';
  readonly timeDigits: 0 | 3;
  readonly hasUpdatedAt: boolean;
  /** Rows that are the same in both branches are sent again. */
  readonly resendsIdentical: boolean;
  /** The first block after the replaced range is flagged too. */
  readonly flagsNextBlock: boolean;
  /** How long after the blocks the corrections of derived datasets come, by lot. */
  readonly correctionDelayMs: { readonly min: number; readonly max: number };
  /** Rows of different datasets come in any order; false: dataset by dataset. */
  readonly isInterleaved: boolean;
  /** What a second subscription to the same dataset does. */
  readonly repeatedSubscribe: 'replace' | 'merge' | 'error';
  /** An unknown parameter is refused or ignored. */
  readonly unknownParameters: 'refuse' | 'ignore';
  /** How long an acknowledgement takes; they come in the order of the requests. */
  readonly ackDelayMs: number;
  /** How a bad key is refused: by an HTTP status, or after the handshake with 1008. */
  readonly refusal: 'http' | 'close';
  readonly rest: RestProfile;
}

/** How the REST side behaves. */
export interface RestProfile {
  /** Blocks that REST stays behind the head. */
  readonly bufferBlocks: number;
  /** Shape of answers and of errors. */
  readonly responses: 'newest' | 'older';
  readonly errors: 'newer' | 'older';
  /** Refuses no range and two kinds of range; false: takes the first that is there. */
  readonly isStrict: boolean;
  /** Requests per second of the plan, as headers tell it. */
  readonly requestsPerSecond: number;
  /** Compute units of the month; then every request is answered 429. */
  readonly computeUnits: number;
  /** Paths that are not public: answered by this status. */
  readonly hiddenPaths: Readonly<Record<string, number>>;
}

/** The defaults of the reference; corrections of derived datasets come at once. */
export const defaultProfile: Profile = {
  ids: 'stream-list',
  members: 'documented',
  amounts: 'raw',
  hasBarAnchors: false,
  barsCorrectedForMs: Number.POSITIVE_INFINITY,
  reorgFlag: 'envelope',
  tracingIds: 'key',
  nulls: 'explicit',
  timeDigits: 3,
  hasUpdatedAt: true,
  resendsIdentical: true,
  flagsNextBlock: false,
  correctionDelayMs: { min: 0, max: 0 },
  isInterleaved: true,
  repeatedSubscribe: 'replace',
  unknownParameters: 'refuse',
  ackDelayMs: 0,
  refusal: 'http',
  rest: {
    bufferBlocks: 3,
    responses: 'newest',
    errors: 'newer',
    isStrict: true,
    requestsPerSecond: 250,
    computeUnits: 1_000_000,
    hiddenPaths: {},
  },
};
