/** The options of an EVM source: which nodes, where to begin, what is final, how hard to ask. */
import { fetchOptions } from '../following/fetch-options.ts';
import { count, heightOr, oneOf, optionFormat, urls } from '../option-format.ts';
import { retryProblems } from '../request-options.ts';
import type { ConfigProblem, ConfigSchema } from '../source.ts';

/** Checked options; units are in the names. */
export interface EvmConfig {
  readonly chain: string;
  readonly http: readonly string[];
  readonly ws: readonly string[];
  readonly start: 'latest' | 'finalized' | 'earliest' | number;
  readonly finality: 'tag' | 'depth' | 'none';
  readonly finalityDepth: number;
  readonly traces: 'auto' | 'off' | 'callTracer' | 'trace_block';
  readonly blockTimeMs: number;
  readonly pollIntervalMs: number;
  readonly rewindConfirmMs: number;
  readonly webSocketRetryMs: number;
  readonly batchItemsMax: number;
  readonly batchBytesMax: number;
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

/** Convict fragment: doc, format and default of each option. */
export const evmConfig: ConfigSchema<EvmConfig> = {
  chain: {
    doc: 'CAIP-2 id of the chain. A node that serves another chain is refused.',
    format: optionFormat(
      'a CAIP-2 id such as eip155:1',
      (value) => typeof value === 'string' && /^eip155:[1-9]\d{0,15}$/.test(value),
    ),
    default: null,
  },
  http: {
    doc: 'JSON-RPC endpoints in order of preference. They may hold keys: only their origin is ever shown.',
    format: urls(['http', 'https'], 1),
    default: null,
    sensitive: true,
  },
  ws: {
    doc: 'WebSocket endpoints for new heads, in order of preference. Without them the head is polled.',
    format: urls(['ws', 'wss'], 0),
    default: [],
    sensitive: true,
  },
  start: {
    doc: 'First block to publish when there is no checkpoint: latest, finalized, earliest, or a height.',
    format: heightOr('latest', 'finalized', 'earliest'),
    default: 'latest',
  },
  finality: {
    doc: "What is final: tag = the node's finalized block; depth = finalityDepth blocks below the head; none = nothing ever.",
    format: oneOf('tag', 'depth', 'none'),
    default: 'tag',
  },
  finalityDepth: {
    doc: 'With finality depth: how many blocks below the head a block is final.',
    format: count(0, 100_000),
    default: 64,
  },
  traces: {
    doc: 'How internal transactions are read: callTracer (debug_traceBlockByHash), trace_block, off, or auto = what the first node can do. With several endpoints name the method, so that all blocks are read alike.',
    format: oneOf('auto', 'off', 'callTracer', 'trace_block'),
    default: 'auto',
  },
  blockTimeMs: {
    doc: 'Usual time between blocks: with a WebSocket the head is also polled this often.',
    format: count(50, 3_600_000),
    default: 12_000,
  },
  pollIntervalMs: {
    doc: 'Pause between two looks at the head while there is no WebSocket.',
    format: count(10, 3_600_000),
    default: 1_000,
  },
  rewindConfirmMs: {
    doc: 'A head that went back must be seen again after this time before it counts, unless a second endpoint agrees.',
    format: count(0, 600_000),
    default: 3_000,
  },
  webSocketRetryMs: {
    doc: 'A session that began without its WebSocket (none could be opened) polls for this long, then ends so that the next one tries again.',
    format: count(1_000, 86_400_000),
    default: 300_000,
  },
  batchItemsMax: {
    doc: 'Calls in one JSON-RPC batch. It is halved by itself for nodes that take less.',
    format: count(1, 1_000),
    default: 50,
  },
  batchBytesMax: {
    doc: 'Bytes of one JSON-RPC request.',
    format: count(1_000, 100_000_000),
    default: 500_000,
  },
  blocksPerFetch: {
    doc: 'Blocks read together while catching up.',
    format: count(1, 1_000),
    default: 10,
  },
  ...fetchOptions({ responseBytesMax: 200_000_000 }),
  retryDelayMaxMs: {
    doc: 'Longest pause between two tries. A node that asks for a longer one by Retry-After is left alone for as long as it asks; without another node the session ends, and the next one begins then.',
    format: count(1, 600_000),
    default: 10_000,
  },
};

/** The chain's number, as `eth_chainId` gives it. */
function chainIdOf(config: EvmConfig): number {
  return Number(config.chain.slice('eip155:'.length));
}

/** What a format of a single option cannot express. */
export function validateEvmConfig(config: EvmConfig): readonly ConfigProblem[] {
  const problems = [...retryProblems(config)];
  if (!Number.isSafeInteger(chainIdOf(config))) {
    problems.push({ path: 'chain', message: `"${config.chain}" is beyond what a chain id can be` });
  }
  return problems;
}
