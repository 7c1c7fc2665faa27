/**
 * What an operator has: a cluster, a registry, configuration files, and a reader of the topics.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Change, changeOf } from '../../../src/cli/tail/change.ts';
import { type Fields, RecordDecoder } from '../../../src/cli/tail/decoder.ts';
import { RegistryClient } from '../../../src/encoding/registry-client.ts';
import { systemClock } from '../../../src/model/system-clock.ts';
import { createLogger } from '../../../src/observability/logger.ts';
import { PartitionReader } from '../../../src/publishing/partition-reader.ts';
import type { LogRecord } from '../../../src/publishing/record-batch.ts';
import { withAdmin } from '../end-to-end/kafka-admin.ts';

/** Addresses of the services. */
export interface SiteAddresses {
  readonly brokers: readonly string[];
  readonly registry: string;
}

/** Sections of a configuration that a test sets; each replaces the site's own values one by one. */
export interface Settings {
  readonly prefix: string;
  readonly source: Readonly<Record<string, unknown>>;
  readonly sources?: Readonly<Record<string, unknown>>;
  readonly kafka?: Readonly<Record<string, unknown>>;
  readonly registry?: Readonly<Record<string, unknown>>;
  readonly topics?: Readonly<Record<string, unknown>>;
  readonly publishing?: Readonly<Record<string, unknown>>;
  readonly supervisor?: Readonly<Record<string, unknown>>;
  readonly heartbeatMs?: number;
}

/** What is committed on the topics of a prefix. */
export interface Published {
  readonly inserts: number;
  readonly retractions: number;
  readonly deadLetters: readonly Fields[];
  /** Heights in the order they were published, of the blocks topic. */
  readonly heights: readonly number[];
}

const silent = createLogger({
  level: 'silent',
  format: 'json',
  output: process.stderr,
  hasColors: false,
});

/** One site per test file. */
export class Site {
  readonly directory = mkdtempSync(join(tmpdir(), 'ommer-site-'));
  readonly #addresses: SiteAddresses;
  #files = 0;

  constructor(addresses: SiteAddresses) {
    this.#addresses = addresses;
  }

  get brokers(): readonly string[] {
    return this.#addresses.brokers;
  }

  get registryUrl(): string {
    return this.#addresses.registry;
  }

  /** Writes a file with this text and returns its path. */
  file(text: string): string {
    this.#files += 1;
    const path = join(this.directory, `ommer-${this.#files}.yaml`);
    writeFileSync(path, text);
    return path;
  }

  /** A configuration of one source named `main`, with short waits; returns the file's path. */
  config(settings: Settings): string {
    const { prefix, heartbeatMs } = settings;
    const configuration = {
      ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
      kafka: { brokers: this.brokers, ...settings.kafka },
      registry: { url: this.registryUrl, ...settings.registry },
      topics: { prefix, partitions: 2, ...settings.topics },
      publishing: { transactionalIdPrefix: prefix, ...settings.publishing },
      supervisor: { backoffMinMs: 50, backoffMaxMs: 300, ...settings.supervisor },
      http: { port: 0 },
      log: { format: 'json' },
      sources: {
        main: {
          kind: 'evm',
          chain: 'eip155:31337',
          start: 'earliest',
          blockTimeMs: 100,
          pollIntervalMs: 50,
          rewindConfirmMs: 100,
          attemptsMax: 2,
          retryDelayMs: 20,
          retryDelayMaxMs: 50,
          endpointRestMs: 100,
          ...settings.source,
        },
        ...settings.sources,
      },
    };
    // JSON is YAML.
    return this.file(JSON.stringify(configuration, null, 2));
  }

  /** Deletes the files. */
  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** Name of a topic of the source. */
  topic(prefix: string, dataset: string): string {
    return `${prefix}.eip155-31337.${dataset}`;
  }

  /** Everything committed on the topics that begin with the prefix. */
  async published(prefix: string): Promise<Published> {
    const kinds = await this.changes(prefix);
    const of = (suffix: string) => kinds.filter(({ topic }) => topic.endsWith(suffix));
    return {
      inserts: kinds.filter(({ kind }) => kind === 'insert').length,
      retractions: kinds.filter(({ kind }) => kind === 'retraction').length,
      deadLetters: of('.dead-letters').map(({ row }) => row),
      heights: of('.blocks')
        .map(({ row }) => Number(row['height']))
        .sort((first, second) => first - second),
    };
  }

  /** Every committed record on those topics, decoded, in the order of each partition. */
  async changes(prefix: string): Promise<readonly Change[]> {
    const decoder = new RecordDecoder(registryClient(this.registryUrl));
    const changes: Change[] = [];
    for await (const { topic, key, value } of this.#records(prefix)) {
      const fields = await decoder.decode(key);
      changes.push(changeOf({ ...nowhere, topic }, fields, await decoder.decode(value)));
    }
    return changes;
  }

  async *#records(prefix: string): AsyncGenerator<LogRecord> {
    const kafka = { ...bareKafka, brokers: this.brokers };
    const clock = systemClock;
    const reader = new PartitionReader({ kafka, clock, logger: silent, stallTimeoutMs: 10_000 });
    try {
      for (const { topic, partitions } of await this.#topics(prefix)) {
        for (let partition = 0; partition < partitions; partition += 1) {
          for await (const batch of reader.readToEnd({ topic, partition, fromOffset: 0 })) {
            yield* batch;
          }
        }
      }
    } finally {
      reader.close();
    }
  }

  #topics(prefix: string): Promise<readonly { topic: string; partitions: number }[]> {
    return withAdmin(this.brokers, async (admin) => {
      const names = (await admin.listTopics()).filter((name) => name.startsWith(`${prefix}.`));
      if (names.length === 0) return [];
      const { topics } = await admin.fetchTopicMetadata({ topics: names });
      return topics.map(({ name, partitions }) => ({ topic: name, partitions: partitions.length }));
    });
  }
}

const nowhere = { partition: 0, offset: 0, timestampMs: 0 };
const bareKafka = {
  clientId: 'operator',
  tls: null,
  sasl: null,
  connectionTimeoutMs: 3_000,
  requestTimeoutMs: 5_000,
};

function registryClient(url: string): RegistryClient {
  return new RegistryClient({
    url,
    auth: null,
    timeoutMs: 5_000,
    attemptsMax: 2,
    retryDelayMs: 100,
    clock: systemClock,
    random: Math.random,
  });
}
