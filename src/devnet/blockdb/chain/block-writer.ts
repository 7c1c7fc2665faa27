/** Writes transactions into a block: gives them their places and their rows to the datasets. */
import type { Item, Json } from '../../simulator/json.ts';
import { type BlockHeader, timeText } from './block.ts';
import type { DatasetId } from './datasets.ts';
import {
  type CallDraft,
  contractId,
  type LogDraft,
  type TransactionDraft,
  type TransactionSink,
} from './draft.ts';

/** The rows of one block while it is written. */
export class BlockWriter {
  readonly header: BlockHeader;
  readonly #chainId: number;
  readonly #rows = new Map<DatasetId, Item[]>();
  #transactions = 0;
  #logs = 0;

  constructor(header: BlockHeader, chainId: number) {
    this.header = header;
    this.#chainId = chainId;
  }

  /** The rows of a dataset so far, in their order within the block. */
  rowsOf(dataset: DatasetId): readonly Item[] {
    return this.#rows.get(dataset) ?? [];
  }

  /** Adds the row of the block itself. */
  addHeader(members: Item): void {
    this.#push('0101', members);
  }

  /** Adds a row that belongs to no transaction. */
  add(dataset: DatasetId, members: Item): void {
    this.#push(dataset, { ...this.#place, ...members });
  }

  /** Writes a transaction behind those that are there. */
  write(transaction: TransactionDraft): void {
    const txIndex = this.#transactions;
    this.#transactions += 1;
    const at = { ...this.#place, tx_index: txIndex };
    this.#writeTransaction(transaction, at);
    for (const call of transaction.calls) this.#writeCall(call, transaction, at);
    const { height, timeMs } = this.header;
    const sink: TransactionSink = {
      height,
      timeMs,
      timeText: timeText(timeMs),
      txIndex,
      add: (dataset, members) =>
        this.#push(dataset, { ...at, ...this.#extra(dataset), ...members }),
      log: (draft) => this.#writeLog(draft, transaction, at),
    };
    transaction.write(sink);
  }

  get #place(): Item {
    return { block_number: this.header.height, block_time: timeText(this.header.timeMs) };
  }

  /** Members of older revisions that are the same for all rows of a dataset. */
  #extra(dataset: DatasetId): Item {
    return dataset === '0701' || dataset === '0702' ? { chain_id: this.#chainId } : {};
  }

  #writeTransaction(transaction: TransactionDraft, at: Item): void {
    const { hash, from, to, value, created, isSuccess, members } = transaction;
    this.#push('0102', {
      ...at,
      tx_hash: hash,
      from_address: from,
      to_address: to,
      created_contract_address: created,
      status_success: isSuccess,
      value_wei: value.toString(),
      block_hash: this.header.hash,
      ...members,
    });
    if (created !== null) this.#writeContract({ path: '', type: 'CREATE', from }, created, at);
    if (value === 0n || !isSuccess) return;
    this.#push('0304', {
      ...at,
      log_index: null,
      trace_address: null,
      from_address: from,
      to_address: to ?? created,
      token_address: null,
      ...nativeAmount(value),
      transfer_type: 0,
    });
  }

  #writeCall(call: CallDraft, transaction: TransactionDraft, at: Item): void {
    const { path, type, from, to, value, error, members } = call;
    this.#push('0111', {
      ...at,
      // Not shown; REST selects by it.
      tx_hash: transaction.hash,
      trace_address: path,
      call_type: type,
      from_address: from,
      to_address: to,
      value_wei: type === 'STATICCALL' ? null : value.toString(),
      gas: null,
      gas_used: null,
      input: null,
      output: null,
      error,
      tx_success: transaction.isSuccess,
      ...members,
    });
    const isReverted = call.isReverted ?? error !== null;
    if (to === null || isReverted || !transaction.isSuccess) return;
    if (type.startsWith('CREATE')) this.#writeContract({ path, type, from }, to, at);
    if (value === 0n || (type !== 'CALL' && !type.startsWith('CREATE'))) return;
    this.#push('0304', {
      ...at,
      log_index: null,
      trace_address: path,
      from_address: from,
      to_address: to,
      token_address: null,
      ...nativeAmount(value),
      transfer_type: 1,
    });
  }

  #writeContract(
    { path, type, from }: Pick<CallDraft, 'path' | 'type' | 'from'>,
    address: string,
    at: Item,
  ): void {
    this.#push('0121', {
      ...at,
      contract_id: contractId(address, this.header.height, Number(at['tx_index'])),
      contract_address: address,
      trace_address: path,
      creator_address: from,
      creation_call_type: type,
      address,
      log_index: this.#logs,
    });
  }

  #writeLog({ address, topics, data }: LogDraft, { hash }: TransactionDraft, at: Item): number {
    const index = this.#logs;
    this.#logs += 1;
    this.#push('0103', {
      ...at,
      log_index: index,
      contract_address: address,
      topic_zero: topics[0] ?? null,
      data_topics: topics.slice(1),
      data,
      block_hash: this.header.hash,
      tx_hash: hash,
    });
    return index;
  }

  #push(dataset: DatasetId, item: Item): void {
    const rows = this.#rows.get(dataset) ?? [];
    const numbered: Record<string, Json> = {};
    // Surrogate keys of older revisions.
    if (dataset === '0301' || dataset === '0303' || dataset === '0304') {
      numbered['id'] = this.header.height * 1000 + rows.length;
    }
    rows.push({ ...item, ...numbered });
    this.#rows.set(dataset, rows);
  }
}

function nativeAmount(value: bigint): Item {
  return { amount_raw: value.toString(), amount_adj: etherText(value), token_id: null };
}

function etherText(wei: bigint): string {
  const text = wei.toString().padStart(19, '0');
  const fraction = text.slice(-18).replace(/0+$/, '');
  return fraction === '' ? text.slice(0, -18) : `${text.slice(0, -18)}.${fraction}`;
}
