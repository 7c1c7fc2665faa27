/** The datasets of this source: which part of a block's message makes which rows. */
import type { Event, Origin } from '../../model/event.ts';
import type { Channel, RefusePart, Subject } from '../source.ts';
import type { EvmMessage } from './messages.ts';
import { blockRows } from './rows/blocks.ts';
import { contractRows } from './rows/contracts.ts';
import { internalTransactionRows } from './rows/internal-transactions.ts';
import { logRows } from './rows/logs.ts';
import { tokenTransferRows } from './rows/token-transfers.ts';
import { transactionRows } from './rows/transactions.ts';

function channel(
  subject: Subject,
  normalize: (message: EvmMessage, origin: Origin, refuse?: RefusePart) => Iterable<Event>,
  accepts: (message: EvmMessage) => boolean,
): Channel<EvmMessage> {
  return { subjects: [subject], accepts, normalize };
}

const hasReceipts = (message: EvmMessage): boolean => message.receipts !== null;

/** Six channels of one dataset each. */
export const evmChannels: Readonly<Record<string, Channel<EvmMessage>>> = {
  blocks: channel('evm/blocks', blockRows, () => true),
  transactions: channel(
    'evm/transactions',
    transactionRows,
    (message) => hasReceipts(message) && message.block.transactions !== null,
  ),
  logs: channel('evm/logs', logRows, hasReceipts),
  internal_transactions: channel(
    'evm/internal_transactions',
    internalTransactionRows,
    (message) => message.calls !== null,
  ),
  contracts: channel(
    'evm/contracts',
    contractRows,
    (message) => message.calls !== null || message.receipts !== null,
  ),
  token_transfers: channel('evm/token_transfers', tokenTransferRows, hasReceipts),
};

/** What has to be fetched for a set of datasets. */
export interface Needs {
  readonly fullTransactions: boolean;
  readonly receipts: boolean;
  readonly traces: boolean;
}

/** The least that gives these datasets. */
export function needsOf(datasets: ReadonlySet<string>): Needs {
  const wants = (...names: readonly string[]) => names.some((name) => datasets.has(name));
  return {
    fullTransactions: wants('transactions'),
    receipts: wants(
      'transactions',
      'logs',
      'internal_transactions',
      'contracts',
      'token_transfers',
    ),
    traces: wants('internal_transactions', 'contracts'),
  };
}
