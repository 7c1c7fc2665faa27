/** The rows of 0304 that the log of a token means: ERC-20, ERC-721, ERC-1155 single and batch. */
import type { LogDraft, TransactionSink } from './draft.ts';
import { eventTopics } from './events/transfers.ts';

interface Transfer {
  readonly from: string;
  readonly to: string;
  readonly amount: bigint;
  readonly tokenId: bigint | null;
  readonly type: number;
}

const wordDigits = 64;

/** Writes them; none for a log that is no transfer, or that only looks like one. */
export function writeTransfers(out: TransactionSink, logIndex: number, log: LogDraft): void {
  for (const { from, to, amount, tokenId, type } of transfersOf(log)) {
    out.add('0304', {
      log_index: logIndex,
      trace_address: null,
      from_address: from,
      to_address: to,
      token_address: log.address,
      amount_raw: amount.toString(),
      amount_adj: null,
      token_id: tokenId === null ? null : tokenId.toString(),
      transfer_type: type,
    });
  }
}

function transfersOf({ topics, data }: LogDraft): readonly Transfer[] {
  const words: readonly string[] = data.match(/[0-9a-f]{64}/g) ?? [];
  if (words.length * wordDigits !== data.length) return [];
  switch (topics[0]) {
    case eventTopics.transfer:
      return single(topics, words);
    case eventTopics.transferSingle:
      return words.length === 2 ? multi(topics, words.slice(0, 1), words.slice(1)) : [];
    case eventTopics.transferBatch:
      return multi(topics, listAt(words, 0), listAt(words, 1));
    default:
      return [];
  }
}

/** `Transfer` of ERC-20 and of ERC-721: the latter has its token id as a topic. */
function single(topics: readonly string[], words: readonly string[]): readonly Transfer[] {
  const [from, to, id] = [addressOf(topics[1]), addressOf(topics[2]), topics[3]];
  if (from === undefined || to === undefined) return [];
  if (words.length !== (id === undefined ? 1 : 0)) return [];
  if (id === undefined) return [{ from, to, amount: numberOf(words[0]), tokenId: null, type: 2 }];
  return [{ from, to, amount: 1n, tokenId: numberOf(id), type: 3 }];
}

/** `TransferSingle` and `TransferBatch` of ERC-1155. */
function multi(
  topics: readonly string[],
  ids: readonly string[] | undefined,
  amounts: readonly string[] | undefined,
): readonly Transfer[] {
  const [operator, from, to] = topics.slice(1).map(addressOf);
  if (operator === undefined || from === undefined || to === undefined) return [];
  if (ids === undefined || ids.length !== amounts?.length) return [];
  return ids.map((id, n) => {
    return { from, to, amount: numberOf(amounts[n]), tokenId: numberOf(id), type: 4 };
  });
}

/** The list whose offset stands in the head; undefined when it lies outside the data. */
function listAt(words: readonly string[], head: number): readonly string[] | undefined {
  const offset = numberOf(words[head]);
  const start = Number(offset / 32n);
  if (offset % 32n !== 0n || start >= words.length) return undefined;
  const count = numberOf(words[start]);
  if (count > BigInt(words.length - start - 1)) return undefined;
  return words.slice(start + 1, start + 1 + Number(count));
}

function addressOf(topic: string | undefined): string | undefined {
  return /^0{24}([0-9a-f]{40})$/.exec(topic ?? '')?.[1];
}

function numberOf(digits = '0'): bigint {
  return BigInt(`0x${digits}`);
}
