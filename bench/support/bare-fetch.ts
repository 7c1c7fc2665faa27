/** Asks a node for blocks as the evm source does, with the same batches and concurrency, and nothing else. */
import { Pool } from 'undici';

export interface FetchRange {
  readonly from: number;
  readonly to: number;
  readonly hasTraces: boolean;
}

/** The defaults of the evm source. */
export const blocksPerFetch = 10;
export const concurrency = 4;

/**
 * Seconds it takes to read the range and throw the bodies away. The hashes that receipts are asked by
 * are read beforehand, so that no body has to be parsed.
 */
export async function bareFetch(url: string, range: FetchRange): Promise<number> {
  const pool = new Pool(url, { connections: concurrency, pipelining: 1 });
  try {
    const hashes = await blockHashes(pool, range);
    const startedAtMs = performance.now();
    await inGroups(range, async (heights) => {
      await discard(
        pool,
        heights.map((height) => blockCall(height, true)),
      );
      const own = heights.map((height) => hashes.get(height) ?? '');
      const receipts = own.map((hash) => ({ method: 'eth_getBlockReceipts', params: [hash] }));
      const traces = range.hasTraces ? own.map(traceCall) : [];
      await Promise.all([discard(pool, receipts), discard(pool, traces)]);
    });
    return (performance.now() - startedAtMs) / 1_000;
  } finally {
    await pool.close();
  }
}

export interface Call {
  readonly method: string;
  readonly params: readonly unknown[];
}

/** Runs `work` for groups of consecutive heights, `concurrency` at a time, begun in order. */
export async function inGroups(
  { from, to }: { readonly from: number; readonly to: number },
  work: (heights: readonly number[]) => Promise<void>,
): Promise<void> {
  let next = from;
  const worker = async (): Promise<void> => {
    while (next <= to) {
      const first = next;
      next = Math.min(to + 1, first + blocksPerFetch);
      await work(Array.from({ length: next - first }, (_, index) => first + index));
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

export function blockCall(height: number, isFull: boolean): Call {
  return { method: 'eth_getBlockByNumber', params: [`0x${height.toString(16)}`, isFull] };
}

/** Posts one batch. */
export function post(pool: Pool, calls: readonly Call[]) {
  const body = JSON.stringify(calls.map((call, id) => ({ jsonrpc: '2.0', id, ...call })));
  const headers = { 'content-type': 'application/json' };
  return pool.request({ method: 'POST', path: '/', headers, body });
}

async function discard(pool: Pool, calls: readonly Call[]): Promise<void> {
  if (calls.length === 0) return;
  const { body } = await post(pool, calls);
  let sizeBytes = 0;
  for await (const chunk of body) sizeBytes += chunk.length;
  if (sizeBytes === 0) throw new Error('the node answered nothing');
}

function traceCall(hash: string): Call {
  const options = { tracer: 'callTracer', tracerConfig: { onlyTopCall: false, withLog: false } };
  return { method: 'debug_traceBlockByHash', params: [hash, options] };
}

async function blockHashes(pool: Pool, range: FetchRange): Promise<Map<number, string>> {
  const hashes = new Map<number, string>();
  await inGroups(range, async (heights) => {
    const { body } = await post(
      pool,
      heights.map((height) => blockCall(height, false)),
    );
    const answers = (await body.json()) as readonly { id: number; result: { hash: string } }[];
    for (const { id, result } of answers) hashes.set(heights[id] ?? -1, result.hash);
  });
  return hashes;
}
