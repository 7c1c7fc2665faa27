// Token balances that are right at every block. Prints a line per step until it is stopped:
//   node examples/consumer/balances.mjs 127.0.0.1:9092 http://127.0.0.1:8081 eip155:31337 ommer
import { MaterializedMap, openReader, sum } from 'ommer/consumer';

const [broker, registry, chain, prefix] = process.argv.slice(2);
const nobody = `0x${'0'.repeat(40)}`;

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

const reader = openReader({
  kafka: { brokers: [broker] },
  registry: { url: registry },
  topics: [{ dataset: 'evm/token_transfers', chain, prefix }],
});
process.once('SIGTERM', () => reader.close());

for await (const step of reader.steps()) {
  balances.take(step);
  if (step.kind === 'finalized') continue;
  const [richest] = [...balances.entries()].sort(([, a], [, b]) => (b > a ? 1 : -1));
  const before = richest && balances.height > 0 ? balances.at(balances.height - 1).get(richest[0]) : 0n;
  console.log(
    JSON.stringify({
      kind: step.kind,
      height: balances.height,
      holders: balances.size,
      richest: richest?.[0],
      balance: String(richest?.[1] ?? 0n),
      aBlockAgo: String(before ?? 0n),
    }),
  );
}
