-- ommer ddl --engine ksqldb
-- Run these first, in the same session: a query keeps the settings it was created with.
SET 'auto.offset.reset'='earliest'; -- the whole topic, not only what comes from now on
SET 'processing.guarantee'='exactly_once_v2'; -- reads committed records only: without it aborted transactions are counted, in tables for ever
SET 'ksql.streams.windowstore.changelog.additional.retention.ms'='315360000000'; -- record times are block times and Kafka deletes by record time: windows of old blocks would be lost at a restart

-- Give ksqlDB read-only rights on these topics: INSERT INTO would write rows of nulls into them.
-- Leave retention.ms of these topics at -1, as ommer creates them: old blocks have old record times.
-- State RUNNING and an empty answer prove nothing: errors of single records stand in the processing log only.

-- The latest record of a key says whether its row is true: right under reorgs and repeats.
CREATE TABLE hyperliquid_trades_by_key (
  chain VARCHAR PRIMARY KEY,
  dataset VARCHAR PRIMARY KEY,
  symbol VARCHAR PRIMARY KEY,
  trade_id BIGINT PRIMARY KEY,
  side VARCHAR PRIMARY KEY,
  leg INTEGER PRIMARY KEY,
  event_time TIMESTAMP,
  price VARCHAR,
  price_dec DECIMAL(38, 18),
  quantity VARCHAR,
  quantity_dec DECIMAL(38, 18),
  tx_hash VARCHAR,
  order_id BIGINT,
  is_taker BOOLEAN,
  account VARCHAR,
  users VARCHAR,
  direction VARCHAR,
  fee VARCHAR,
  fee_token VARCHAR,
  closed_pnl VARCHAR,
  start_position VARCHAR,
  is_liquidation BOOLEAN,
  finality VARCHAR,
  details VARCHAR,
  op VARCHAR,
  sign INTEGER,
  event_id VARCHAR,
  incarnation INTEGER,
  reorg_id VARCHAR,
  ts_ms BIGINT,
  received_at_us BIGINT,
  published_at_us BIGINT,
  tracing_id VARCHAR
) WITH (KAFKA_TOPIC='ommer.hyperliquid.trades', KEY_FORMAT='AVRO', VALUE_FORMAT='AVRO');

-- delivery: low_latency repeats records, so sums of signs over the stream would count twice. The table takes
-- the latest record of each key instead. Windows over a table do not exist in ksqlDB.
CREATE TABLE hyperliquid_trades_totals AS SELECT
  symbol,
  COUNT(*) AS n
  FROM hyperliquid_trades_by_key
  WHERE op <> 'd'
  GROUP BY symbol
  HAVING COUNT(*) > 0
  EMIT CHANGES;

-- Look rows up by the key columns, never by a STRUCT of them. Without the WHERE retracted rows count as true.
CREATE TABLE hyperliquid_trades_live AS SELECT
  chain,
  dataset,
  symbol,
  trade_id,
  side,
  leg,
  event_time,
  price,
  price_dec,
  quantity,
  quantity_dec,
  tx_hash,
  order_id,
  is_taker,
  account,
  users,
  direction,
  fee,
  fee_token,
  closed_pnl,
  start_position,
  is_liquidation,
  finality,
  details,
  event_id,
  incarnation
  FROM hyperliquid_trades_by_key
  WHERE op <> 'd' EMIT CHANGES;

-- The latest record of a key says whether its row is true: right under reorgs and repeats.
CREATE TABLE hyperliquid_book_deltas_by_key (
  chain VARCHAR PRIMARY KEY,
  dataset VARCHAR PRIMARY KEY,
  symbol VARCHAR PRIMARY KEY,
  epoch BIGINT PRIMARY KEY,
  sequence BIGINT PRIMARY KEY,
  event_time TIMESTAMP,
  change VARCHAR,
  bids ARRAY<STRUCT<price VARCHAR, quantity VARCHAR, orders INTEGER>>,
  asks ARRAY<STRUCT<price VARCHAR, quantity VARCHAR, orders INTEGER>>,
  checksum BIGINT,
  block_number BIGINT,
  reason VARCHAR,
  details VARCHAR,
  op VARCHAR,
  sign INTEGER,
  event_id VARCHAR,
  incarnation INTEGER,
  reorg_id VARCHAR,
  ts_ms BIGINT,
  received_at_us BIGINT,
  published_at_us BIGINT,
  tracing_id VARCHAR
) WITH (KAFKA_TOPIC='ommer.hyperliquid.book_deltas', KEY_FORMAT='AVRO', VALUE_FORMAT='AVRO');

-- delivery: low_latency repeats records, so sums of signs over the stream would count twice. The table takes
-- the latest record of each key instead. Windows over a table do not exist in ksqlDB.
CREATE TABLE hyperliquid_book_deltas_totals AS SELECT
  symbol,
  COUNT(*) AS n
  FROM hyperliquid_book_deltas_by_key
  WHERE op <> 'd'
  GROUP BY symbol
  HAVING COUNT(*) > 0
  EMIT CHANGES;

-- Look rows up by the key columns, never by a STRUCT of them. Without the WHERE retracted rows count as true.
CREATE TABLE hyperliquid_book_deltas_live AS SELECT
  chain,
  dataset,
  symbol,
  epoch,
  sequence,
  event_time,
  change,
  bids,
  asks,
  checksum,
  block_number,
  reason,
  details,
  event_id,
  incarnation
  FROM hyperliquid_book_deltas_by_key
  WHERE op <> 'd' EMIT CHANGES;

-- The latest record of a key says whether its row is true: right under reorgs and repeats.
CREATE TABLE hyperliquid_book_tops_by_key (
  chain VARCHAR PRIMARY KEY,
  dataset VARCHAR PRIMARY KEY,
  symbol VARCHAR PRIMARY KEY,
  epoch BIGINT PRIMARY KEY,
  sequence BIGINT PRIMARY KEY,
  event_time TIMESTAMP,
  change VARCHAR,
  bid_price VARCHAR,
  bid_price_dec DECIMAL(38, 18),
  bid_quantity VARCHAR,
  bid_quantity_dec DECIMAL(38, 18),
  bid_orders INTEGER,
  ask_price VARCHAR,
  ask_price_dec DECIMAL(38, 18),
  ask_quantity VARCHAR,
  ask_quantity_dec DECIMAL(38, 18),
  ask_orders INTEGER,
  checksum BIGINT,
  block_number BIGINT,
  reason VARCHAR,
  details VARCHAR,
  op VARCHAR,
  sign INTEGER,
  event_id VARCHAR,
  incarnation INTEGER,
  reorg_id VARCHAR,
  ts_ms BIGINT,
  received_at_us BIGINT,
  published_at_us BIGINT,
  tracing_id VARCHAR
) WITH (KAFKA_TOPIC='ommer.hyperliquid.book_tops', KEY_FORMAT='AVRO', VALUE_FORMAT='AVRO');

-- delivery: low_latency repeats records, so sums of signs over the stream would count twice. The table takes
-- the latest record of each key instead. Windows over a table do not exist in ksqlDB.
CREATE TABLE hyperliquid_book_tops_totals AS SELECT
  symbol,
  COUNT(*) AS n
  FROM hyperliquid_book_tops_by_key
  WHERE op <> 'd'
  GROUP BY symbol
  HAVING COUNT(*) > 0
  EMIT CHANGES;

-- Look rows up by the key columns, never by a STRUCT of them. Without the WHERE retracted rows count as true.
CREATE TABLE hyperliquid_book_tops_live AS SELECT
  chain,
  dataset,
  symbol,
  epoch,
  sequence,
  event_time,
  change,
  bid_price,
  bid_price_dec,
  bid_quantity,
  bid_quantity_dec,
  bid_orders,
  ask_price,
  ask_price_dec,
  ask_quantity,
  ask_quantity_dec,
  ask_orders,
  checksum,
  block_number,
  reason,
  details,
  event_id,
  incarnation
  FROM hyperliquid_book_tops_by_key
  WHERE op <> 'd' EMIT CHANGES;

-- The latest record of a key says whether its row is true: right under reorgs and repeats.
CREATE TABLE hyperliquid_book_tops_state (
  chain VARCHAR PRIMARY KEY,
  dataset VARCHAR PRIMARY KEY,
  symbol VARCHAR PRIMARY KEY,
  event_time TIMESTAMP,
  epoch BIGINT,
  sequence BIGINT,
  change VARCHAR,
  bid_price VARCHAR,
  bid_price_dec DECIMAL(38, 18),
  bid_quantity VARCHAR,
  bid_quantity_dec DECIMAL(38, 18),
  bid_orders INTEGER,
  ask_price VARCHAR,
  ask_price_dec DECIMAL(38, 18),
  ask_quantity VARCHAR,
  ask_quantity_dec DECIMAL(38, 18),
  ask_orders INTEGER,
  checksum BIGINT,
  block_number BIGINT,
  reason VARCHAR,
  details VARCHAR,
  event_id VARCHAR,
  incarnation INTEGER,
  ts_ms BIGINT
) WITH (KAFKA_TOPIC='ommer.hyperliquid.book_tops.state', KEY_FORMAT='AVRO', VALUE_FORMAT='AVRO');

-- No STREAM over this topic: it would show what appears and never what goes, a tombstone has no columns.

-- For pull queries: a table of CREATE TABLE alone answers none.
CREATE TABLE hyperliquid_book_tops_state_rows AS SELECT
  chain,
  dataset,
  symbol,
  event_time,
  epoch,
  sequence,
  change,
  bid_price,
  bid_price_dec,
  bid_quantity,
  bid_quantity_dec,
  bid_orders,
  ask_price,
  ask_price_dec,
  ask_quantity,
  ask_quantity_dec,
  ask_orders,
  checksum,
  block_number,
  reason,
  details,
  event_id,
  incarnation,
  ts_ms
  FROM hyperliquid_book_tops_state EMIT CHANGES;

CREATE TABLE hyperliquid_book_tops_state_totals AS SELECT
  symbol,
  COUNT(*) AS n
  FROM hyperliquid_book_tops_state
  GROUP BY symbol
  HAVING COUNT(*) > 0
  EMIT CHANGES;

CREATE STREAM lighter_trades (
  chain VARCHAR,
  symbol VARCHAR,
  event_time TIMESTAMP,
  trade_id BIGINT,
  side VARCHAR,
  leg INTEGER,
  price VARCHAR,
  price_dec DECIMAL(38, 18),
  quantity VARCHAR,
  quantity_dec DECIMAL(38, 18),
  tx_hash VARCHAR,
  order_id BIGINT,
  is_taker BOOLEAN,
  account VARCHAR,
  users VARCHAR,
  direction VARCHAR,
  fee VARCHAR,
  fee_token VARCHAR,
  closed_pnl VARCHAR,
  start_position VARCHAR,
  is_liquidation BOOLEAN,
  finality VARCHAR,
  details VARCHAR,
  op VARCHAR,
  sign INTEGER,
  event_id VARCHAR,
  incarnation INTEGER,
  reorg_id VARCHAR,
  ts_ms BIGINT,
  received_at_us BIGINT,
  published_at_us BIGINT,
  tracing_id VARCHAR
) WITH (KAFKA_TOPIC='ommer.lighter.trades', VALUE_FORMAT='AVRO');

-- The latest record of a key says whether its row is true: right under reorgs and repeats.
CREATE TABLE lighter_trades_by_key (
  chain VARCHAR PRIMARY KEY,
  dataset VARCHAR PRIMARY KEY,
  symbol VARCHAR PRIMARY KEY,
  trade_id BIGINT PRIMARY KEY,
  side VARCHAR PRIMARY KEY,
  leg INTEGER PRIMARY KEY,
  event_time TIMESTAMP,
  price VARCHAR,
  price_dec DECIMAL(38, 18),
  quantity VARCHAR,
  quantity_dec DECIMAL(38, 18),
  tx_hash VARCHAR,
  order_id BIGINT,
  is_taker BOOLEAN,
  account VARCHAR,
  users VARCHAR,
  direction VARCHAR,
  fee VARCHAR,
  fee_token VARCHAR,
  closed_pnl VARCHAR,
  start_position VARCHAR,
  is_liquidation BOOLEAN,
  finality VARCHAR,
  details VARCHAR,
  op VARCHAR,
  sign INTEGER,
  event_id VARCHAR,
  incarnation INTEGER,
  reorg_id VARCHAR,
  ts_ms BIGINT,
  received_at_us BIGINT,
  published_at_us BIGINT,
  tracing_id VARCHAR
) WITH (KAFKA_TOPIC='ommer.lighter.trades', KEY_FORMAT='AVRO', VALUE_FORMAT='AVRO');

-- On a stream only sums of signs can be taken back. MIN, MAX, AVG, COUNT(*), LATEST_BY_OFFSET, COLLECT_LIST
-- and the like take a retraction for one more row, without an error. Join after aggregating, never before.
CREATE TABLE lighter_trades_totals AS SELECT
  symbol,
  SUM(CAST(sign AS BIGINT)) AS n -- SUM(sign) is an INTEGER and wraps
  FROM lighter_trades
  GROUP BY symbol
  HAVING SUM(sign) > 0 -- else a group whose rows are all retracted stays as 0
  EMIT CHANGES;

-- Look rows up by the key columns, never by a STRUCT of them. Without the WHERE retracted rows count as true.
CREATE TABLE lighter_trades_live AS SELECT
  chain,
  dataset,
  symbol,
  trade_id,
  side,
  leg,
  event_time,
  price,
  price_dec,
  quantity,
  quantity_dec,
  tx_hash,
  order_id,
  is_taker,
  account,
  users,
  direction,
  fee,
  fee_token,
  closed_pnl,
  start_position,
  is_liquidation,
  finality,
  details,
  event_id,
  incarnation
  FROM lighter_trades_by_key
  WHERE op <> 'd' EMIT CHANGES;

-- Windows of block time. GRACE must exceed the depth of a reorg times the block time plus the longest
-- outage: what comes later is dropped without an error. Backfill is late too: publish history first, or make a
-- second query. RETENTION covers size and grace.
CREATE TABLE lighter_trades_per_minute AS SELECT
  symbol,
  SUM(CAST(sign AS BIGINT)) AS n
  FROM lighter_trades
  WINDOW TUMBLING (SIZE 1 MINUTE, RETENTION 7 DAYS, GRACE PERIOD 2 HOURS)
  GROUP BY symbol
  HAVING SUM(sign) > 0
  EMIT CHANGES;

CREATE STREAM lighter_book_snapshots (
  chain VARCHAR,
  symbol VARCHAR,
  event_time TIMESTAMP,
  epoch BIGINT,
  sequence BIGINT,
  change VARCHAR,
  bids ARRAY<STRUCT<price VARCHAR, quantity VARCHAR, orders INTEGER>>,
  asks ARRAY<STRUCT<price VARCHAR, quantity VARCHAR, orders INTEGER>>,
  checksum BIGINT,
  block_number BIGINT,
  reason VARCHAR,
  details VARCHAR,
  op VARCHAR,
  sign INTEGER,
  event_id VARCHAR,
  incarnation INTEGER,
  reorg_id VARCHAR,
  ts_ms BIGINT,
  received_at_us BIGINT,
  published_at_us BIGINT,
  tracing_id VARCHAR
) WITH (KAFKA_TOPIC='ommer.lighter.book_snapshots', VALUE_FORMAT='AVRO');

-- The latest record of a key says whether its row is true: right under reorgs and repeats.
CREATE TABLE lighter_book_snapshots_by_key (
  chain VARCHAR PRIMARY KEY,
  dataset VARCHAR PRIMARY KEY,
  symbol VARCHAR PRIMARY KEY,
  epoch BIGINT PRIMARY KEY,
  sequence BIGINT PRIMARY KEY,
  event_time TIMESTAMP,
  change VARCHAR,
  bids ARRAY<STRUCT<price VARCHAR, quantity VARCHAR, orders INTEGER>>,
  asks ARRAY<STRUCT<price VARCHAR, quantity VARCHAR, orders INTEGER>>,
  checksum BIGINT,
  block_number BIGINT,
  reason VARCHAR,
  details VARCHAR,
  op VARCHAR,
  sign INTEGER,
  event_id VARCHAR,
  incarnation INTEGER,
  reorg_id VARCHAR,
  ts_ms BIGINT,
  received_at_us BIGINT,
  published_at_us BIGINT,
  tracing_id VARCHAR
) WITH (KAFKA_TOPIC='ommer.lighter.book_snapshots', KEY_FORMAT='AVRO', VALUE_FORMAT='AVRO');

-- On a stream only sums of signs can be taken back. MIN, MAX, AVG, COUNT(*), LATEST_BY_OFFSET, COLLECT_LIST
-- and the like take a retraction for one more row, without an error. Join after aggregating, never before.
CREATE TABLE lighter_book_snapshots_totals AS SELECT
  symbol,
  SUM(CAST(sign AS BIGINT)) AS n -- SUM(sign) is an INTEGER and wraps
  FROM lighter_book_snapshots
  GROUP BY symbol
  HAVING SUM(sign) > 0 -- else a group whose rows are all retracted stays as 0
  EMIT CHANGES;

-- Look rows up by the key columns, never by a STRUCT of them. Without the WHERE retracted rows count as true.
CREATE TABLE lighter_book_snapshots_live AS SELECT
  chain,
  dataset,
  symbol,
  epoch,
  sequence,
  event_time,
  change,
  bids,
  asks,
  checksum,
  block_number,
  reason,
  details,
  event_id,
  incarnation
  FROM lighter_book_snapshots_by_key
  WHERE op <> 'd' EMIT CHANGES;

-- Windows of block time. GRACE must exceed the depth of a reorg times the block time plus the longest
-- outage: what comes later is dropped without an error. Backfill is late too: publish history first, or make a
-- second query. RETENTION covers size and grace.
CREATE TABLE lighter_book_snapshots_per_minute AS SELECT
  symbol,
  SUM(CAST(sign AS BIGINT)) AS n
  FROM lighter_book_snapshots
  WINDOW TUMBLING (SIZE 1 MINUTE, RETENTION 7 DAYS, GRACE PERIOD 2 HOURS)
  GROUP BY symbol
  HAVING SUM(sign) > 0
  EMIT CHANGES;

-- The latest record of a key says whether its row is true: right under reorgs and repeats.
CREATE TABLE lighter_book_snapshots_state (
  chain VARCHAR PRIMARY KEY,
  dataset VARCHAR PRIMARY KEY,
  symbol VARCHAR PRIMARY KEY,
  event_time TIMESTAMP,
  epoch BIGINT,
  sequence BIGINT,
  change VARCHAR,
  bids ARRAY<STRUCT<price VARCHAR, quantity VARCHAR, orders INTEGER>>,
  asks ARRAY<STRUCT<price VARCHAR, quantity VARCHAR, orders INTEGER>>,
  checksum BIGINT,
  block_number BIGINT,
  reason VARCHAR,
  details VARCHAR,
  event_id VARCHAR,
  incarnation INTEGER,
  ts_ms BIGINT
) WITH (KAFKA_TOPIC='ommer.lighter.book_snapshots.state', KEY_FORMAT='AVRO', VALUE_FORMAT='AVRO');

-- No STREAM over this topic: it would show what appears and never what goes, a tombstone has no columns.

-- For pull queries: a table of CREATE TABLE alone answers none.
CREATE TABLE lighter_book_snapshots_state_rows AS SELECT
  chain,
  dataset,
  symbol,
  event_time,
  epoch,
  sequence,
  change,
  bids,
  asks,
  checksum,
  block_number,
  reason,
  details,
  event_id,
  incarnation,
  ts_ms
  FROM lighter_book_snapshots_state EMIT CHANGES;

CREATE TABLE lighter_book_snapshots_state_totals AS SELECT
  symbol,
  COUNT(*) AS n
  FROM lighter_book_snapshots_state
  GROUP BY symbol
  HAVING COUNT(*) > 0
  EMIT CHANGES;

CREATE STREAM lighter_book_tops (
  chain VARCHAR,
  symbol VARCHAR,
  event_time TIMESTAMP,
  epoch BIGINT,
  sequence BIGINT,
  change VARCHAR,
  bid_price VARCHAR,
  bid_price_dec DECIMAL(38, 18),
  bid_quantity VARCHAR,
  bid_quantity_dec DECIMAL(38, 18),
  bid_orders INTEGER,
  ask_price VARCHAR,
  ask_price_dec DECIMAL(38, 18),
  ask_quantity VARCHAR,
  ask_quantity_dec DECIMAL(38, 18),
  ask_orders INTEGER,
  checksum BIGINT,
  block_number BIGINT,
  reason VARCHAR,
  details VARCHAR,
  op VARCHAR,
  sign INTEGER,
  event_id VARCHAR,
  incarnation INTEGER,
  reorg_id VARCHAR,
  ts_ms BIGINT,
  received_at_us BIGINT,
  published_at_us BIGINT,
  tracing_id VARCHAR
) WITH (KAFKA_TOPIC='ommer.lighter.book_tops', VALUE_FORMAT='AVRO');

-- The latest record of a key says whether its row is true: right under reorgs and repeats.
CREATE TABLE lighter_book_tops_by_key (
  chain VARCHAR PRIMARY KEY,
  dataset VARCHAR PRIMARY KEY,
  symbol VARCHAR PRIMARY KEY,
  epoch BIGINT PRIMARY KEY,
  sequence BIGINT PRIMARY KEY,
  event_time TIMESTAMP,
  change VARCHAR,
  bid_price VARCHAR,
  bid_price_dec DECIMAL(38, 18),
  bid_quantity VARCHAR,
  bid_quantity_dec DECIMAL(38, 18),
  bid_orders INTEGER,
  ask_price VARCHAR,
  ask_price_dec DECIMAL(38, 18),
  ask_quantity VARCHAR,
  ask_quantity_dec DECIMAL(38, 18),
  ask_orders INTEGER,
  checksum BIGINT,
  block_number BIGINT,
  reason VARCHAR,
  details VARCHAR,
  op VARCHAR,
  sign INTEGER,
  event_id VARCHAR,
  incarnation INTEGER,
  reorg_id VARCHAR,
  ts_ms BIGINT,
  received_at_us BIGINT,
  published_at_us BIGINT,
  tracing_id VARCHAR
) WITH (KAFKA_TOPIC='ommer.lighter.book_tops', KEY_FORMAT='AVRO', VALUE_FORMAT='AVRO');

-- On a stream only sums of signs can be taken back. MIN, MAX, AVG, COUNT(*), LATEST_BY_OFFSET, COLLECT_LIST
-- and the like take a retraction for one more row, without an error. Join after aggregating, never before.
CREATE TABLE lighter_book_tops_totals AS SELECT
  symbol,
  SUM(CAST(sign AS BIGINT)) AS n -- SUM(sign) is an INTEGER and wraps
  FROM lighter_book_tops
  GROUP BY symbol
  HAVING SUM(sign) > 0 -- else a group whose rows are all retracted stays as 0
  EMIT CHANGES;

-- Look rows up by the key columns, never by a STRUCT of them. Without the WHERE retracted rows count as true.
CREATE TABLE lighter_book_tops_live AS SELECT
  chain,
  dataset,
  symbol,
  epoch,
  sequence,
  event_time,
  change,
  bid_price,
  bid_price_dec,
  bid_quantity,
  bid_quantity_dec,
  bid_orders,
  ask_price,
  ask_price_dec,
  ask_quantity,
  ask_quantity_dec,
  ask_orders,
  checksum,
  block_number,
  reason,
  details,
  event_id,
  incarnation
  FROM lighter_book_tops_by_key
  WHERE op <> 'd' EMIT CHANGES;

-- Windows of block time. GRACE must exceed the depth of a reorg times the block time plus the longest
-- outage: what comes later is dropped without an error. Backfill is late too: publish history first, or make a
-- second query. RETENTION covers size and grace.
CREATE TABLE lighter_book_tops_per_minute AS SELECT
  symbol,
  SUM(CAST(sign AS BIGINT)) AS n
  FROM lighter_book_tops
  WINDOW TUMBLING (SIZE 1 MINUTE, RETENTION 7 DAYS, GRACE PERIOD 2 HOURS)
  GROUP BY symbol
  HAVING SUM(sign) > 0
  EMIT CHANGES;

-- The latest record of a key says whether its row is true: right under reorgs and repeats.
CREATE TABLE lighter_book_tops_state (
  chain VARCHAR PRIMARY KEY,
  dataset VARCHAR PRIMARY KEY,
  symbol VARCHAR PRIMARY KEY,
  event_time TIMESTAMP,
  epoch BIGINT,
  sequence BIGINT,
  change VARCHAR,
  bid_price VARCHAR,
  bid_price_dec DECIMAL(38, 18),
  bid_quantity VARCHAR,
  bid_quantity_dec DECIMAL(38, 18),
  bid_orders INTEGER,
  ask_price VARCHAR,
  ask_price_dec DECIMAL(38, 18),
  ask_quantity VARCHAR,
  ask_quantity_dec DECIMAL(38, 18),
  ask_orders INTEGER,
  checksum BIGINT,
  block_number BIGINT,
  reason VARCHAR,
  details VARCHAR,
  event_id VARCHAR,
  incarnation INTEGER,
  ts_ms BIGINT
) WITH (KAFKA_TOPIC='ommer.lighter.book_tops.state', KEY_FORMAT='AVRO', VALUE_FORMAT='AVRO');

-- No STREAM over this topic: it would show what appears and never what goes, a tombstone has no columns.

-- For pull queries: a table of CREATE TABLE alone answers none.
CREATE TABLE lighter_book_tops_state_rows AS SELECT
  chain,
  dataset,
  symbol,
  event_time,
  epoch,
  sequence,
  change,
  bid_price,
  bid_price_dec,
  bid_quantity,
  bid_quantity_dec,
  bid_orders,
  ask_price,
  ask_price_dec,
  ask_quantity,
  ask_quantity_dec,
  ask_orders,
  checksum,
  block_number,
  reason,
  details,
  event_id,
  incarnation,
  ts_ms
  FROM lighter_book_tops_state EMIT CHANGES;

CREATE TABLE lighter_book_tops_state_totals AS SELECT
  symbol,
  COUNT(*) AS n
  FROM lighter_book_tops_state
  GROUP BY symbol
  HAVING COUNT(*) > 0
  EMIT CHANGES;
