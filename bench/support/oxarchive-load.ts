/** Drives one side with frames and watches what arrives in Kafka. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { cpuSecondsOf } from './machine.ts';
import { demand, type Side } from './oxarchive-side.ts';
import type { OxarchiveProgress } from './oxarchive-venue.ts';
import { StampOrder } from './stamp.ts';
import { rangesOf } from './stored-records.ts';

/** How much is sent; `ahead` is how many frames may wait on their way. */
export interface LoadSize {
  readonly warmUp: number;
  readonly frames: number;
  readonly ahead: number;
}

/** What a load took, without the warm-up. */
export interface LoadTimes {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Records with a stamp that is not above the one before it in their market. */
  readonly disordered: number;
  readonly records: number;
}

const pollMs = 20;
const stallMs = 60_000;

/** Waits until the side has subscribed to all. */
export async function subscribed({ venue }: Side, subscriptions: number): Promise<void> {
  const isDone = async () => (await progressOf(venue.answer.rest)).subscriptions >= subscriptions;
  while (!(await isDone())) await delay(50);
  // The last acknowledgements are on their way.
  await delay(500);
}

async function progressOf(rest: string): Promise<OxarchiveProgress> {
  const response = await fetch(`${rest}/bench`);
  return (await response.json()) as OxarchiveProgress;
}

/** Sends as fast as the side publishes, then reads all of it back for its order. */
export async function sustained(side: Side, size: LoadSize): Promise<LoadTimes> {
  const { kafka } = side.stage.config;
  const admin = new Kafka({ brokers: [...kafka.brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await published(admin, side, { total: size.warmUp, ahead: size.ahead });
  const cpuBefore = cpuSecondsOf(side.pid);
  const startedAtMs = performance.now();
  const total = size.warmUp + size.frames;
  await published(admin, side, { total, ahead: size.ahead });
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const cpuSeconds = cpuSecondsOf(side.pid) - cpuBefore;
  await admin.disconnect();
  return { seconds, cpuSeconds, ...(await orderOf(side)) };
}

async function published(
  admin: Admin,
  side: Side,
  { total, ahead }: { readonly total: number; readonly ahead: number },
): Promise<void> {
  let count = 0;
  let movedAtMs = performance.now();
  for (;;) {
    const now = await recordsOf(admin, side.topics);
    if (now > count) movedAtMs = performance.now();
    count = now;
    if (count >= total) return;
    if (performance.now() - movedAtMs > stallMs) {
      throw new Error(`${count} of ${total} records came, and no more for ${stallMs} ms.`);
    }
    demand(side, { upTo: Math.min(total, count + ahead) });
    await delay(pollMs);
  }
}

async function recordsOf(admin: Admin, topics: readonly string[]): Promise<number> {
  let count = 0;
  for (const topic of topics) {
    for (const { offset } of await admin.fetchTopicOffsets(topic)) count += Number(offset);
  }
  return count;
}

async function orderOf({ stage, topics }: Side) {
  const orders = topics.map(() => new StampOrder());
  for (const [index, topic] of topics.entries()) {
    const ranges = await rangesOf(stage, topic);
    for await (const part of stage.reader.readRange({ ranges, isolation: 'read_committed' })) {
      for (const { value } of part) orders[index]?.take(value);
    }
  }
  return {
    records: orders.reduce((sum, { records }) => sum + records, 0),
    disordered: orders.reduce((sum, { disordered }) => sum + disordered, 0),
  };
}
