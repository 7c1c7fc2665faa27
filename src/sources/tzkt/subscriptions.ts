/** Which hub methods are called with which arguments for a configuration (reference section 2). */
import type { TzktConfig } from './config.ts';
import type { TzktDataset } from './messages.ts';
import { operationTypes } from './operation-kinds.ts';

/** One call of a subscribe method. */
export interface Subscription {
  readonly dataset: TzktDataset;
  readonly method: string;
  readonly args: readonly unknown[];
}

const channels: Readonly<
  Record<TzktDataset, { readonly method: string; readonly target: string }>
> = {
  head: { method: 'SubscribeToHead', target: 'head' },
  blocks: { method: 'SubscribeToBlocks', target: 'blocks' },
  cycles: { method: 'SubscribeToCycles', target: 'cycles' },
  operations: { method: 'SubscribeToOperations', target: 'operations' },
  bigmaps: { method: 'SubscribeToBigMaps', target: 'bigmaps' },
  events: { method: 'SubscribeToEvents', target: 'events' },
  token_transfers: { method: 'SubscribeToTokenTransfers', target: 'transfers' },
  token_balances: { method: 'SubscribeToTokenBalances', target: 'token_balances' },
  ticket_transfers: { method: 'SubscribeToTicketTransfers', target: 'ticket_transfers' },
  ticket_balances: { method: 'SubscribeToTicketBalances', target: 'ticket_balances' },
  accounts: { method: 'SubscribeToAccounts', target: 'accounts' },
};

const datasets = new Map<string, TzktDataset>(
  Object.entries(channels).map(([dataset, { target }]) => [target, dataset as TzktDataset]),
);

/** The dataset of a channel's messages. */
export function datasetOfTarget(target: string): TzktDataset | undefined {
  return datasets.get(target.toLowerCase());
}

/** Blocks and head first: they are the clock, and always subscribed to. */
export function subscriptionsOf(
  config: TzktConfig,
  wanted: readonly TzktDataset[],
): readonly Subscription[] {
  const clock: readonly TzktDataset[] = ['blocks', 'head'];
  const rest = wanted.filter((dataset) => !clock.includes(dataset));
  return [...clock, ...rest].flatMap((dataset) =>
    argumentsOf(dataset, config).map((args) => ({
      dataset,
      method: channels[dataset].method,
      args,
    })),
  );
}

function argumentsOf(dataset: TzktDataset, config: TzktConfig): readonly (readonly unknown[])[] {
  switch (dataset) {
    case 'head':
    case 'blocks':
      return [[]];
    case 'cycles':
      return [[{ delayBlocks: config.cycleDelayBlocks }]];
    case 'operations':
      return config.operations.map(({ types, ...filter }) => [
        { ...filter, types: (types ?? operationTypes).join(',') },
      ]);
    case 'bigmaps':
      return config.bigmaps.map((filter) => [filter]);
    case 'events':
      return config.events.map((filter) => [filter]);
    case 'token_transfers':
      return config.tokenTransfers.map((filter) => [filter]);
    case 'token_balances':
      return config.tokenBalances.map((filter) => [filter]);
    case 'ticket_transfers':
      return config.ticketTransfers.map((filter) => [filter]);
    case 'ticket_balances':
      return config.ticketBalances.map((filter) => [filter]);
    case 'accounts':
      return config.accounts.map((filter) => [filter]);
    default:
      return dataset satisfies never;
  }
}
