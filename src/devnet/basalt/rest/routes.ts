/** What each REST path answers: a body, or a status without one. Nothing here touches a socket. */
import type { Block } from '../chain/block.ts';
import { serializeBlock } from '../chain/serialize.ts';
import type { Faults } from '../faults.ts';
import type { BasaltNode } from '../node.ts';
import { shownBlock, shownOutcome, shownReceipt, shownTransactions } from './shown.ts';

/** What a request is answered from. */
export interface RouteContext {
  readonly node: BasaltNode;
  readonly chainId: number;
  /** The clock of the node, for the age of its last block. */
  readonly nowMs: number;
  /** Of the request, without its query. */
  readonly path: string;
  readonly parameters: URLSearchParams;
}

/** An answer; without a body where the server sends none. */
export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  /** In place of JSON; only a fault gives it. */
  readonly text?: string;
}

const notFound: Answer = { status: 404 };
const badRequest: Answer = { status: 400 };
const hashPattern = /^(?:0x)?[0-9a-f]{64}$/i;
const numberPattern = /^\d{1,20}$/;
const pageSizeMax = 100;
const recentMax = 200;
const syncBlocksMax = 100;
/** An RPC node that is further behind calls itself degraded. */
const syncLagMax = 50;
const progressMs = 60_000;

/** The answer to a GET of this path. */
export function answerTo(context: RouteContext): Answer {
  const [, version, kind = '', id, part, ...more] = context.path.split('/');
  if (version !== 'v1' || more.length > 0) return notFound;
  const route = [kind, ...(id === undefined ? [] : ['*']), ...(part === undefined ? [] : [part])];
  switch (route.join('/')) {
    case 'status':
      return { status: 200, body: status(context) };
    case 'health':
      return health(context);
    case 'blocks':
      return page(context);
    case 'blocks/*':
      return id === 'latest' ? found(context.node.tip) : block(context, id ?? '');
    case 'blocks/*/transactions':
      return transactionsOf(context, id ?? '');
    case 'transactions/*':
      return id === 'recent' ? recent(context) : transaction(context, id ?? '');
    case 'receipts/*':
      return receipt(context, id ?? '');
    case 'sync/*':
      return sync(context, id ?? '');
    default:
      return notFound;
  }
}

function status({ node: { tip } }: RouteContext) {
  return { blockHeight: tip.number, latestBlockHash: tip.hash, mempoolSize: 0, protocolVersion: 1 };
}

function health({ node, chainId, nowMs }: RouteContext): Answer {
  const { tip, mode, syncLag } = node;
  const ageMs = Math.max(0, nowMs - tip.timestamp);
  const isBehind = mode === 'rpc' && syncLag > syncLagMax;
  const isDegraded = isBehind || node.faults.take('unhealthy') !== undefined;
  const body = {
    status: isDegraded ? 'degraded' : 'healthy',
    mode,
    lastBlockNumber: tip.number,
    lastBlockAgeSeconds: Math.floor(ageMs / 1000),
    makingProgress: ageMs < progressMs,
    ...(mode === 'rpc' ? { syncLag } : {}),
    chainId,
  };
  return { status: isDegraded ? 503 : 200, body };
}

/** Counted from the tip, so that pages shift as the chain grows; what is not in memory is left out. */
function page({ node, parameters }: RouteContext): Answer {
  const given = integer(parameters, 'page', 1);
  const givenSize = integer(parameters, 'pageSize', 20);
  if (given === undefined || givenSize === undefined) return badRequest;
  const number = Math.max(1, given);
  const pageSize = Math.min(Math.max(1, givenSize), pageSizeMax);
  const start = node.tip.number - (number - 1) * pageSize;
  const items = Array.from({ length: pageSize }, (_, n) => start - n)
    .map((height) => (height < 0 ? undefined : node.inMemory(height)))
    .filter((shown) => shown !== undefined)
    .map(shownBlock);
  const totalItems = node.tip.number + 1;
  return { status: 200, body: { items, page: number, pageSize, totalItems } };
}

function block({ node }: RouteContext, id: string): Answer {
  if (numberPattern.test(id)) return found(node.inMemory(Number(id)));
  if (hashPattern.test(id)) return found(node.inMemoryByHash(hashIn(id)));
  return refused('Invalid block identifier. Provide a block number or hash.');
}

function transactionsOf({ node }: RouteContext, id: string): Answer {
  if (!numberPattern.test(id)) return refused('Invalid block number.');
  const of = node.inMemory(Number(id));
  if (of === undefined) return notFound;
  const shown = changedTransactions(of, node.faults);
  const isShort = node.faults.take('transactions-short') !== undefined;
  return { status: 200, body: isShort ? shown.slice(0, -1) : shown };
}

function transaction({ node }: RouteContext, id: string): Answer {
  if (!hashPattern.test(id)) return refused('Invalid transaction hash.');
  const hash = hashIn(id);
  for (const of of node.recentBlocks()) {
    if (!of.transactions.some((candidate) => candidate.hash === hash)) continue;
    return {
      status: 200,
      body: changedTransactions(of, node.faults).find((shown) => shown.hash === hash),
    };
  }
  return notFound;
}

function recent({ node, parameters }: RouteContext): Answer {
  const count = integer(parameters, 'count', 50);
  if (count === undefined) return badRequest;
  const all = node.recentBlocks().flatMap((of) => changedTransactions(of, node.faults));
  return { status: 200, body: all.slice(0, Math.min(Math.max(1, count), recentMax)) };
}

function receipt({ node }: RouteContext, id: string): Answer {
  if (!hashPattern.test(id)) return refused('Invalid transaction hash.');
  const stored = node.receipt(hashIn(id));
  if (stored === undefined || stored.blockNumber > writtenThrough(node)) return notFound;
  return { status: 200, body: shownReceipt(stored) };
}

function sync(context: RouteContext, id: string): Answer {
  const { node, chainId, parameters } = context;
  if (id === 'status') {
    const { number, hash } = node.tip;
    return { status: 200, body: { latestBlock: number, latestHash: hash, chainId } };
  }
  if (id !== 'blocks') return notFound;
  const from = parameters.get('from') ?? '';
  const count = integer(parameters, 'count', syncBlocksMax);
  if (!numberPattern.test(from) || count === undefined) return badRequest;
  if (!node.hasDataDir) return { status: 501 };
  const blocks: Block[] = [];
  const through = writtenThrough(node);
  const end = Number(from) + Math.min(count, syncBlocksMax);
  for (let number = Number(from); number < end && number <= through; number += 1) {
    const stored = node.onDisk(number);
    if (stored === undefined) break;
    blocks.push(stored);
  }
  const isCorrupt = blocks.length > 0 && node.faults.take('raw-corrupt') !== undefined;
  return { status: 200, body: { blocks: blocks.map((stored) => rawEntry(stored, isCorrupt)) } };
}

function rawEntry(stored: Block, isCorrupt: boolean) {
  const raw = serializeBlock(stored);
  if (isCorrupt) raw.writeUInt8(raw.readUInt8(40) ^ 0xff, 40);
  const { number, hash } = stored;
  const commitBitmap = number === 0 ? null : 0b1111;
  return { number, hash, rawHex: raw.toString('hex').toUpperCase(), commitBitmap };
}

/** The height up to which the disk has what memory has: blocks are announced before they are written. */
function writtenThrough({ tip, faults }: BasaltNode): number {
  const lag = faults.take('sync-lag');
  return lag === undefined ? tip.number : tip.number - (lag.request.depth ?? 1);
}

function changedTransactions(of: Block, faults: Faults) {
  const shown = shownTransactions(of);
  if (shown.length === 0) return shown;
  const isBare = faults.take('no-receipts') !== undefined;
  const isPrefixed = faults.take('prefixed-data') !== undefined;
  return shown.map((item) => ({
    ...item,
    ...(isBare ? shownOutcome(undefined) : {}),
    ...(isPrefixed && item.data !== null ? { data: `0x${item.data.toLowerCase()}` } : {}),
  }));
}

function found(shown: Block | undefined): Answer {
  return shown === undefined ? notFound : { status: 200, body: shownBlock(shown) };
}

function refused(message: string): Answer {
  return { status: 400, body: { code: 400, message } };
}

/** An integer parameter; undefined when what is given is not one. */
function integer(parameters: URLSearchParams, name: string, missing: number): number | undefined {
  const given = parameters.get(name);
  if (given === null) return missing;
  return /^-?\d{1,9}$/.test(given) ? Number(given) : undefined;
}

function hashIn(id: string): string {
  return `0x${id.replace(/^0x/i, '').toLowerCase()}`;
}
