// The best value on one partition, with the lowest latency: what a top-of-book view does with bids, here
// with the largest transfer per token. No group, no control topic, record by record:
//   node examples/consumer/top-transfer.mjs 127.0.0.1:9092 http://127.0.0.1:8081 ommer.eip155-31337.token_transfers 0
import { openReader } from 'ommer/consumer';

const [broker, registry, topic, partition] = process.argv.slice(2);
/** Live amounts by token and row: a retraction uncovers the next best. */
const amounts = new Map();
const best = new Map();

const reader = openReader({
  kafka: { brokers: [broker] },
  registry: { url: registry },
  topics: [{ dataset: 'evm/token_transfers', topic }],
  partitions: [Number(partition)],
});
process.once('SIGTERM', () => reader.close());

function show(token) {
  const live = [...(amounts.get(token)?.values() ?? [])];
  const top = live.reduce((most, amount) => (amount > most ? amount : most), 0n);
  if (best.get(token) === top) return;
  best.set(token, top);
  console.log(JSON.stringify({ token, top: String(top), rows: live.length }));
}

await reader.run({
  apply(row, { eventId, incarnation }) {
    const own = amounts.get(row.token_address) ?? new Map();
    amounts.set(row.token_address, own.set(`${eventId}#${incarnation}`, BigInt(row.amount)));
    show(row.token_address);
  },
  retract(row, { eventId, incarnation }) {
    amounts.get(row.token_address)?.delete(`${eventId}#${incarnation}`);
    show(row.token_address);
  },
});
