/** The datasets of this source: which part of a block's message makes which rows. */
import type { Channel } from '../source.ts';
import type { BasaltMessage } from './messages.ts';
import { blockRows } from './rows/blocks.ts';
import { logRows } from './rows/logs.ts';
import { transactionRows } from './rows/transactions.ts';

const hasTransactions = (message: BasaltMessage): boolean => message.transactions !== null;

/** Three channels of one dataset each. */
export const basaltChannels: Readonly<Record<string, Channel<BasaltMessage>>> = {
  blocks: { subjects: ['basalt/blocks'], accepts: () => true, normalize: blockRows },
  transactions: {
    subjects: ['basalt/transactions'],
    accepts: hasTransactions,
    normalize: transactionRows,
  },
  logs: { subjects: ['basalt/logs'], accepts: hasTransactions, normalize: logRows },
};

/** True when these datasets need more than headers. */
export function needsTransactions(datasets: ReadonlySet<string>): boolean {
  return datasets.has('transactions') || datasets.has('logs');
}
