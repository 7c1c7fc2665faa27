/**
 * The least that somebody would write instead: reads the node as ommer does and forwards rows as JSON
 * with kafkajs, without order, checkpoint, undo window, or schemas. A process of its own.
 */
import { Kafka, logLevel, type Message } from 'kafkajs';
import { Pool } from 'undici';
import { blockCall, concurrency, inGroups, post } from './bare-fetch.ts';
import { type Forwarded, type ForwarderOrder, forwarderTopics } from './forwarder-run.ts';

type Fields = Readonly<Record<string, unknown>>;
type Rows = Record<(typeof forwarderTopics)[number], Message[]>;

process.once('disconnect', () => process.exit(0));
process.once('message', (order) => {
  void forward(order as ForwarderOrder).then((answer) => process.send?.(answer));
});

async function forward({ url, brokers, prefix, from, to }: ForwarderOrder): Promise<Forwarded> {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ idempotent: true, allowAutoTopicCreation: false });
  await producer.connect();
  const pool = new Pool(url, { connections: concurrency, pipelining: 1 });
  const before = process.cpuUsage();
  const startedAtMs = performance.now();
  let rows = 0;
  let waiting = emptyRows();
  let sending: Promise<unknown> = Promise.resolve();
  const flush = (): void => {
    const topicMessages = forwarderTopics.map((topic) => ({
      topic: `${prefix}.${topic}`,
      messages: waiting[topic],
    }));
    waiting = emptyRows();
    sending = sending.then(() => producer.sendBatch({ topicMessages }));
  };
  await inGroups({ from, to }, async (heights) => {
    const blocks = await ask(
      pool,
      heights.map((height) => blockCall(height, true)),
    );
    const receipts = await ask(
      pool,
      blocks.map(({ hash }) => ({ method: 'eth_getBlockReceipts', params: [hash] })),
    );
    blocks.forEach((block, index) => {
      rows += addRows(waiting, block, receipts[index] as unknown as readonly Fields[]);
    });
    if (forwarderTopics.reduce((sum, topic) => sum + waiting[topic].length, 0) >= 1_000) flush();
    await sending;
  });
  flush();
  await sending;
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const { user, system } = process.cpuUsage(before);
  return { blocks: to - from + 1, rows, seconds, cpuSeconds: (user + system) / 1e6 };
}

async function ask(
  pool: Pool,
  calls: Parameters<typeof post>[1],
): Promise<readonly Record<string, unknown>[]> {
  const { body } = await post(pool, calls);
  const answers = (await body.json()) as { id: number; result: Record<string, unknown> }[];
  return answers.sort((a, b) => a.id - b.id).map(({ result }) => result);
}

function addRows(rows: Rows, block: Fields, receipts: readonly Fields[]): number {
  const { transactions, ...header } = block;
  const { hash: blockHash, number, timestamp } = block;
  const origin = {
    chain: 'eip155:31337',
    height: Number(number),
    block_hash: blockHash,
    timestamp,
  };
  let count = 1;
  push(rows.blocks, blockHash, { ...header, ...origin });
  (transactions as readonly Fields[]).forEach((transaction, index) => {
    const receipt = receipts[index] ?? {};
    const { logs, ...rest } = receipt;
    push(rows.transactions, transaction['from'], { ...transaction, ...rest, ...origin });
    count += 1;
    for (const log of logs as readonly Fields[]) {
      const topics = log['topics'] as readonly string[];
      push(rows.logs, log['address'], { ...log, ...origin });
      count += 1;
      if (topics.length !== 3) continue;
      const [, from, to] = topics;
      const amount = BigInt(String(log['data'])).toString();
      const token = log['address'];
      push(rows.token_transfers, token, { ...origin, token, from, to, amount });
      count += 1;
    }
  });
  return count;
}

function push(messages: Message[], key: unknown, row: Fields): void {
  messages.push({ key: String(key), value: JSON.stringify(row) });
}

function emptyRows(): Rows {
  return { blocks: [], transactions: [], logs: [], token_transfers: [] };
}
