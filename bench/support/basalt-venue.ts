/** A Basalt node with a data directory and a long chain, in a process of its own. */
import { BasaltSimulator } from '../../src/devnet/basalt/simulator.ts';

/** What it is to hold. */
export interface BasaltOrder {
  readonly blocks: number;
  readonly transactionsPerBlock: number;
}

process.once('message', async ({ blocks, transactionsPerBlock }: BasaltOrder) => {
  const simulator = new BasaltSimulator({
    historyBlocks: blocks,
    history: { transactions: transactionsPerBlock },
    nodes: [{ mode: 'rpc', requestsPerMinuteMax: 100_000_000 }],
  });
  const { http } = await simulator.listen();
  process.send?.({ url: http });
});
process.once('disconnect', () => process.exit(0));
