/** Asks a node how many logs its canonical chain has. Only for the live view's comparison. */
import type { BlockRef } from '../../model/block.ts';

/** Null when the node has another block at that height now, or does not answer. */
export async function countLogs(url: string, block: BlockRef): Promise<number | null> {
  const toBlock = `0x${block.height.toString(16)}`;
  try {
    const logs = await call(url, 'eth_getLogs', [{ fromBlock: '0x0', toBlock }]);
    const now = await call(url, 'eth_getBlockByNumber', [toBlock, false]);
    const isSame = (now as { readonly hash?: unknown } | null)?.hash === block.hash;
    return isSame && Array.isArray(logs) ? logs.length : null;
  } catch {
    return null;
  }
}

async function call(url: string, method: string, params: readonly unknown[]): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    signal: AbortSignal.timeout(5_000),
  });
  return ((await response.json()) as { readonly result?: unknown }).result;
}
