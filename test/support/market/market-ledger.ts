/** A ledger that follows the made-up venue, over the simulated Kafka, and what it comes back with. */

import { tokenCursor } from '../../../src/model/cursor.ts';
import type { Clock } from '../../../src/model/runtime.ts';
import type { BatchUpdate } from '../../../src/model/update.ts';
import { createNormalizer } from '../../../src/normalization/normalizer.ts';
import { Ledger } from '../../../src/pipeline/ledger.ts';
import type { BatchTally } from '../../../src/pipeline/ledger-encoders.ts';
import { type LedgerOptions, nothingRestored } from '../../../src/pipeline/ledger-state.ts';
import { type RestoreReader, restore } from '../../../src/pipeline/restore.ts';
import type { Channel } from '../../../src/sources/source.ts';
import type { SimulatedKafka } from '../simulation/kafka.ts';
import { keptFromStart, simulatedReader } from '../simulation/run.ts';
import { kind, type MarketMessage, marketEvent, venue } from './market-datasets.ts';
import { marketEncoders, marketTables } from './market-encoders.ts';

/** Encoders keep nothing between calls, so all ledgers share them. */
const encoders = marketEncoders();

const channel: Channel<MarketMessage> = {
  subjects: [`${kind}/trades`, `${kind}/books`],
  accepts: () => true,
  normalize: (message) => [marketEvent(message)],
};

/** A time that the test moves. */
export class HandClock implements Clock {
  ms = 1_000_000;

  nowMs(): number {
    return this.ms;
  }

  nowUs(): number {
    return this.ms * 1000;
  }

  sleep(): Promise<void> {
    return Promise.resolve();
  }
}

export interface MarketLedgerOptions {
  readonly clock: Clock;
  readonly change?: Partial<LedgerOptions<MarketMessage>>;
  readonly onBatch?: (tally: BatchTally) => void;
  readonly onQuarantined?: (code: string) => void;
}

/** Options of a ledger of the venue. */
function ledgerOptions({
  clock,
  change,
  onBatch,
  onQuarantined,
}: MarketLedgerOptions): LedgerOptions<MarketMessage> {
  const nothing = () => undefined;
  return {
    ...{ chain: venue, source: 'perps', kind, identity: venue, generation: 1 },
    ...{ undoBlocksMax: 10, undoRowsMax: 1000, correctionsMs: 60_000, finalRowsMax: 100 },
    tables: marketTables,
    dataErrors: 'quarantine',
    encoders: encoders.ledger,
    normalize: createNormalizer({ all: channel }, new Set(['trades', 'books'])),
    clock,
    observer: {
      ...{ applied: nothing, reverted: nothing, revised: nothing, finalized: nothing },
      batched: onBatch ?? nothing,
      quarantined: onQuarantined ?? nothing,
    },
    ...change,
  };
}

/** A ledger of a source that has published nothing. */
export function firstLedger(options: MarketLedgerOptions): Ledger<MarketMessage> {
  const tables = keptFromStart(marketTables);
  return new Ledger(ledgerOptions(options), { ...nothingRestored, tables });
}

/** A ledger that goes on from the topics alone. */
export async function restoredLedger(
  kafka: SimulatedKafka,
  options: MarketLedgerOptions & { readonly readsPastCheckpoint: boolean },
): Promise<Ledger<MarketMessage>> {
  const restored = await restore(marketReader(kafka), {
    readsPastCheckpoint: options.readsPastCheckpoint,
    tables: marketTables,
    signal: new AbortController().signal,
  });
  if (restored.checkpoint === null) return firstLedger(options);
  return new Ledger(ledgerOptions(options), restored);
}

/** Reads the topics that a restart has to look at. */
export function marketReader(kafka: SimulatedKafka): RestoreReader {
  return {
    ...simulatedReader(kafka),
    readEnds: async () => kafka.ends(['trades']),
    readChange: (stored) => encoders.changelog.read(stored),
  };
}

/** A batch whose cursor is its number. */
export function batch(
  number: number,
  messages: readonly MarketMessage[],
  isBackfill = false,
): BatchUpdate<MarketMessage> {
  const cursor = tokenCursor(String(number));
  return { kind: 'batch', cursor, messages, isBackfill, receivedAtUs: 5 };
}
