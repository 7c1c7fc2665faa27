// Runs statements.sql in a ClickHouse inside this process, and prints the totals that change.
// KAFKA_BROKERS=… REGISTRY_URL=… node watch.mjs
import { run, runFile, watch } from './session.mjs';

const topic = 'eip155_31337_token_transfers';
runFile('statements.sql');
run(`CREATE VIEW ${topic}_state_totals AS SELECT
  coalesce(token_address, chain) AS token_address_or_chain, count() AS n, sum(toUInt256(amount)) AS total,
  min(amount_dec) AS least, max(amount_dec) AS most, 0 AS n_without_decimal
  FROM ${topic}_state GROUP BY token_address_or_chain`);

await watch({
  totals: { from: `${topic}_totals`, keys: 1 },
  state_totals: { from: `${topic}_state_totals`, keys: 1 },
  per_minute: { from: `${topic}_per_minute`, keys: 2 },
  final_totals: { from: `${topic}_final_totals`, keys: 1 },
});
