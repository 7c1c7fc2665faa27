/** The options of a BlockDB source: what to subscribe to, what is final, how to ask and how hard. */

import { count, heightOr, oneOf, optionFormat, parseJsonText, urls } from '../option-format.ts';
import { responseOptions, retryProblems, venueOptions } from '../request-options.ts';
import type { RestLimits } from '../rest-client.ts';
import type { ConfigProblem, ConfigSchema } from '../source.ts';
import { type IdProfile, idProfiles, isDatasetId } from './dataset-ids.ts';
import { filterProblems, isMapping } from './filters.ts';
import type { BlockdbDataset, WireFields } from './messages.ts';
import { blockdbDatasets } from './tables/tables.ts';

/** Subscriptions by dataset; a dataset that is missing has one without parameters. */
export type Filters = Readonly<Partial<Record<BlockdbDataset, readonly WireFields[]>>>;

/** Checked options; units are in the names. */
export interface BlockdbConfig extends RestLimits {
  readonly chain: string;
  readonly ws: readonly string[];
  readonly rest: string;
  readonly apiKey: string | null;
  readonly apiKeyIn: 'header' | 'query';
  readonly start: 'latest' | 'earliest' | number;
  readonly identityHeight: number;
  readonly confirmations: number | null;
  readonly idProfile: IdProfile;
  readonly ids: Readonly<Record<string, string>>;
  readonly filters: Filters;
  readonly refusedDatasets: 'stop' | 'skip';
  readonly keyRefusalsMax: number;
  readonly settleMs: number;
  readonly auditIntervalMs: number;
  readonly auditPollMs: number;
  readonly restLagMaxMs: number;
  readonly heldRowsMax: number;
  readonly subscriptionsPerSocketMax: number;
  readonly ackTimeoutMs: number;
  readonly pingIntervalMs: number;
  readonly silenceMaxMs: number;
  readonly messageBytesMax: number;
  readonly queueBytesMax: number;
  readonly blocksPerFetch: number;
  readonly rowsPerPage: number;
}

const connectionOptions = {
  ws: {
    doc: 'Addresses of the stream, in order of preference. The next one is used only where one cannot be reached or has no stream (HTTP 404, 426), never where it refuses the key.',
    format: urls(['ws', 'wss'], 1),
    default: ['wss://api.blockdb.io/v1/evm/'],
    sensitive: true,
  },
  rest: {
    doc: 'Base address of the REST API.',
    format: optionFormat(
      'an address starting with http:// or https://, without user, password, query',
      (value) =>
        typeof value === 'string' && URL.canParse(value) && /^https?:\/\/[^?#@]+$/.test(value),
    ),
    default: 'https://api.blockdb.io/v1',
  },
  apiKey: {
    doc: 'API key, for the stream and for REST. Better by { env: NAME } or { file: PATH } than in the file.',
    format: optionFormat('text', (value) => typeof value === 'string' && value !== ''),
    default: null,
    nullable: true,
    sensitive: true,
  },
  apiKeyIn: {
    doc: 'How the stream is given the key: header (Authorization: Bearer), or query (api_key) where something between takes headers away. REST gets the header.',
    format: oneOf('header', 'query'),
    default: 'header',
  },
  keyRefusalsMax: {
    doc: 'Refusals of the key in a row (HTTP 401, 403, close code 1008) after which the source stops instead of trying again. A session that lasts silenceMaxMs ends the row.',
    format: count(1, 1_000),
    default: 3,
  },
};

const datasetOptions = {
  idProfile: {
    doc: 'How BlockDB numbers its datasets: as the list of streams does, as the newest pages do, or as older ones did.',
    format: oneOf(...idProfiles),
    default: 'stream-list',
  },
  ids: {
    doc: 'Ids of single datasets that differ from the profile: { tvl_usd: "0701" }.',
    format: optionFormat(
      'a mapping of datasets to ids of four digits',
      (value) =>
        isMapping(value) &&
        Object.entries(value).every(([dataset, id]) => isDataset(dataset) && isDatasetId(id)),
      parseJsonText,
    ),
    default: {},
  },
  filters: {
    doc: 'Parameters of subscriptions by dataset, in the words of BlockDB; several of one dataset take a socket each: { prices_spot_ohlc: [{ base_token_address: …, quote_token_address: … }] }. A dataset without is subscribed to as a whole.',
    format: optionFormat('a mapping of datasets to lists of parameters', isMapping, parseJsonText),
    default: {},
  },
  refusedDatasets: {
    doc: 'What a dataset that BlockDB refuses (not known, not in the plan) means: stop = the source stops; skip = the others go on, with an error in the log and a dead letter.',
    format: oneOf('stop', 'skip'),
    default: 'stop',
  },
};

const chainOptions = {
  chain: {
    doc: 'CAIP-2 id of the chain.',
    format: optionFormat(
      'a CAIP-2 id such as eip155:1',
      (value) => typeof value === 'string' && /^eip155:[1-9]\d{0,15}$/.test(value),
    ),
    default: 'eip155:1',
  },
  start: {
    doc: 'First block to publish when there is no checkpoint: latest (the next one announced), earliest, or a height.',
    format: heightOr('latest', 'earliest'),
    default: 'latest',
  },
  identityHeight: {
    doc: 'The block whose hash names the chain in checkpoints; the lowest one that REST has.',
    format: count(0, Number.MAX_SAFE_INTEGER),
    default: 0,
  },
  confirmations: {
    doc: "Blocks below the newest that a block must be before it is final, besides being compared with REST. Missing = by chain, the greatest buffer that BlockDB's documents name: 64 on Ethereum, 600 on Optimism, 120 on BNB Chain, 1440 on Unichain, 500 on Polygon, 10 on Sonic, else 64.",
    format: count(0, 100_000),
    default: null,
    nullable: true,
  },
  settleMs: {
    doc: 'How long after its last row a block counts as complete while the next one is not announced; also how long corrections are gathered.',
    format: count(0, 600_000),
    default: 250,
  },
  auditIntervalMs: {
    doc: 'How often the blocks that left the buffer of REST are compared with it. Each time costs one request per dataset and page: BlockDB counts them.',
    format: count(50, 86_400_000),
    default: 60_000,
  },
  auditPollMs: {
    doc: 'How often REST is asked whether it has come further while blocks are missing that only it can give.',
    format: count(20, 3_600_000),
    default: 2_000,
  },
  restLagMaxMs: {
    doc: 'For how long REST may be behind with blocks that are needed, or not answer at all, before the session ends.',
    format: count(100, 86_400_000),
    default: 3_600_000,
  },
  heldRowsMax: {
    doc: 'Rows that may be held: those of blocks that REST has not confirmed yet, and live ones that wait for a block below.',
    format: count(1_000, 100_000_000),
    default: 2_000_000,
  },
};

const limitOptions = {
  subscriptionsPerSocketMax: {
    doc: 'Most subscriptions on one socket.',
    format: count(1, 1_000),
    default: 50,
  },
  ackTimeoutMs: {
    doc: 'Longest wait for the answer to a subscription.',
    format: count(100, 600_000),
    default: 10_000,
  },
  messageBytesMax: {
    doc: 'Largest message of the stream.',
    format: count(10_000, 1_000_000_000),
    default: 64_000_000,
  },
  queueBytesMax: {
    doc: 'Bytes of messages of one socket that may wait to be read. When it is full the session ends and REST fills the hole.',
    format: count(100_000, 4_000_000_000),
    default: 256_000_000,
  },
  blocksPerFetch: {
    doc: 'Blocks read from REST together. It is halved by itself for answers that are too large.',
    format: count(1, 1_000),
    default: 50,
  },
  rowsPerPage: { doc: 'Rows of one page of REST.', format: count(1, 1_000), default: 1_000 },
  concurrency: {
    doc: 'Requests to REST under way at the same time.',
    format: count(1, 64),
    default: 8,
  },
  requestsPerSecondMax: {
    doc: 'Most requests to REST begun in a second: 100 to 2500, by plan.',
    format: count(1, 100_000),
    default: 50,
  },
  ...responseOptions({ requestTimeoutMs: 30_000, responseBytesMax: 64_000_000 }),
  ...venueOptions({ silenceMaxMs: 75_000, retryDelayMs: 500 }),
};

/** Convict fragment: doc, format and default of each option. */
export const blockdbConfig: ConfigSchema<BlockdbConfig> = {
  ...chainOptions,
  ...connectionOptions,
  ...datasetOptions,
  ...limitOptions,
};

/** Blocks of the greatest documented buffer (reference section 8.3), by chain id. */
const documentedBuffers: Readonly<Record<number, number>> = {
  1: 64,
  10: 600,
  56: 120,
  130: 1440,
  137: 500,
  146: 10,
};
const bufferElsewhere = 64;

/** How far below the newest a block is final. */
export function confirmationsOf(config: BlockdbConfig): number {
  return config.confirmations ?? documentedBuffers[chainIdOf(config)] ?? bufferElsewhere;
}

/** The chain's number, as frames have it. */
export function chainIdOf(config: Pick<BlockdbConfig, 'chain'>): number {
  return Number(config.chain.slice('eip155:'.length));
}

/** What a format of a single option cannot express. */
export function validateBlockdbConfig(config: BlockdbConfig): readonly ConfigProblem[] {
  return [...filterProblems(config.filters), ...retryProblems(config)];
}

function isDataset(name: string): boolean {
  return (blockdbDatasets as readonly string[]).includes(name);
}
