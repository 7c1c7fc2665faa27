/** Compares what a reader of a basalt source holds with the simulator's own chain, row for row. */
import assert from 'node:assert/strict';
import type { BasaltSimulator, CanonicalBlock } from '../../../src/devnet/basalt/simulator.ts';
import type { Row } from '../../../src/model/event.ts';
import type { RowReader } from '../sources/row-reader.ts';

const datasets = ['blocks', 'transactions', 'logs'] as const;

/** What is compared: all heights, or those from `from` on. */
export interface TruthOptions {
  readonly from?: number;
  /** Heights that were read from disk: the raw form tells less of transactions with proofs. */
  readonly isRaw?: (height: number) => boolean;
}

/** Throws, naming the dataset, when a row is missing, doubled, left over or different. */
export function assertSameRows(
  reader: RowReader,
  simulator: BasaltSimulator,
  { from = 0, isRaw = () => false }: TruthOptions = {},
): void {
  const blocks = simulator
    .canonical()
    .filter(({ block }) => block.number >= from)
    .map((each) => (isRaw(each.block.number) ? asRaw(each) : each));
  const expected = { blocks: blocks.map(blockRow), transactions: [], logs: [] } as Record<
    (typeof datasets)[number],
    Row[]
  >;
  for (const each of blocks) {
    expected.transactions.push(...each.transactions.map((_, index) => transactionRow(each, index)));
    expected.logs.push(...each.transactions.flatMap((_, index) => logRows(each, index)));
  }
  for (const dataset of datasets) {
    const rows = reader.rows(dataset).map(({ row }) => row);
    assert.deepEqual(rows, expected[dataset], `${dataset}: ${reader.picture}`);
  }
}

/** Nothing of a receipt where the hash cannot be computed; the hash is left out by the row. */
function asRaw({ block, transactions }: CanonicalBlock): CanonicalBlock {
  const nothing = { success: null, errorCode: null, gasUsed: null };
  const unknown = { ...nothing, hash: '', effectiveGasPrice: null, logs: null };
  return {
    block,
    transactions: transactions.map((each) =>
      each.complianceProofCount > 0 ? { ...each, ...unknown } : each,
    ),
  };
}

function placeOf({ block }: CanonicalBlock) {
  return {
    chain: 'basalt:31337',
    height: block.number,
    block_hash: block.hash,
    block_time: block.timestamp,
  };
}

function blockRow(canonical: CanonicalBlock): Row {
  const { block } = canonical;
  return {
    ...placeOf(canonical),
    parent_hash: block.parentHash,
    state_root: block.stateRoot,
    proposer: block.proposer,
    gas_limit: String(block.gasLimit),
    gas_used: block.gasUsed,
    base_fee: block.baseFee,
    transaction_count: block.transactionCount,
  };
}

function transactionRow(canonical: CanonicalBlock, index: number): Row {
  const item = canonical.transactions[index];
  assert(item !== undefined);
  const hasCaps = !isZero(item.maxFeePerGas) || !isZero(item.maxPriorityFeePerGas);
  return {
    ...placeOf(canonical),
    tx_index: index,
    tx_hash: item.hash === '' ? null : item.hash,
    tx_type: item.type,
    from_address: item.sender,
    to_address: item.to,
    tx_nonce: item.nonce,
    amount: item.value,
    gas_limit: String(item.gasLimit),
    gas_price: item.gasPrice,
    max_fee_per_gas: hasCaps ? (item.maxFeePerGas ?? '0') : null,
    max_priority_fee_per_gas: hasCaps ? (item.maxPriorityFeePerGas ?? '0') : null,
    priority: item.priority,
    input: hexOf(item.data),
    compliance_proof_count: item.complianceProofCount,
    status_success: item.success,
    error_code: item.errorCode,
    gas_used: item.gasUsed,
    effective_gas_price: item.effectiveGasPrice,
    log_count: item.logs?.length ?? null,
  };
}

function logRows(canonical: CanonicalBlock, index: number): Row[] {
  const item = canonical.transactions[index];
  return (item?.logs ?? []).map((log, position) => ({
    ...placeOf(canonical),
    tx_index: index,
    log_position: position,
    tx_hash: item?.hash ?? null,
    contract_address: log.contract,
    event_signature: log.eventSignature,
    topic0: log.topics[0] ?? null,
    topic1: log.topics[1] ?? null,
    topic2: log.topics[2] ?? null,
    topic3: log.topics[3] ?? null,
    more_topics: log.topics.length > 4 ? JSON.stringify(log.topics.slice(4)) : null,
    data: hexOf(log.data),
  }));
}

function isZero(amount: string | null): boolean {
  return amount === null || amount === '0';
}

function hexOf(data: string | null): string | null {
  return data === null ? null : `0x${data.toLowerCase()}`;
}

/** True for heights whose rows show that they were read from disk. */
export function readFromDisk(reader: Pick<RowReader, 'rows'>): (height: number) => boolean {
  const transactions = reader.rows('transactions').map(({ row }) => row);
  const heights = transactions.filter((row) => row['tx_hash'] === null).map((row) => row['height']);
  const known = new Set(heights);
  return (height) => known.has(height);
}
