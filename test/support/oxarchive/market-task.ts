/**
 * A source task of oxarchive over the simulated Kafka: the real session, ledger, restore and publication,
 * with JSON for Avro. Each `run` is one life of the process.
 */
import { silentLogger } from '../../../src/consumer/silent-logger.ts';
import type { InsertRecord } from '../../../src/encoding/encoded-record.ts';
import type { Clock } from '../../../src/model/runtime.ts';
import { createNormalizer } from '../../../src/normalization/normalizer.ts';
import type { LedgerEncoders } from '../../../src/pipeline/ledger-encoders.ts';
import type { RestoreReader } from '../../../src/pipeline/restore.ts';
import { SourceTask, type TaskOptions } from '../../../src/pipeline/source-task.ts';
import { oxarchiveChannels } from '../../../src/sources/oxarchive/channels.ts';
import type { OxarchiveConfig } from '../../../src/sources/oxarchive/config.ts';
import { OxarchiveSource } from '../../../src/sources/oxarchive/oxarchive-source.ts';
import { parseChange, readSimulatedChange, simulatedEncoders } from '../simulation/encoders.ts';
import type { SimulatedKafka } from '../simulation/kafka.ts';
import { SimulatedPublisher } from '../simulation/publisher.ts';
import { quietMonitor, simulatedReader, taskOptions } from '../simulation/run.ts';

/** What a process is started with. */
export interface MarketTaskOptions {
  readonly venue: string;
  readonly config: OxarchiveConfig;
  readonly datasets: ReadonlySet<string>;
  readonly delivery: TaskOptions['delivery'];
  readonly clock: Clock;
  readonly kafka: SimulatedKafka;
  readonly random: () => number;
  /** How many publications are hit. */
  readonly faultRate: number;
}

const partitions = 3;
const corrected = ['trades', 'liquidations'];

/** One life: until it is stopped, crashes, or only an operator can help. */
export async function runMarketTask(
  options: MarketTaskOptions,
  signal: AbortSignal,
  onProgress: () => void,
): Promise<void> {
  const { venue, config, datasets, delivery, clock, kafka, random, faultRate } = options;
  const nothing = () => undefined;
  const runtime = {
    name: 'sim',
    clock,
    logger: silentLogger,
    metrics: { add: nothing, set: nothing, observe: nothing },
    random,
    canonicalHash: nothing,
    finalizedHeight: nothing,
  };
  const isTransactional = delivery === 'exactly_once';
  const task = new SourceTask(taskOptionsOf(venue, delivery), {
    source: new OxarchiveSource(config, datasets, runtime),
    normalize: createNormalizer(oxarchiveChannels, datasets),
    encoders: marketEncoders(),
    reader: marketReader(kafka),
    createPublisher: () => new SimulatedPublisher({ kafka, random, isTransactional, faultRate }),
    adopt: nothing,
    clock,
    monitor: quietMonitor(onProgress),
    random,
  });
  await task.run(signal);
}

function taskOptionsOf(venue: string, delivery: TaskOptions['delivery']): TaskOptions {
  return {
    ...taskOptions({ seed: 0, steps: 0, delivery, faultRate: 0 }),
    chain: venue,
    kind: 'oxarchive',
    dataErrors: 'quarantine',
    tables: [],
    limits: { rowsMax: 500, blocksMax: 8 },
    backoff: { minMs: 500, maxMs: 2_000, retriesMax: 0 },
  };
}

/** Rows of a market share a partition. */
function marketEncoders(): LedgerEncoders {
  const encoders = simulatedEncoders();
  return {
    ...encoders,
    insert: (event, origin, at) =>
      encoders.insert(event, origin, at).map((record) => ({
        ...record,
        partition: Buffer.from(String(event.row['symbol'])).reduce((a, b) => a + b) % partitions,
      })),
    isOutdated: (stored, fresh) =>
      finalityOf(fresh) === 'preliminary' && finalityOf(stored) === 'final',
    isCorrectable: (dataset) => corrected.includes(dataset),
    isReadBack: (topic) => corrected.includes(topic),
    orderOf: () => null,
  };
}

function finalityOf({ value }: InsertRecord): unknown {
  return parseChange(value).row['finality'];
}

function marketReader(kafka: SimulatedKafka): RestoreReader {
  return {
    ...simulatedReader(kafka),
    readEnds: async () => kafka.ends(corrected),
    readChange: (stored) => ({ ...readSimulatedChange(stored), height: 0, blockHash: null }),
  };
}
