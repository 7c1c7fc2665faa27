// Runs market.sql and market-views.sql in a ClickHouse inside this process, and prints what changes.
// KAFKA_BROKERS=… REGISTRY_URL=… node watch-market.mjs
import { runFile, watch } from './session.mjs';

runFile('market.sql');
runFile('market-views.sql');

await watch({
  minutes: { from: 'trades_per_minute', keys: 3 },
  volumes: { from: 'volumes', keys: 2 },
  tops: { from: 'tops', keys: 2 },
  depths: { from: 'depths', keys: 2 },
});
