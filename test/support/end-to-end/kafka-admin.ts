/** What a test does to topics behind ommer's back. */
import { type Admin, Kafka, logLevel } from 'kafkajs';

/** Connects for one action. */
export async function withAdmin<T>(
  brokers: readonly string[],
  action: (admin: Admin) => Promise<T>,
): Promise<T> {
  const client = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const admin = client.admin({ retry: { retries: 10, initialRetryTime: 100 } });
  await admin.connect();
  try {
    return await action(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Adds partitions up to this count. */
export async function growTopic(
  brokers: readonly string[],
  topic: string,
  count: number,
): Promise<void> {
  await withAdmin(brokers, (admin) =>
    admin.createPartitions({ topicPartitions: [{ topic, count }], timeout: 15_000 }),
  );
}

/** High watermarks of a topic, by partition. */
export function endOffsets(
  brokers: readonly string[],
  topic: string,
): Promise<readonly { readonly partition: number; readonly high: string }[]> {
  return withAdmin(brokers, (admin) => admin.fetchTopicOffsets(topic));
}
