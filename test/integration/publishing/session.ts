/** One instance of a source as the pipeline runs it: publisher, checkpoint, generation. */
import type { EncodedRecord } from '../../../src/encoding/encoded-record.ts';
import { readLatest } from '../../../src/publishing/latest-record.ts';
import type { CommittedState } from '../../../src/publishing/recovery.ts';
import type { KafkaSettings, PublishingSettings } from '../../../src/publishing/settings.ts';
import {
  type PublisherOptions,
  TransactionalPublisher,
} from '../../../src/publishing/transactional-publisher.ts';
import { clock, countingMetrics, quick, silent, type TestCluster } from './cluster.ts';

export interface SessionOptions {
  readonly source: string;
  readonly checkpoints: string;
  readonly generation: number;
  readonly kafka?: KafkaSettings;
  readonly publishing?: Partial<PublishingSettings>;
}

/** The options of a publisher, with a reader of its checkpoint that goes past the proxies. */
export function publisherOptions(cluster: TestCluster, options: SessionOptions) {
  const { source, checkpoints, generation } = options;
  const metrics = countingMetrics();
  const committed = async (): Promise<CommittedState | null> => {
    const isKey = (key: Buffer) => key.toString() === source;
    const at = { topic: checkpoints, partition: 0, isKey };
    const found = await readLatest(cluster.reader, at);
    return found === null ? null : JSON.parse(found.value.toString());
  };
  const publisher: PublisherOptions = {
    kafka: options.kafka ?? cluster.kafka,
    publishing: { ...quick, ...options.publishing },
    source,
    transactionalIdPrefix: `test-${source}`,
    generation: () => generation,
    committed,
    clock,
    logger: silent,
    metrics,
  };
  return { publisher, metrics, committed };
}

/** The checkpoint record of a publication. */
export function checkpoint(options: SessionOptions, sequence: number): EncodedRecord {
  return {
    topic: options.checkpoints,
    partition: 0,
    key: Buffer.from(options.source),
    value: Buffer.from(JSON.stringify({ generation: options.generation, sequence })),
    timestampMs: Date.now(),
  };
}

/** A session whose publisher is open. */
export async function openSession(cluster: TestCluster, options: SessionOptions) {
  const { publisher: publisherOf, metrics, committed } = publisherOptions(cluster, options);
  const publisher = new TransactionalPublisher(publisherOf);
  await publisher.open(AbortSignal.timeout(60_000));
  let sequence = (await committed())?.sequence ?? 0;
  const seals: Float64Array[] = [];
  return {
    publisher,
    metrics,
    committed,
    /** The offsets of each call of `seal`. */
    seals,
    publish: async (records: readonly EncodedRecord[]): Promise<void> => {
      sequence += 1;
      const own = sequence;
      await publisher.publish({
        records,
        sequence: own,
        seal: (offsets) => {
          seals.push(offsets);
          return [checkpoint(options, own)];
        },
      });
    },
    close: (): Promise<void> => publisher.close(),
  };
}
