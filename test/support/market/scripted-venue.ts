/** A source of trades that plays what a test says, with the schemas of a kind that is there. */
import { tokenCursor } from '../../../src/model/cursor.ts';
import type { BatchUpdate } from '../../../src/model/update.ts';
import type { Source, SourceDefinition } from '../../../src/sources/source.ts';

/** One trade as the venue tells it. */
export interface ScriptedTrade {
  readonly symbol: string;
  readonly id: number;
  readonly price: string;
}

/** What rows carry as `chain`. */
export const scriptedVenue = 'hyperliquid';

/** Batches in order; their cursor stands still, so that a successor is told all of them again. */
export function scriptedDefinition(
  batches: readonly (readonly ScriptedTrade[])[],
): SourceDefinition<object, ScriptedTrade> {
  return {
    kind: 'oxarchive',
    config: {},
    channels: {
      trades: {
        subjects: ['oxarchive/trades'],
        accepts: () => true,
        normalize: ({ symbol, id, price }, { chain }) => {
          const own = { trade_id: id, side: 'buy', leg: 0, price, quantity: '1' };
          const row = { chain, symbol, event_time: 1_700_000_000_000 + id, ...own };
          return [{ dataset: 'trades', index: `${symbol}/${id}`, row, timeMs: row.event_time }];
        },
      },
    },
    chain: () => scriptedVenue,
    validate: () => [],
    connect: () => scriptedSource(batches),
    check: async () => [],
  };
}

function scriptedSource(batches: readonly (readonly ScriptedTrade[])[]): Source<ScriptedTrade> {
  const cursor = tokenCursor('1');
  return {
    identity: async () => scriptedVenue,
    head: async () => cursor,
    async *updates(_after, signal): AsyncGenerator<BatchUpdate<ScriptedTrade>> {
      for (const messages of batches) {
        yield { kind: 'batch', cursor, messages, isBackfill: false, receivedAtUs: 1 };
      }
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve();
        else signal.addEventListener('abort', () => resolve(), { once: true });
      });
    },
  };
}
