/**
 * The raw datasets of a block that an EVM node answered: 0101, 0102, 0103, 0111, 0121 and 0304, by
 * BlockDB's field list. With it a test reads one chain from a node and from the simulator.
 */
import { type Item, isItem } from '../../simulator/json.ts';
import { type BlockContent, type BlockHeader, timeText } from './block.ts';
import { BlockWriter } from './block-writer.ts';
import { datasetIds } from './datasets.ts';
import type { CallDraft, TransactionDraft } from './draft.ts';
import { writeTransfers } from './evm-transfers.ts';

/** Answers of a node, as its JSON has them. */
export interface EvmAnswers {
  /** Of `eth_getBlockByHash` with whole transactions. */
  readonly block: unknown;
  /** Of `eth_getBlockReceipts`. */
  readonly receipts: unknown;
  /** Of `debug_traceBlockByHash` with callTracer; absent: without traces. */
  readonly traces?: unknown;
}

/** The block, ready for `simulator.add` or a `branch`. */
export function blockFromEvm(answers: EvmAnswers, chainId: number): BlockContent {
  const block = itemOf(answers.block);
  const receipts = itemsOf(answers.receipts);
  const traces = answers.traces === undefined ? undefined : itemsOf(answers.traces);
  const header: BlockHeader = {
    height: numberOf(block['number']),
    hash: hexOf(block['hash']),
    parentHash: hexOf(block['parentHash']),
    timeMs: numberOf(block['timestamp']) * 1000,
  };
  const transactions = itemsOf(block['transactions']).map((transaction, n) => {
    const trace = traces === undefined ? undefined : itemOf(traces[n]?.['result']);
    return transactionOf(transaction, itemOf(receipts[n]), trace);
  });
  const writer = new BlockWriter(header, chainId);
  for (const transaction of transactions) writer.write(transaction);
  writer.addHeader({
    block_number: header.height,
    block_hash: header.hash,
    parent_block_hash: header.parentHash,
    receipt_root: maybeHex(block['receiptsRoot']),
    miner: hexOf(block['miner']),
    gas_limit: numberOf(block['gasLimit']),
    extra_data: hexOf(block['extraData']),
    size: block['size'] === undefined ? null : numberOf(block['size']),
    timestamp_utc: timeText(header.timeMs),
    _computed_receipt_root: maybeHex(block['receiptsRoot']),
    _computed_receipt_timestamp_utc: timeText(header.timeMs),
  });
  return { header, rows: new Map(datasetIds.map((id) => [id, writer.rowsOf(id)])), transactions };
}

function transactionOf(
  transaction: Item,
  receipt: Item,
  trace: Item | undefined,
): TransactionDraft {
  const isSuccess = receipt['status'] === undefined || numberOf(receipt['status']) === 1;
  const created = isSuccess ? maybeHex(receipt['contractAddress']) : null;
  return {
    hash: hexOf(transaction['hash']),
    from: hexOf(transaction['from']),
    to: maybeHex(transaction['to']),
    value: BigInt(String(transaction['value'])),
    created,
    isSuccess,
    members: {
      gas_used: decimalOf(receipt['gasUsed']),
      effective_gas_price_wei: maybeDecimal(receipt['effectiveGasPrice']),
      status_success: receipt['status'] === undefined ? null : isSuccess,
      root: maybeHex(receipt['root']),
      tx_type: transaction['type'] === undefined ? 0 : numberOf(transaction['type']),
      trace_failed: trace === undefined ? null : false,
      input: hexOf(transaction['input']),
      nonce: numberOf(transaction['nonce']),
      gas_limit: decimalOf(transaction['gas']),
      max_fee_per_gas_wei: maybeDecimal(transaction['maxFeePerGas']),
      max_priority_fee_per_gas_wei: maybeDecimal(transaction['maxPriorityFeePerGas']),
    },
    calls: trace === undefined ? [] : callsOf(trace, { path: '', isReverted: false }),
    write: (out) => {
      for (const log of itemsOf(receipt['logs'])) {
        const topics = Array.isArray(log['topics']) ? log['topics'].map(hexOf) : [];
        const draft = { address: hexOf(log['address']), topics, data: hexOf(log['data']) };
        writeTransfers(out, out.log(draft), draft);
      }
    },
  };
}

/** The frames below a frame, depth first. */
function callsOf(
  frame: Item,
  around: { readonly path: string; readonly isReverted: boolean },
): readonly CallDraft[] {
  const isReverted = around.isReverted || frame['error'] !== undefined;
  return (Array.isArray(frame['calls']) ? frame['calls'].map(itemOf) : []).flatMap((call, n) => {
    const path = around.path === '' ? String(n) : `${around.path}.${n}`;
    return [callOf(call, path, isReverted), ...callsOf(call, { path, isReverted })];
  });
}

function callOf(call: Item, path: string, isAroundReverted: boolean): CallDraft {
  const error = call['error'] === undefined ? null : String(call['error']);
  const type = String(call['type']).toUpperCase();
  const isFailedCreation = type.startsWith('CREATE') && error !== null;
  return {
    path,
    type,
    from: hexOf(call['from']),
    to: isFailedCreation ? null : maybeHex(call['to']),
    value: BigInt(String(call['value'] ?? '0x0')),
    error,
    isReverted: isAroundReverted || error !== null,
    members: {
      gas: maybeDecimal(call['gas']),
      gas_used: maybeDecimal(call['gasUsed']),
      input: maybeHex(call['input']),
      // A tracer leaves empty output out; some say 0x.
      output: error === null ? maybeHex(call['output'] === '0x' ? null : call['output']) : null,
    },
  };
}

function itemOf(value: unknown): Item {
  if (isItem(value)) return value;
  throw new TypeError(`Expected an object of a node's answer, not ${JSON.stringify(value)}.`);
}

function itemsOf(value: unknown): readonly Item[] {
  if (Array.isArray(value)) return value.map(itemOf);
  throw new TypeError(`Expected a list of a node's answer, not ${JSON.stringify(value)}.`);
}

/** Hexadecimal digits without `0x`, lower case. */
function hexOf(value: unknown): string {
  if (typeof value === 'string' && value.startsWith('0x')) return value.slice(2).toLowerCase();
  throw new TypeError(`Expected 0x and hexadecimal digits, not ${JSON.stringify(value)}.`);
}

function maybeHex(value: unknown): string | null {
  return value === undefined || value === null ? null : hexOf(value);
}

function numberOf(value: unknown): number {
  return Number(decimalOf(value));
}

function decimalOf(value: unknown): string {
  return BigInt(`0x${hexOf(value)}`).toString();
}

function maybeDecimal(value: unknown): string | null {
  return value === undefined || value === null ? null : decimalOf(value);
}
