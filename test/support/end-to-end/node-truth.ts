/**
 * What the node itself says is true, asked by height and decoded here: the other side of the
 * comparison with what is on the topics. Shares nothing with the source it judges.
 */
import { request } from 'undici';

/** Rows by dataset; each row is the JSON text of its identity and of the columns compared. */
export type Facts = Readonly<Record<Dataset, readonly string[]>>;

/** Columns that are compared, by dataset. */
export const comparedColumns = {
  blocks: ['height', 'block_hash', 'parent_hash', 'gas_used', 'transaction_count', 'block_time'],
  transactions: [
    ...['block_hash', 'tx_index', 'tx_hash', 'from_address', 'to_address', 'value_wei'],
    ...['gas_used', 'status_success', 'log_count', 'input'],
  ],
  logs: [
    ...['block_hash', 'log_index', 'tx_hash', 'tx_index', 'contract_address'],
    ...['topic0', 'topic1', 'topic2', 'topic3', 'data'],
  ],
  token_transfers: [
    ...['block_hash', 'log_index', 'batch_index', 'transfer_type', 'token_address'],
    ...['operator_address', 'from_address', 'to_address', 'amount', 'token_id'],
  ],
  internal_transactions: ['block_hash', 'tx_index', 'trace_address', 'from_address', 'to_address'],
  contracts: ['block_hash', 'tx_index', 'contract_address', 'creator_address', 'trace_address'],
} as const;

export type Dataset = keyof typeof comparedColumns;
type FactRow = Readonly<Record<string, string | number | boolean | null>>;

/** The chain from one height to another, both included. */
export async function readTruth(
  url: string,
  range: { readonly from: number; readonly to: number },
): Promise<Facts> {
  const rows: Record<Dataset, FactRow[]> = {
    blocks: [],
    transactions: [],
    logs: [],
    token_transfers: [],
    internal_transactions: [],
    contracts: [],
  };
  for (let first = range.from; first <= range.to; first += heightsPerRequest) {
    const last = Math.min(range.to, first + heightsPerRequest - 1);
    for (const found of await readBlocks(url, first, last)) {
      rows.blocks.push(blockRow(found));
      rows.transactions.push(...transactionRows(found));
      for (const receipt of found.receipts) {
        rows.logs.push(...receipt.logs.map(logRow));
        rows.token_transfers.push(...receipt.logs.flatMap(transferRows));
      }
      rows.internal_transactions.push(...found.traces.flatMap(callRows));
      rows.contracts.push(...found.traces.flatMap((trace) => contractRows(trace, found.traces)));
    }
  }
  const texts = (dataset: Dataset) => rows[dataset].map((row) => factText(dataset, row)).sort();
  return {
    blocks: texts('blocks'),
    transactions: texts('transactions'),
    logs: texts('logs'),
    token_transfers: texts('token_transfers'),
    internal_transactions: texts('internal_transactions'),
    contracts: texts('contracts'),
  };
}

/** The compared columns of a row as text. */
export function factText(dataset: Dataset, row: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(comparedColumns[dataset].map((column) => row[column] ?? null));
}

/** The node's newest block. */
export async function nodeHead(url: string): Promise<{ height: number; hash: string }> {
  const [block] = await ask<WireBlock>(url, [
    { method: 'eth_getBlockByNumber', params: ['latest', false] },
  ]);
  if (block === undefined) throw new Error('the node has no head');
  return { height: Number(block.number), hash: block.hash };
}

const heightsPerRequest = 20;

async function readBlocks(url: string, first: number, last: number): Promise<FoundBlock[]> {
  const heights = Array.from({ length: last - first + 1 }, (_, index) => quantity(first + index));
  const calls = (method: string, ...rest: unknown[]) =>
    heights.map((height) => ({ method, params: [height, ...rest] }));
  const blocks = await ask<WireBlock>(url, calls('eth_getBlockByNumber', true));
  const receipts = await ask<WireReceipt[]>(url, calls('eth_getBlockReceipts'));
  const traces = await ask<WireTrace[]>(url, calls('trace_block'));
  return blocks.map((block, index) => ({
    block,
    receipts: receipts[index] ?? [],
    traces: (traces[index] ?? []).filter(({ type }) => type === 'call' || type === 'create'),
  }));
}

function blockRow({ block }: FoundBlock): FactRow {
  return {
    height: Number(block.number),
    block_hash: block.hash,
    parent_hash: block.parentHash,
    gas_used: Number(block.gasUsed),
    transaction_count: block.transactions.length,
    block_time: Number(block.timestamp) * 1000,
  };
}

function transactionRows({ block, receipts }: FoundBlock): FactRow[] {
  return block.transactions.map((transaction, index) => ({
    block_hash: block.hash,
    tx_index: index,
    tx_hash: transaction.hash,
    from_address: transaction.from.toLowerCase(),
    to_address: transaction.to?.toLowerCase() ?? null,
    value_wei: BigInt(transaction.value).toString(),
    gas_used: Number(receipts[index]?.gasUsed),
    status_success: receipts[index]?.status === '0x1',
    log_count: receipts[index]?.logs.length ?? -1,
    input: transaction.input,
  }));
}

function logRow(log: WireLog): FactRow {
  return {
    block_hash: log.blockHash,
    log_index: Number(log.logIndex),
    tx_hash: log.transactionHash,
    tx_index: Number(log.transactionIndex),
    contract_address: log.address.toLowerCase(),
    topic0: log.topics[0] ?? null,
    topic1: log.topics[1] ?? null,
    topic2: log.topics[2] ?? null,
    topic3: log.topics[3] ?? null,
    data: log.data,
  };
}

const transfer = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef';
const transferSingle = '0xc3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62';
const transferBatch = '0x4a39dc06d4c0dbc64b70af90fd698a233a518aa5d07e595d983b8c0526c8f7fb';

/** Of a log, by the shape of its event: one with the right first topic and other parts is none. */
export function transferRows(log: WireLog): FactRow[] {
  const words = log.data.slice(2).match(/.{64}/g) ?? [];
  const numbers = words.map((word) => BigInt(`0x${word}`));
  const topicAddress = (index: number) => `0x${log.topics[index]?.slice(26) ?? ''}`;
  const common = {
    block_hash: log.blockHash,
    log_index: Number(log.logIndex),
    batch_index: null,
    token_address: log.address.toLowerCase(),
    operator_address: null,
    token_id: null,
  };
  const parties = { from_address: topicAddress(1), to_address: topicAddress(2) };
  const multi = {
    transfer_type: 'erc1155',
    operator_address: topicAddress(1),
    from_address: topicAddress(2),
    to_address: topicAddress(3),
  };
  if (log.topics[0] === transfer && log.topics.length === 3 && words.length === 1) {
    return [{ ...common, ...parties, transfer_type: 'erc20', amount: String(numbers[0]) }];
  }
  if (log.topics[0] === transfer && log.topics.length === 4 && words.length === 0) {
    const id = String(BigInt(log.topics[3] ?? '0x0'));
    return [{ ...common, ...parties, transfer_type: 'erc721', amount: '1', token_id: id }];
  }
  if (log.topics[0] === transferSingle) {
    return [{ ...common, ...multi, token_id: String(numbers[0]), amount: String(numbers[1]) }];
  }
  if (log.topics[0] !== transferBatch) return [];
  const count = Number(numbers[2]);
  return Array.from({ length: count }, (_, index) => ({
    ...common,
    ...multi,
    batch_index: index,
    token_id: String(numbers[3 + index]),
    amount: String(numbers[4 + count + index]),
  }));
}

function callRows(trace: WireTrace): FactRow[] {
  if (trace.traceAddress.length === 0) return [];
  return [
    {
      block_hash: trace.blockHash,
      tx_index: trace.transactionPosition,
      trace_address: trace.traceAddress.join('.'),
      from_address: trace.action.from,
      to_address: trace.action.to ?? trace.result?.address ?? null,
    },
  ];
}

/** A creation counts when neither it nor a call around it failed. */
function contractRows(trace: WireTrace, all: readonly WireTrace[]): FactRow[] {
  const address = trace.result?.address;
  if (trace.type !== 'create' || address === undefined) return [];
  const isUndone = all.some(
    (other) =>
      other.transactionPosition === trace.transactionPosition &&
      other.error !== undefined &&
      other.traceAddress.every((step, depth) => trace.traceAddress[depth] === step),
  );
  if (isUndone) return [];
  return [
    {
      block_hash: trace.blockHash,
      tx_index: trace.transactionPosition,
      contract_address: address,
      creator_address: trace.action.from,
      trace_address: trace.traceAddress.join('.'),
    },
  ];
}

/** A batch; throws when a call failed. */
export async function ask<T>(
  url: string,
  calls: readonly { readonly method: string; readonly params: readonly unknown[] }[],
): Promise<T[]> {
  const body = JSON.stringify(calls.map((call, id) => ({ jsonrpc: '2.0', id, ...call })));
  const headers = { 'content-type': 'application/json' };
  const response = await request(url, { method: 'POST', headers, body });
  const answers = (await response.body.json()) as { id: number; result?: T; error?: unknown }[];
  return calls.map((call, id) => {
    const answer = answers.find((candidate) => candidate.id === id);
    if (answer?.result === undefined || answer.result === null) {
      throw new Error(`${call.method}(${call.params[0]}): ${JSON.stringify(answer?.error)}`);
    }
    return answer.result;
  });
}

/** A number as the node wants it. */
export function quantity(value: number): string {
  return `0x${value.toString(16)}`;
}

interface FoundBlock {
  readonly block: WireBlock;
  readonly receipts: readonly WireReceipt[];
  readonly traces: readonly WireTrace[];
}

interface WireBlock {
  readonly number: string;
  readonly hash: string;
  readonly parentHash: string;
  readonly timestamp: string;
  readonly gasUsed: string;
  readonly transactions: readonly {
    readonly hash: string;
    readonly from: string;
    readonly to: string | null;
    readonly value: string;
    readonly input: string;
  }[];
}

interface WireReceipt {
  readonly status: string;
  readonly gasUsed: string;
  readonly logs: readonly WireLog[];
}

/** As `eth_getLogs` and a receipt give it. */
export interface WireLog {
  readonly blockHash: string;
  readonly transactionHash: string;
  readonly transactionIndex: string;
  readonly logIndex: string;
  readonly address: string;
  readonly topics: readonly string[];
  readonly data: string;
}

interface WireTrace {
  readonly type: string;
  readonly blockHash: string;
  readonly transactionPosition: number;
  readonly traceAddress: readonly number[];
  readonly error?: string;
  readonly action: { readonly from: string; readonly to?: string };
  readonly result?: { readonly address?: string } | null;
}
