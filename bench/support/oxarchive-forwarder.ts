/**
 * The least that somebody would write instead: each frame is parsed, encoded with avsc and sent with
 * kafkajs, all that waits in one request at a time. No checks, corrections, gaps, epochs, checkpoint.
 */
import avro from 'avsc';
import { Kafka, logLevel, type Message } from 'kafkajs';
import { WebSocket } from 'ws';
import { channelOf, type Load, marketNames } from './oxarchive-frames.ts';

/** What it is to forward: a load to the topic of that name, over all markets. */
export interface OxarchiveForwarderOrder {
  readonly ws: string;
  readonly brokers: readonly string[];
  readonly topics: Readonly<Partial<Record<Load, string>>>;
  readonly markets: number;
}

type Fields = Readonly<Record<string, unknown>>;

const text = (name: string) => ({ name, type: 'string' });
const long = (name: string) => ({ name, type: 'long' });
const level = {
  type: 'record',
  name: 'Level',
  fields: [text('px'), text('sz'), { name: 'n', type: 'int' }],
} as const;
const types = {
  trades: avro.Type.forSchema({
    type: 'record',
    name: 'Trade',
    fields: [
      ...['venue', 'symbol', 'side', 'px', 'sz', 'hash', 'dir', 'fee', 'fee_token'].map(text),
      ...['closed_pnl', 'start_position', 'account'].map(text),
      ...['time', 'tid', 'oid', 'received_at_us'].map(long),
      { name: 'crossed', type: 'boolean' },
    ] as avro.schema.RecordType['fields'],
  }),
  books: avro.Type.forSchema({
    type: 'record',
    name: 'Book',
    fields: [
      ...['venue', 'symbol'].map(text),
      ...['time', 'received_at_us'].map(long),
      { name: 'bids', type: { type: 'array', items: level } },
      { name: 'asks', type: { type: 'array', items: 'Level' } },
    ] as avro.schema.RecordType['fields'],
  }),
};
const venue = 'hyperliquid';
/** Magic byte and schema id, as the registry's readers want them. */
const header = Buffer.from([0, 0, 0, 0, 1]);

process.once('disconnect', () => process.exit(0));
process.once('message', (order) => void forward(order as OxarchiveForwarderOrder));

async function forward({ ws, brokers, topics, markets }: OxarchiveForwarderOrder): Promise<void> {
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ idempotent: true, allowAutoTopicCreation: false });
  await producer.connect();
  const loads = Object.keys(topics) as readonly Load[];
  let waiting: Record<Load, Message[]> = { trades: [], books: [] };
  let isSending = false;
  const send = async (): Promise<void> => {
    if (isSending) return;
    isSending = true;
    while (waiting.trades.length + waiting.books.length > 0) {
      const taken = waiting;
      waiting = { trades: [], books: [] };
      const topicMessages = loads.flatMap((load) => {
        const messages = taken[load];
        return messages.length === 0 ? [] : [{ topic: topics[load] ?? '', messages }];
      });
      await producer.sendBatch({ topicMessages });
    }
    isSending = false;
  };
  const socket = new WebSocket(ws, { perMessageDeflate: false });
  socket.on('open', () => {
    for (const load of loads) {
      for (const symbol of marketNames(markets)) {
        socket.send(JSON.stringify({ op: 'subscribe', channel: channelOf[load], symbol }));
      }
    }
    process.send?.('open');
  });
  socket.on('message', (frame: Buffer) => {
    const { type, channel, symbol, data } = JSON.parse(frame.toString());
    if (type !== 'data') return;
    const load = channel === 'trades' ? 'trades' : 'books';
    for (const row of load === 'trades' ? data : [data]) {
      const value = load === 'trades' ? trade(row, symbol) : book(row, symbol);
      waiting[load].push({ key: symbol, value, timestamp: String(row.time) });
    }
    void send();
  });
}

function trade(row: Fields, symbol: string): Buffer {
  const { users, coin: _, ...rest } = row;
  const [account] = users as readonly string[];
  return encoded('trades', { ...rest, ...basics(symbol), account });
}

function book({ time, levels }: Fields, symbol: string): Buffer {
  const [bids, asks] = levels as readonly unknown[];
  return encoded('books', { ...basics(symbol), time, bids, asks });
}

function basics(symbol: string) {
  return { venue, symbol, received_at_us: Date.now() * 1_000 };
}

function encoded(load: Load, row: Fields): Buffer {
  return Buffer.concat([header, types[load].toBuffer(row)]);
}
