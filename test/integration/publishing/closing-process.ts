/** A process of its own: publishes, closes while a batch is stuck, and prints how long it lived on. */
import { LowLatencyPublisher } from '../../../src/publishing/low-latency-publisher.ts';
import { PartitionReader } from '../../../src/publishing/partition-reader.ts';
import { clock, countingMetrics, quick, silent } from './cluster.ts';

const [brokers = '', checkpointTopic = ''] = process.argv.slice(2);
const kafka = {
  brokers: brokers.split(','),
  clientId: 'closing',
  tls: null,
  sasl: null,
  connectionTimeoutMs: 2_000,
  requestTimeoutMs: 20_000,
};
const reader = new PartitionReader({ kafka, clock, logger: silent, stallTimeoutMs: 5_000 });
await reader.offsets({ topic: checkpointTopic, partition: 0 });
const publisher = new LowLatencyPublisher({
  kafka,
  publishing: { ...quick, attemptTimeoutMs: 10_000 },
  source: 'closing',
  transactionalIdPrefix: 'test-closing',
  generation: () => 1,
  committed: () => Promise.resolve(null),
  checkpointTopic,
  clock,
  logger: silent,
  metrics: countingMetrics(),
});
await publisher.open(AbortSignal.timeout(10_000));
// A topic that does not exist: kafkajs retries for ever.
const record = {
  topic: 'does-not-exist',
  partition: 0,
  key: Buffer.alloc(1),
  value: null,
  timestampMs: 0,
};
publisher.publish({ records: [record], sequence: 1, seal: () => [] }).catch(() => undefined);
await publisher.close();
reader.close();
const closedAtMs = Date.now();
process.on('exit', () => process.stdout.write(String(Date.now() - closedAtMs)));
