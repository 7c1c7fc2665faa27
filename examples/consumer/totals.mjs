// Totals and balances that survive a kill: each step is kept in a file, and the next start goes on after the
// last whole one. No step is missed or doubled, as with a database that keeps step.position beside its tables.
//   KAFKA_BROKERS=127.0.0.1:9092 REGISTRY_URL=http://127.0.0.1:8081 node examples/consumer/totals.mjs eip155:31337 ommer steps.ndjson
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { MaterializedMap, openReader, sum } from 'ommer/consumer';

const [chain, prefix, file] = process.argv.slice(2);
const nobody = `0x${'0'.repeat(40)}`;

/** How often each amount occurs: least and most must be able to give back. */
const amounts = {
  empty: () => new Map(),
  add: (state, amount) => counted(state, BigInt(amount), 1),
  remove: (state, amount) => counted(state, BigInt(amount), -1),
  result(state) {
    const found = [...state].sort(([a], [b]) => (a < b ? -1 : 1));
    if (found.length === 0) return undefined;
    const rows = found.reduce((all, [, count]) => all + count, 0);
    const total = found.reduce((all, [amount, count]) => all + amount * BigInt(count), 0n);
    return [rows, total, found[0][0], found.at(-1)[0]].join('\t');
  },
};

function counted(state, amount, change) {
  const count = (state.get(amount) ?? 0) + change;
  if (count === 0) state.delete(amount);
  else state.set(amount, count);
  return state;
}

const totals = new MaterializedMap({
  entries: ({ row }) => [[row.token_address ?? row.chain, row.amount]],
  fold: amounts,
});
const balances = new MaterializedMap({
  *entries({ row }) {
    if (row.transfer_type !== 'erc20') return;
    if (row.to_address !== nobody) yield [`${row.token_address} ${row.to_address}`, row.amount];
    if (row.from_address !== nobody) {
      yield [`${row.token_address} ${row.from_address}`, `-${row.amount}`];
    }
  },
  fold: sum(),
});
const printed = { totals: new Map(), balances: new Map() };

/** What changed since it was last printed; a count of 0 for what is gone. */
function print(view, map) {
  const now = new Map(map.entries());
  for (const [key, value] of now) {
    if (printed[view].get(key) !== value) console.log(`${view}\t${key}\t${value}`);
  }
  for (const key of printed[view].keys()) if (!now.has(key)) console.log(`${view}\t${key}\t0\t0`);
  printed[view] = now;
}

function take(step) {
  totals.take(step);
  balances.take(step);
}

const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
const whole = text.slice(0, text.lastIndexOf('\n') + 1);
writeFileSync(file, whole);
const kept = whole.split('\n').slice(0, -1).map((line) => JSON.parse(line));
for (const step of kept) take(step);
print('totals', totals);
print('balances', balances);

const reader = openReader({
  kafka: { brokers: process.env.KAFKA_BROKERS.split(',') },
  registry: { url: process.env.REGISTRY_URL },
  topics: [{ dataset: 'evm/token_transfers', chain, prefix }],
  from: kept.length > 0 ? { after: kept.at(-1).position } : 'beginning',
});
process.once('SIGTERM', () => reader.close());

await reader.runSteps((step) => {
  appendFileSync(file, `${JSON.stringify(step)}\n`);
  take(step);
  print('totals', totals);
  print('balances', balances);
});
