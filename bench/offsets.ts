/**
 * Where a block begins on a long topic, by its control topic: every look-up opens its own reader, as
 * the command does. The topic is filled by bare kafkajs with real rows and control records.
 */
import { Kafka, logLevel, type Producer } from 'kafkajs';
import { SourceEncoders } from '../src/cli/compose/source-encoders.ts';
import { registryFrom } from '../src/cli/configuration.ts';
import { findOffsets } from '../src/cli/offsets/find-offsets.ts';
import { HeightReader } from '../src/cli/offsets/stored-height.ts';
import { RecordDecoder } from '../src/cli/tail/decoder.ts';
import type { EncodedRecord, InsertRecord } from '../src/encoding/encoded-record.ts';
import type { PartitionTally } from '../src/model/control.ts';
import type { Origin } from '../src/model/event.ts';
import { systemClock } from '../src/model/system-clock.ts';
import { PartitionReader } from '../src/publishing/partition-reader.ts';
import type { Bench } from './support/bench.ts';
import { hashOf } from './support/script.ts';
import { benchLogger, openStage, type Stage } from './support/stage.ts';
import { median } from './support/statistics.ts';

const rowsPerBlock = 50;
const blocksPerSend = 50;
const contracts = 16;

export const offsets: Bench = {
  name: 'offsets',
  about: 'where a block begins on a topic of five million records',
  async run(scene) {
    const blocks = scene.options.isQuick ? 4_000 : 100_000;
    const stage = await openStage(scene, { datasets: ['logs'] });
    const rows = blocks * rowsPerBlock;
    scene.note(`writing ${rows} rows`);
    await fill(stage, blocks);
    const seconds: number[] = [];
    for (let look = 0; look < 20; look += 1) {
      const height = Math.floor((blocks - 1) * (look / 19));
      seconds.push(await lookUp(stage, height));
    }
    stage.close();
    const figures = [
      { what: `offsets --block, ${rows} records, median`, value: median(seconds), budget: null },
      { what: 'the slowest of 20', value: Math.max(...seconds), budget: { atMost: 1 } },
    ];
    return {
      figures: figures.map((figure) => ({ ...figure, unit: 's' })),
      raw: { blocks, rows, seconds },
    };
  },
};

/** Throws when a record that it finds is of another block. */
async function lookUp(stage: Stage, height: number): Promise<number> {
  const { config, source } = stage;
  const registry = registryFrom(config);
  const startedAtMs = performance.now();
  const { kafka } = config;
  const shared = { clock: systemClock, logger: benchLogger, stallTimeoutMs: 15_000 };
  const reader = new PartitionReader({ kafka, ...shared });
  try {
    await findOffsets({
      source,
      topics: [stage.topicOf('logs')],
      position: { height },
      reader,
      heights: new HeightReader(reader, new RecordDecoder(registry)),
      schemaById: (id) => registry.byId(id),
      signal: new AbortController().signal,
    });
    return (performance.now() - startedAtMs) / 1_000;
  } finally {
    reader.close();
  }
}

async function fill(stage: Stage, blocks: number): Promise<void> {
  const { config, source, prepared } = stage;
  const encoders = new SourceEncoders({ config, source, ...prepared });
  encoders.adopt(null);
  const kafka = new Kafka({ brokers: [...config.kafka.brokers], logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ idempotent: true });
  await producer.connect();
  try {
    const next = new Map<number, number>();
    for (let from = 0; from < blocks; from += blocksPerSend) {
      const heights = Array.from({ length: blocksPerSend }, (_, index) => from + index);
      const written = heights.map((height) => blockRows(stage, encoders, height));
      await send(producer, written.flat());
      const control = heights.map((height, index) =>
        encoders.ledger.control(blockEvent(height, tallies(written[index] ?? [], next)), height),
      );
      const finalized = { height: from, hash: hashOf(from, 'a') };
      control.push(encoders.ledger.control({ kind: 'finalized', block: finalized }, from));
      await send(producer, control);
    }
  } finally {
    await producer.disconnect();
  }
}

function blockRows({ source }: Stage, encoders: SourceEncoders, height: number): InsertRecord[] {
  const { chain, name } = source;
  const blockTimeMs = timeOf(height);
  const hash = hashOf(height, 'a');
  const origin: Origin = {
    ...{ chain, source: name, height, blockHash: hash, blockTimeMs },
    isBackfill: true,
    receivedAtUs: 1,
  };
  const basics = { chain, height, block_hash: hash, block_time: blockTimeMs };
  return Array.from({ length: rowsPerBlock }, (_, index) => {
    const address = `0x${index % contracts}`;
    const place = { tx_hash: hash, tx_index: index, log_index: index };
    const row = { ...basics, ...place, contract_address: address, data: '0x' };
    const event = { dataset: 'logs', index: String(index), row, timeMs: blockTimeMs };
    return encoders.ledger.insert(event, origin, { incarnation: 1, publishedAtUs: 1 });
  }).flat();
}

function blockEvent(height: number, counted: readonly PartitionTally[]) {
  const link = { hash: hashOf(height, 'a'), parentHash: hashOf(height - 1, 'a') };
  const block = { height, ...link, timeMs: timeOf(height) };
  return { kind: 'block', block, incarnation: 1, isBackfill: true, tallies: counted } as const;
}

/** Nobody else writes to the topic, so offsets are counted. */
function tallies(rows: readonly InsertRecord[], next: Map<number, number>): PartitionTally[] {
  const counts = new Map<number, number>();
  for (const { partition } of rows) counts.set(partition, (counts.get(partition) ?? 0) + 1);
  const topic = rows[0]?.topic ?? '';
  return [...counts].map(([partition, inserts]) => {
    const firstOffset = next.get(partition) ?? 0;
    next.set(partition, firstOffset + inserts);
    return { topic, partition, inserts, retractions: 0, firstOffset };
  });
}

async function send(producer: Producer, records: readonly EncodedRecord[]): Promise<void> {
  await producer.send({
    topic: records[0]?.topic ?? '',
    messages: records.map(({ key, value, partition, timestampMs }) => ({
      ...{ key, value, partition },
      timestamp: String(timestampMs),
    })),
  });
}

function timeOf(height: number): number {
  return 1_700_000_000_000 + height * 1_000;
}
