/**
 * What an operator has: a cluster, a registry, configuration files, and a reader of the topics.
 */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../../src/cli/system-clock.ts';
import { changeOf } from '../../../src/cli/tail/change.ts';
import { RecordDecoder } from '../../../src/cli/tail/decoder.ts';
import { RegistryClient } from '../../../src/encoding/registry-client.ts';
import { createLogger } from '../../../src/observability/logger.ts';
import { PartitionReader } from '../../../src/publishing/partition-reader.ts';
import { Topics } from '../../../src/publishing/topics.ts';
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
}

/** What is committed on the topics of a prefix. */
export interface Published {
  readonly inserts: number;
  readonly retractions: number;
  readonly deadLetters: readonly Readonly<Record<string, unknown>>[];
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
    const { prefix } = settings;
    const configuration = {
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

  /** Name of a topic of the source. */
  topic(prefix: string, dataset: string): string {
    return `${prefix}.eip155-31337.${dataset}`;
  }

  /** Everything committed on the topics that begin with the prefix. */
  async published(prefix: string): Promise<Published> {
    const kafka = { ...bareKafka, brokers: this.brokers };
    const reader = new PartitionReader({
      kafka,
      clock: systemClock,
      logger: silent,
      stallTimeoutMs: 10_000,
    });
    const decoder = new RecordDecoder(registryClient(this.registryUrl));
    const names = await withAdmin(this.brokers, (admin) => admin.listTopics());
    const own = names.filter((name) => name.startsWith(`${prefix}.`));
    const counts = await new Topics(kafka, silent).partitionCounts(own);
    let [inserts, retractions] = [0, 0];
    const deadLetters: Record<string, unknown>[] = [];
    const heights: number[] = [];
    try {
      for (const [topic, partitions] of counts) {
        for (let partition = 0; partition < partitions; partition += 1) {
          const { earliest } = await reader.offsets({ topic, partition });
          const records = reader.readToEnd({ topic, partition, fromOffset: earliest });
          for await (const batch of records) {
            for (const record of batch) {
              const value = await decoder.decode(record.value);
              const change = changeOf(record, null, value);
              if (change.kind === 'insert') inserts += 1;
              if (change.kind === 'retraction') retractions += 1;
              if (topic.endsWith('.dead-letters') && value !== null) deadLetters.push(value);
              if (topic.endsWith('.blocks')) heights.push(Number(change.row['height']));
            }
          }
        }
      }
    } finally {
      reader.close();
    }
    return { inserts, retractions, deadLetters, heights: heights.sort((a, b) => a - b) };
  }
}

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
