/** The datasets of this source: each item is one message, and each message one row. */
import type { Event, Origin } from '../../model/event.ts';
import type { Channel } from '../source.ts';
import type { TzktDataset, TzktMessage } from './messages.ts';
import { rowOf } from './rows/columns.ts';
import { rowTables } from './rows/tables.ts';

function channel(dataset: TzktDataset): Channel<TzktMessage> {
  const table = rowTables[dataset];
  return {
    subjects: [`tzkt/${dataset}`],
    accepts: (message) => message.dataset === dataset,
    *normalize(message: TzktMessage, origin: Origin): Generator<Event> {
      const event = rowOf(table, message, origin);
      if (dataset !== 'blocks') yield event;
      else yield { ...event, row: { ...event.row, parent_hash: message.parentHash || null } };
    },
  };
}

/** One channel per dataset, in the order in which a block's rows are published. */
export const tzktChannels = Object.fromEntries(
  (Object.keys(rowTables) as TzktDataset[]).map((dataset) => [dataset, channel(dataset)]),
) as Readonly<Record<TzktDataset, Channel<TzktMessage>>>;

/** The datasets of this source among those somebody wants. */
export function wantedDatasets(datasets: ReadonlySet<string>): readonly TzktDataset[] {
  return (Object.keys(tzktChannels) as TzktDataset[]).filter((dataset) => datasets.has(dataset));
}
