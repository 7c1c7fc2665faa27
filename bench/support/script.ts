/** Sources that follow a script instead of a node: blocks of logs of any number, at any pace. */
import type { Cursor } from '../../src/model/cursor.ts';
import { blockCursor } from '../../src/model/cursor.ts';
import type { BlockUpdate, SourceUpdate } from '../../src/model/update.ts';
import type { EvmMessage, WireLog } from '../../src/sources/evm/messages.ts';
import type { Source } from '../../src/sources/source.ts';

/** A source whose sessions yield what `play` yields; `play` is given a signal for the end. */
export function scripted<M>(
  play: (after: Cursor | null, signal: AbortSignal) => AsyncIterable<SourceUpdate<M>>,
): Source<M> {
  return {
    identity: async () => 'eip155:31337/bench',
    head: async () => blockCursor({ height: 0, hash: hashOf(0, 'a') }),
    updates: play,
  };
}

/** A made-up hash: one per height and branch. */
export function hashOf(height: number, branch: string): string {
  const text = `${branch.charCodeAt(0).toString(16)}${height.toString(16).padStart(12, '0')}`;
  return `0x${text.padStart(64, 'e')}`;
}

/** Contents with this many logs, of 64 contracts; each block may have the same. */
export function logsMessage(count: number): EvmMessage {
  const blockHash = hashOf(0, 'a');
  const transactionHash = hashOf(1, 't');
  const logs = Array.from(
    { length: count },
    (_, index): WireLog => ({
      address: `0x${(index % 64).toString(16).padStart(40, 'c')}`,
      topics: [
        '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef',
        `0x${(index % 997).toString(16).padStart(64, '0')}`,
        `0x${(index % 991).toString(16).padStart(64, '0')}`,
      ],
      data: `0x${(index * 7919).toString(16).padStart(64, '0')}`,
      blockHash,
      transactionHash,
      logIndex: `0x${index.toString(16)}`,
    }),
  );
  return {
    block: {
      height: 0,
      hash: blockHash,
      parentHash: blockHash,
      timeMs: 0,
      transactions: null,
      transactionHashes: [transactionHash],
      hasEmptyBloom: false,
      fields: {},
    },
    receipts: [{ transactionHash, blockHash, logs }],
    calls: null,
  };
}

/** A block of a branch with the given contents, linked to the block below it on `parentBranch`. */
export function blockUpdate(
  place: { readonly height: number; readonly branch: string; readonly parentBranch?: string },
  message: EvmMessage,
  receivedAtUs: number,
): BlockUpdate<EvmMessage> {
  const { height, branch, parentBranch = branch } = place;
  return {
    kind: 'block',
    header: {
      height,
      hash: hashOf(height, branch),
      parentHash: hashOf(height - 1, parentBranch),
      timeMs: 1_700_000_000_000 + height * 1_000,
    },
    messages: [message],
    isBackfill: false,
    receivedAtUs,
  };
}

/** Resolves when aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
}
