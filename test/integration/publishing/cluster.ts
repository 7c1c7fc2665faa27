/** A real Kafka behind fault proxies for the tests of this directory, with what they all need. */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { classArchiveOf } from '../../../src/devnet/class-archive.ts';
import { type FaultProxy, openFaultProxy } from '../../../src/devnet/fault-proxy.ts';
import { jarsOf } from '../../../src/devnet/jars.ts';
import type { EncodedRecord } from '../../../src/encoding/encoded-record.ts';
import type { Clock, Logger, Metrics } from '../../../src/model/runtime.ts';
import { PartitionReader } from '../../../src/publishing/partition-reader.ts';
import type { LogRecord } from '../../../src/publishing/record-batch.ts';
import type { KafkaSettings, PublishingSettings } from '../../../src/publishing/settings.ts';
import { Topics } from '../../../src/publishing/topics.ts';
import { joinDevnet } from '../../support/shared-devnet.ts';

/** The API keys of the protocol that faults are aimed at. */
export const api = {
  produce: 0,
  initProducerId: 22,
  addPartitionsToTxn: 24,
  endTxn: 26,
} as const;

/** Real time. */
export const clock: Clock = {
  nowMs: () => Date.now(),
  nowUs: () => Date.now() * 1_000,
  sleep: (ms, signal) => delay(ms, undefined, { ...(signal === undefined ? {} : { signal }) }),
};

/** Says nothing; a failing assertion says enough. */
export const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silent,
};

/** Counts what is counted. */
export function countingMetrics(): Metrics & { count(name: string): number } {
  const counts = new Map<string, number>();
  return {
    add: (name, _labels, value = 1) => counts.set(name, (counts.get(name) ?? 0) + value),
    set: () => undefined,
    observe: () => undefined,
    count: (name) => counts.get(name) ?? 0,
  };
}

/** Short time-outs, so that lost answers are noticed within a test. */
export const quick: PublishingSettings = {
  lanes: 3,
  transactionTimeoutMs: 10_000,
  attemptTimeoutMs: 4_000,
  recoveryTimeoutMs: 30_000,
  closeTimeoutMs: 2_000,
  recordBytesMax: 1_000_000,
  batchBytesMax: 900_000,
  requestBytesMax: 8_000_000,
  checkpointEveryMs: 50,
};

/** A running cluster. */
export interface TestCluster {
  /** Through the proxies. */
  readonly kafka: KafkaSettings;
  /** Past them. */
  readonly direct: KafkaSettings;
  /** By broker: `proxies[0]` stands before broker 1. */
  readonly proxies: readonly FaultProxy[];
  /** Past the proxies; closed by `stop`. */
  readonly reader: PartitionReader;
  /** Creates a topic and returns its name, new for each call. */
  topic(
    label: string,
    partitions?: number,
    config?: Readonly<Record<string, string>>,
  ): Promise<string>;
  /** All records of a topic that a `read_committed` reader sees now. */
  committed(topic: string): Promise<LogRecord[]>;
  /** The producer of each batch in partition 0, commit markers left out, as the broker's file has it. */
  producersOf(topic: string): Promise<bigint[]>;
  /**
   * The same, as Kafka's own console consumer sees it: `partition offset key value`. It gives up
   * when nothing comes for a while, and is given more time while it has seen fewer than expected.
   */
  consoleConsumer(topic: string, expected: number): Promise<string[]>;
  stop(): Promise<void>;
}

/** What a cluster is made of; names tell the topics of files apart that share a broker. */
export interface ClusterParts {
  readonly name: string;
  readonly proxies: readonly FaultProxy[];
  /** Bootstrap addresses past the proxies. */
  readonly direct: readonly string[];
  /** Of the brokers: `dataDir` of the devnet. */
  readonly dataDir: string;
  /** Closes what the cluster does not own. */
  leave(): Promise<void>;
}

/** The broker that test files share, behind a proxy of this file's own. */
export async function joinCluster(name: string): Promise<TestCluster> {
  const devnet = await joinDevnet();
  const { proxyPort: port, behindProxy, brokers: direct, dataDir } = devnet;
  const proxy = await openFaultProxy({ port, target: () => behindProxy });
  return clusterOf({ name, proxies: [proxy], direct, dataDir, leave: () => devnet.leave() });
}

/** A cluster of brokers that run behind these proxies. */
export function clusterOf(parts: ClusterParts): TestCluster {
  const { name: prefix, proxies, dataDir } = parts;
  const kafka = settingsFor(proxies.map(({ address }) => address));
  const direct = settingsFor(parts.direct);
  const reader = new PartitionReader({
    kafka: direct,
    clock,
    logger: silent,
    stallTimeoutMs: 20_000,
  });
  const topics = new Topics(direct, silent);
  let created = 0;
  return {
    kafka,
    direct,
    proxies,
    reader,
    topic: async (label, partitions = 1, config = {}) => {
      created += 1;
      const name = `${prefix}.${label}-${created}`;
      const spec = {
        name,
        kind: 'changelog',
        partitions,
        replicationFactor: proxies.length,
        // The records are old: Kafka would delete them while a test reads.
        config: { 'retention.ms': '-1', ...config },
      } as const;
      await topics.apply([spec], { grow: false });
      return name;
    },
    committed: (topic) => readAll(reader, topics, topic),
    producersOf: (topic) => producersInLog(dataDir, topic),
    consoleConsumer: async (topic, expected) => {
      let lines = await runConsoleConsumer(direct, topic, 2_000);
      for (const patienceMs of [10_000, 40_000]) {
        if (lines.length < expected) lines = await runConsoleConsumer(direct, topic, patienceMs);
      }
      return lines;
    },
    stop: async () => {
      reader.close();
      await Promise.all(proxies.map((proxy) => proxy.close()));
      await parts.leave();
    },
  };
}

function settingsFor(brokers: readonly string[]): KafkaSettings {
  return {
    brokers,
    clientId: 'test',
    tls: null,
    sasl: null,
    connectionTimeoutMs: 2_000,
    requestTimeoutMs: 1_500,
  };
}

async function readAll(
  reader: PartitionReader,
  topics: Topics,
  topic: string,
): Promise<LogRecord[]> {
  const partitions = (await topics.partitionCounts([topic])).get(topic) ?? 0;
  const all: LogRecord[] = [];
  for (let partition = 0; partition < partitions; partition += 1) {
    for await (const records of reader.readToEnd({ topic, partition, fromOffset: 0 })) {
      all.push(...records);
    }
  }
  return all;
}

async function producersInLog(dataDir: string, topic: string): Promise<bigint[]> {
  // Old record times make the broker begin a new file after each commit marker.
  const files = (await readdir(dataDir, { recursive: true }))
    .filter((path) => path.includes(`/${topic}-0/`) && path.endsWith('.log'))
    .sort();
  const log = Buffer.concat(await Promise.all(files.map((file) => readFile(join(dataDir, file)))));
  const producers: bigint[] = [];
  for (let at = 0; at + 61 <= log.length; at += 12 + log.readInt32BE(at + 8)) {
    const isMarker = (log.readInt16BE(at + 21) & 0x20) !== 0;
    if (!isMarker) producers.push(log.readBigInt64BE(at + 43));
  }
  return producers;
}

async function runConsoleConsumer(
  kafka: KafkaSettings,
  topic: string,
  patienceMs: number,
): Promise<string[]> {
  const jars = await jarsOf('kafka');
  const { toolOptions } = await classArchiveOf(jars);
  const { stdout } = await promisify(execFile)(
    'java',
    [
      ...['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'],
      ...toolOptions,
      ...['-cp', join(jars, '*')],
      'org.apache.kafka.tools.consumer.ConsoleConsumer',
      ...['--bootstrap-server', kafka.brokers[0] ?? '', '--topic', topic, '--from-beginning'],
      ...['--isolation-level', 'read_committed', '--timeout-ms', String(patienceMs)],
      ...['print.partition', 'print.offset', 'print.key'].flatMap((property) => [
        '--property',
        `${property}=true`,
      ]),
    ],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  return stdout.split('\n').filter((line) => line.includes('Partition:'));
}

/** A record whose value says which batch it belongs to. */
export function record(topic: string, partition: number, value: string): EncodedRecord {
  return {
    topic,
    partition,
    key: Buffer.from(`key-${value}`),
    value: Buffer.from(value),
    timestampMs: 1_700_000_000_000,
  };
}

/** The values, in the order read. */
export function valuesOf(records: readonly LogRecord[]): string[] {
  return records.map(({ value }) => value?.toString() ?? 'null');
}

/** Resolves when the condition holds; rejects after the deadline, naming it. */
export async function eventually(what: string, holds: () => Promise<boolean>): Promise<void> {
  const giveUpAtMs = Date.now() + 60_000;
  while (!(await holds())) {
    if (Date.now() > giveUpAtMs) throw new Error(`not within 60 s: ${what}`);
    await delay(20);
  }
}
