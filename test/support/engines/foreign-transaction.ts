/** Somebody else's records on ommer's topics, whose transaction is aborted: a reader must not see them. */
import { Kafka, type KafkaMessage, logLevel } from 'kafkajs';
import { until } from '../../../src/devnet/until.ts';

/**
 * Writes the first row of each changelog a second time, and a tombstone for the first row of each
 * state topic; then aborts. Whoever reads uncommitted records has wrong totals from then on.
 */
export async function abortForeignTransaction(
  brokers: readonly string[],
  topics: readonly string[],
): Promise<void> {
  const client = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const rows = await firstRecords(client, topics);
  const producer = client.producer({
    transactionalId: 'somebody-else',
    idempotent: true,
    maxInFlightRequests: 1,
  });
  await producer.connect();
  try {
    const transaction = await producer.transaction();
    for (const [topic, { key, value, timestamp }] of rows) {
      const told = topic.endsWith('.state') ? null : value;
      await transaction.send({ topic, messages: [{ key, value: told, timestamp }] });
    }
    await transaction.abort();
  } finally {
    await producer.disconnect();
  }
}

async function firstRecords(
  client: Kafka,
  topics: readonly string[],
): Promise<Map<string, KafkaMessage>> {
  const found = new Map<string, KafkaMessage>();
  const consumer = client.consumer({ groupId: 'somebody-else' });
  await consumer.connect();
  try {
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ topic, message }) => {
        if (message.value !== null && !found.has(topic)) found.set(topic, message);
      },
    });
    const isDone = () => (found.size === topics.length ? true : undefined);
    const all = await until(async () => isDone(), { timeoutMs: 60_000, pollMs: 50 });
    if (all === undefined) throw new Error(`only ${[...found.keys()]} have a record`);
  } finally {
    await consumer.disconnect();
  }
  return found;
}
