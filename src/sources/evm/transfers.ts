/**
 * Recognizes token transfers in logs and decodes them strictly. A log that only looks like one (other
 * topics, wrong lengths, arrays that point outside) is not a transfer, and no error.
 */

/** One movement of a token. Amounts and ids are canonical decimal strings. */
export interface TokenTransfer {
  readonly type: 'erc20' | 'erc721' | 'erc1155';
  readonly operator: string | null;
  readonly from: string;
  readonly to: string;
  readonly amount: string;
  readonly tokenId: string | null;
  /** Position within an ERC-1155 batch; null otherwise. */
  readonly batchIndex: number | null;
}

/** First topics: keccak-256 of the event signatures. */
const transferTopic = '0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef';
const transferSingleTopic = '0xc3d58168c5ae7397731d063d5bbf3d657854427343f4c083240f7aacaa2d0f62';
const transferBatchTopic = '0x4a39dc06d4c0dbc64b70af90fd698a233a518aa5d07e595d983b8c0526c8f7fb';

const wordDigits = 64;

/** All transfers of one log, in the event's own order; none when it is no transfer. */
export function transfersOf(topics: readonly string[], data: string): readonly TokenTransfer[] {
  switch (topics[0]?.toLowerCase()) {
    case transferTopic:
      return topics.length === 3 ? erc20(topics, data) : erc721(topics, data);
    case transferSingleTopic:
      return erc1155Single(topics, data);
    case transferBatchTopic:
      return erc1155Batch(topics, data);
    default:
      return [];
  }
}

function erc20(topics: readonly string[], data: string): TokenTransfer[] {
  const from = addressOf(topics[1]);
  const to = addressOf(topics[2]);
  const words = wordsOf(data);
  if (from === null || to === null || words === null || words.length !== wordDigits) return [];
  const amount = wordAt(words, 0);
  return [{ type: 'erc20', operator: null, from, to, amount, tokenId: null, batchIndex: null }];
}

function erc721(topics: readonly string[], data: string): TokenTransfer[] {
  const from = addressOf(topics[1]);
  const to = addressOf(topics[2]);
  const id = topics[3];
  if (from === null || to === null || id === undefined || wordsOf(data) !== '') return [];
  const tokenId = wordAt(id.slice(2), 0);
  return [{ type: 'erc721', operator: null, from, to, amount: '1', tokenId, batchIndex: null }];
}

interface Parties {
  readonly operator: string;
  readonly from: string;
  readonly to: string;
}

function partiesOf(topics: readonly string[]): Parties | null {
  const operator = addressOf(topics[1]);
  const from = addressOf(topics[2]);
  const to = addressOf(topics[3]);
  return operator === null || from === null || to === null ? null : { operator, from, to };
}

function erc1155Single(topics: readonly string[], data: string): TokenTransfer[] {
  const parties = partiesOf(topics);
  const words = wordsOf(data);
  if (parties === null || words === null || words.length !== 2 * wordDigits) return [];
  const tokenId = wordAt(words, 0);
  return [{ type: 'erc1155', ...parties, amount: wordAt(words, 1), tokenId, batchIndex: null }];
}

function erc1155Batch(topics: readonly string[], data: string): TokenTransfer[] {
  const parties = partiesOf(topics);
  const words = wordsOf(data);
  if (parties === null || words === null) return [];
  const ids = arrayAt(words, 0);
  const amounts = arrayAt(words, 1);
  if (ids === null || amounts === null || ids.length !== amounts.length) return [];
  return ids.map((tokenId, batchIndex) => ({
    type: 'erc1155',
    ...parties,
    amount: amounts[batchIndex] ?? '0',
    tokenId,
    batchIndex,
  }));
}

/** The data's hex digits when they are whole words, else null. */
function wordsOf(data: string): string | null {
  const isWhole = data.startsWith('0x') && (data.length - 2) % wordDigits === 0;
  return isWhole && /^[0-9a-fA-F]*$/.test(data.slice(2)) ? data.slice(2) : null;
}

/** The number in the word at this position. */
function wordAt(words: string, position: number): string {
  const word = words.slice(position * wordDigits, (position + 1) * wordDigits);
  const start = word.search(/[^0]/);
  if (start < 0) return '0';
  const digits = word.slice(start);
  return digits.length <= 13
    ? String(Number.parseInt(digits, 16))
    : BigInt(`0x${digits}`).toString();
}

/** The dynamic array whose offset is the head's word at this position, if it lies within the data. */
function arrayAt(words: string, headPosition: number): string[] | null {
  const count = words.length / wordDigits;
  if (headPosition >= count) return null;
  const offsetBytes = BigInt(wordAt(words, headPosition));
  if (offsetBytes % 32n !== 0n || offsetBytes / 32n >= BigInt(count)) return null;
  const start = Number(offsetBytes / 32n);
  const length = BigInt(wordAt(words, start));
  if (length > BigInt(count - start - 1)) return null;
  return Array.from({ length: Number(length) }, (_, index) => wordAt(words, start + 1 + index));
}

/** An indexed address: 12 zero bytes, then 20. */
function addressOf(topic: string | undefined): string | null {
  const match = /^0x0{24}([0-9a-fA-F]{40})$/.exec(topic ?? '');
  return match?.[1] === undefined ? null : `0x${match[1].toLowerCase()}`;
}
