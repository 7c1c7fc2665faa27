/** The options of a TzKT source: which network, what to subscribe to, what is final, how hard to ask. */
import { count, flag, optionFormat, parseNumber } from '../option-format.ts';
import { retryProblems } from '../request-options.ts';
import type { RestLimits } from '../rest-client.ts';
import type { ConfigProblem, ConfigSchema } from '../source.ts';
import {
  type AccountFilter,
  accountFilters,
  type BigmapFilter,
  bigmapFilters,
  type EventFilter,
  eventFilters,
  type OperationFilter,
  operationFilters,
  type TicketFilter,
  type TokenFilter,
  ticketFilters,
  tokenFilters,
} from './filters.ts';
import { operationTypes } from './operation-kinds.ts';
import { isLevel } from './wire.ts';

/** Checked options; units are in the names. */
export interface TzktConfig extends RestLimits {
  readonly url: string;
  readonly apiKey: string | null;
  readonly chain: string;
  readonly start: 'latest' | 'earliest' | number;
  readonly finalityDepth: number;
  readonly operations: readonly OperationFilter[];
  readonly bigmaps: readonly BigmapFilter[];
  readonly events: readonly EventFilter[];
  readonly tokenTransfers: readonly TokenFilter[];
  readonly tokenBalances: readonly TokenFilter[];
  readonly ticketTransfers: readonly TicketFilter[];
  readonly ticketBalances: readonly TicketFilter[];
  readonly accounts: readonly AccountFilter[];
  readonly cycleDelayBlocks: number;
  readonly subscriptionsMax: number;
  readonly negotiate: boolean;
  readonly silenceMs: number;
  readonly auditIntervalMs: number;
  readonly rewindConfirmMs: number;
  readonly restLagMaxMs: number;
  readonly serverTimeoutMs: number;
  readonly keepAliveMs: number;
  readonly messageBytesMax: number;
  readonly queueBytesMax: number;
  readonly levelsPerFetch: number;
  readonly rowsPerPage: number;
}

const everything: readonly Record<string, never>[] = [{}];

const channelOptions = {
  operations: {
    doc: 'Subscriptions to operations; what any of them matches is published. The address matches as in TzKT: sender, target and the like, by kind.',
    format: operationFilters,
    default: everything,
  },
  bigmaps: {
    doc: 'Subscriptions to changes of bigmaps.',
    format: bigmapFilters,
    default: everything,
  },
  events: {
    doc: 'Subscriptions to contract events.',
    format: eventFilters,
    default: everything,
  },
  tokenTransfers: {
    doc: 'Subscriptions to token transfers.',
    format: tokenFilters,
    default: everything,
  },
  tokenBalances: {
    doc: 'Subscriptions to token balances.',
    format: tokenFilters,
    default: everything,
  },
  ticketTransfers: {
    doc: 'Subscriptions to ticket transfers.',
    format: ticketFilters,
    default: everything,
  },
  ticketBalances: {
    doc: 'Subscriptions to ticket balances.',
    format: ticketFilters,
    default: everything,
  },
  accounts: {
    doc: 'Subscriptions to accounts.',
    format: accountFilters,
    default: everything,
  },
};

/** Convict fragment: doc, format and default of each option. */
export const tzktConfig: ConfigSchema<TzktConfig> = {
  url: {
    doc: 'Base address of TzKT: REST below /v1, the hub at /v1/ws.',
    format: optionFormat(
      'an address starting with http:// or https://, without user, password, query',
      (value) =>
        typeof value === 'string' && URL.canParse(value) && /^https?:\/\/[^?#@]+$/.test(value),
    ),
    default: null,
  },
  apiKey: {
    doc: 'Key of the paid tier, sent as the header apikey.',
    format: optionFormat('text', (value) => typeof value === 'string' && value !== ''),
    default: null,
    nullable: true,
    sensitive: true,
  },
  chain: {
    doc: 'CAIP-2 id of the network. An indexer of another network is refused.',
    format: optionFormat(
      'a CAIP-2 id such as tezos:NetXdQprcVkpaWU',
      (value) => typeof value === 'string' && /^tezos:Net[0-9A-Za-z]{12}$/.test(value),
    ),
    default: 'tezos:NetXdQprcVkpaWU',
  },
  start: {
    doc: 'First block to publish when there is no checkpoint: latest, earliest, or a level.',
    format: optionFormat(
      'latest, earliest or a level',
      (value) => isLevel(value) || value === 'latest' || value === 'earliest',
      parseNumber,
    ),
    default: 'latest',
  },
  finalityDepth: {
    doc: 'How many blocks below the newest a block is final. A rollback that reaches below stops the source.',
    format: count(0, 100_000),
    default: 2,
  },
  ...channelOptions,
  cycleDelayBlocks: {
    doc: 'How many blocks after its first a cycle is published: late enough to be safe from reorgs.',
    format: count(2, 10_000),
    default: 2,
  },
  subscriptionsMax: {
    doc: 'Most filter units per channel that the server takes on one connection; 50 unless it is your own.',
    format: count(1, 100_000),
    default: 50,
  },
  negotiate: {
    doc: 'Ask the hub for a connection id before the WebSocket is opened. Needs sticky load balancing.',
    format: flag,
    default: false,
  },
  silenceMs: {
    doc: 'How long after a block is announced the other channels are waited for before REST is asked what they have.',
    format: count(0, 60_000),
    default: 20,
  },
  auditIntervalMs: {
    doc: 'How often the newest hashes are compared with REST while nothing is announced.',
    format: count(50, 3_600_000),
    default: 10_000,
  },
  rewindConfirmMs: {
    doc: 'A rollback or a replaced block that only one of hub and REST knows must still be there after this time before it counts.',
    format: count(0, 600_000),
    default: 1_000,
  },
  restLagMaxMs: {
    doc: 'For how long REST may lag behind the hub, or contradict it, before the session ends.',
    format: count(100, 3_600_000),
    default: 60_000,
  },
  serverTimeoutMs: {
    doc: 'A hub that has sent nothing for so long is gone. It pings every 10 s.',
    format: count(100, 600_000),
    default: 30_000,
  },
  keepAliveMs: {
    doc: 'How often the hub is pinged. It drops clients that are silent for 30 s.',
    format: count(50, 600_000),
    default: 10_000,
  },
  messageBytesMax: {
    doc: 'Largest message of the hub. Blocks of tens of megabytes occur.',
    format: count(100_000, 1_000_000_000),
    default: 100_000_000,
  },
  queueBytesMax: {
    doc: 'Bytes of messages that may wait to be read. When it is full the session ends and REST fills the hole.',
    format: count(100_000, 4_000_000_000),
    default: 256_000_000,
  },
  levelsPerFetch: {
    doc: 'Levels read together while catching up.',
    format: count(1, 1_000),
    default: 50,
  },
  rowsPerPage: {
    doc: 'Rows of one page of REST.',
    format: count(1, 10_000),
    default: 1_000,
  },
  concurrency: {
    doc: 'Requests under way at the same time.',
    format: count(1, 64),
    default: 4,
  },
  requestsPerSecondMax: {
    doc: 'Most requests begun in a second. Public instances take few.',
    format: count(1, 100_000),
    default: 10,
  },
  requestTimeoutMs: {
    doc: 'Longest wait for a connection, for an answer of the hub, for the first byte and between two pieces of a response.',
    format: count(100, 600_000),
    default: 30_000,
  },
  responseBytesMax: {
    doc: 'Largest response that is read.',
    format: count(100_000, 500_000_000),
    default: 200_000_000,
  },
  attemptsMax: {
    doc: 'Tries of one request before the session ends.',
    format: count(1, 20),
    default: 5,
  },
  retryDelayMs: {
    doc: 'Pause before the second try; it doubles with each further one.',
    format: count(1, 60_000),
    default: 500,
  },
  retryDelayMaxMs: {
    doc: 'Longest pause between two tries. When the server asks for a longer one by Retry-After the session ends, and the next one begins then.',
    format: count(1, 600_000),
    default: 60_000,
  },
};

/** Filter units as the server counts them (reference section 1.5). */
function unitsOf(config: TzktConfig): Readonly<Record<string, number>> {
  const sum = <F>(filters: readonly F[], units: (filter: F) => number) =>
    filters.reduce((total, filter) => total + units(filter), 0);
  return {
    operations: sum(config.operations, ({ types }) => (types ?? operationTypes).length),
    bigmaps: sum(config.bigmaps, ({ tags }) => tags?.length ?? 1),
    events: config.events.length,
    tokenTransfers: config.tokenTransfers.length,
    tokenBalances: config.tokenBalances.length,
    ticketTransfers: config.ticketTransfers.length,
    ticketBalances: config.ticketBalances.length,
    accounts: sum(config.accounts, ({ addresses }) => addresses?.length ?? 1),
  };
}

/** What a format of a single option cannot express. */
export function validateTzktConfig(config: TzktConfig): readonly ConfigProblem[] {
  const problems = [...retryProblems(config)];
  for (const [path, units] of Object.entries(unitsOf(config))) {
    if (units <= config.subscriptionsMax) continue;
    problems.push({
      path,
      message: `takes ${units} filter units, and the server takes ${config.subscriptionsMax} per channel: use fewer kinds or filters, another source with {source} in topics.template, or raise subscriptionsMax if the server is yours`,
    });
  }
  for (const [path, filters] of Object.entries(config)) {
    const hasAll = (filters: readonly unknown[]) =>
      filters.length > 1 && filters.some((filter) => Object.keys(Object(filter)).length === 0);
    if (!Array.isArray(filters) || !hasAll(filters)) continue;
    problems.push({
      path,
      message: 'has an empty filter, which is everything, beside others that it makes meaningless',
    });
  }
  if (config.keepAliveMs >= config.serverTimeoutMs) {
    problems.push({
      path: 'keepAliveMs',
      message: `is ${config.keepAliveMs}, which is not less than serverTimeoutMs (${config.serverTimeoutMs})`,
    });
  }
  return problems;
}
