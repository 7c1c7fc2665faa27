/** The simulator in a process of its own, with room for a thousand filters; it makes blocks when told to. */

import { openTzktServer } from '../../src/devnet/tzkt/server.ts';
import { TzktSimulator } from '../../src/devnet/tzkt/simulator.ts';

/** How to reach it, and whom a filter may name. */
export interface FiltersVenueAnswer {
  readonly url: string;
  readonly accounts: readonly string[];
}

process.once('message', (filters: number) => {
  const simulator = new TzktSimulator({ historyLevels: 30, limits: { transfers: filters } });
  const accounts = simulator.canonical().accounts.map(({ address }) => String(address));
  void openTzktServer(simulator).then((server) => {
    process.send?.({ url: server.http, accounts } satisfies FiltersVenueAnswer);
  });
  process.on('message', (blocks: number) => {
    simulator.produce(blocks);
  });
});
process.once('disconnect', () => process.exit(0));
