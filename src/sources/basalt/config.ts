/** The options of a Basalt source: which nodes, where to begin, what is final, how hard to ask. */
import { fetchOptions } from '../following/fetch-options.ts';
import { count, heightOr, type OptionFormat, optionFormat, urls } from '../option-format.ts';
import type { ConfigSchema } from '../source.ts';

/** Checked options; units are in the names. */
export interface BasaltConfig {
  readonly chain: string;
  readonly rest: readonly string[];
  readonly ws: readonly string[];
  readonly start: 'latest' | 'earliest' | number;
  readonly confirmations: number;
  readonly blockTimeMs: number;
  readonly silenceMs: number;
  readonly pollIntervalMs: number;
  readonly rewindConfirmMs: number;
  readonly gapConfirmMs: number;
  readonly pingIntervalMs: number;
  readonly limitedRestMs: number;
  readonly webSocketRetryMs: number;
  readonly requestsPerMinuteMax: number;
  readonly blocksPerFetch: number;
  readonly concurrency: number;
  readonly sliceBlocks: number;
  readonly requestTimeoutMs: number;
  readonly responseBytesMax: number;
  readonly attemptsMax: number;
  readonly retryDelayMs: number;
  readonly retryDelayMaxMs: number;
  readonly endpointRestMs: number;
}

/** Nodes ask for no key, so addresses are no secrets: what could hold one is refused. */
function addresses(schemes: readonly string[], atLeast: number): OptionFormat {
  const any = urls(schemes, atLeast);
  const isPlain = (value: unknown) => /^[^?#@]+$/.test(String(value));
  return optionFormat(
    `${any.expected}, without user, password, query`,
    (value) => {
      any(value);
      return Array.isArray(value) && value.every(isPlain);
    },
    any.parse,
  );
}

/** Convict fragment: doc, format and default of each option. */
export const basaltConfig: ConfigSchema<BasaltConfig> = {
  chain: {
    doc: 'Id of the chain in the style of CAIP-2: basalt and the chain id of the node. A node that serves another chain is refused.',
    format: optionFormat(
      'an id such as basalt:1',
      (value) => typeof value === 'string' && /^basalt:(?:0|[1-9]\d{0,9})$/.test(value),
    ),
    default: 'basalt:1',
  },
  rest: {
    doc: 'Base addresses of nodes, in order of preference: REST below /v1.',
    format: addresses(['http', 'https'], 1),
    default: null,
  },
  ws: {
    doc: 'Block streams of nodes (…/ws/blocks), in order of preference. Without them the head is polled.',
    format: addresses(['ws', 'wss'], 0),
    default: [],
  },
  start: {
    doc: 'First block to publish when there is no checkpoint: latest, earliest, or a height.',
    format: heightOr('latest', 'earliest'),
    default: 'latest',
  },
  confirmations: {
    doc: 'How many blocks below the newest a block is final here. Nodes call every block final; what they can take back is 1,000 blocks.',
    format: count(0, 100_000),
    default: 1_000,
  },
  blockTimeMs: {
    doc: 'Usual time between blocks.',
    format: count(50, 3_600_000),
    default: 2_000,
  },
  silenceMs: {
    doc: 'With a block stream: how long it may be silent before the head is asked for.',
    format: count(10, 3_600_000),
    default: 10_000,
  },
  pollIntervalMs: {
    doc: 'Pause between two looks at the head while there is no block stream.',
    format: count(10, 3_600_000),
    default: 2_000,
  },
  rewindConfirmMs: {
    doc: 'A head that went back must be seen again after this time before it counts, unless a second endpoint agrees.',
    format: count(0, 600_000),
    default: 5_000,
  },
  gapConfirmMs: {
    doc: 'Blocks that no endpoint has are asked for again after this time, before they are given up and reported as a gap.',
    format: count(0, 600_000),
    default: 5_000,
  },
  pingIntervalMs: {
    doc: 'How often a ping goes to the block stream. A node that has not answered by the next one is gone.',
    format: count(100, 600_000),
    default: 20_000,
  },
  limitedRestMs: {
    doc: 'For how long a node is left alone that has too many connections or requests (close code 1008, HTTP 429). Nodes count by the minute.',
    format: count(0, 3_600_000),
    default: 60_000,
  },
  webSocketRetryMs: {
    doc: 'A session that began without a block stream (none could be opened) polls for this long, then ends so that the next one tries again.',
    format: count(10, 86_400_000),
    default: 60_000,
  },
  requestsPerMinuteMax: {
    doc: 'Requests to one endpoint in any minute. Validators and standalone nodes take 100 from one address, RPC nodes 1,000.',
    format: count(1, 1_000_000),
    default: 90,
  },
  blocksPerFetch: {
    doc: 'Blocks read together while catching up.',
    format: count(1, 100),
    default: 50,
  },
  ...fetchOptions({ responseBytesMax: 100_000_000 }),
  retryDelayMaxMs: {
    doc: 'Longest pause between two tries. A node that asks for more is left for another one.',
    format: count(1, 600_000),
    default: 10_000,
  },
};
