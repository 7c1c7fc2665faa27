-- ommer ddl --engine ksqldb
-- Run these first, in the same session: a query keeps the settings it was created with.
SET 'auto.offset.reset'='earliest'; -- the whole topic, not only what comes from now on
SET 'processing.guarantee'='exactly_once_v2'; -- reads committed records only: without it aborted transactions are counted, in tables for ever
SET 'ksql.streams.windowstore.changelog.additional.retention.ms'='315360000000'; -- record times are block times and Kafka deletes by record time: windows of old blocks would be lost at a restart

-- Give ksqlDB read-only rights on these topics: INSERT INTO would write rows of nulls into them.
-- Leave retention.ms of these topics at -1, as ommer creates them: old blocks have old record times.
-- State RUNNING and an empty answer prove nothing: errors of single records stand in the processing log only.

CREATE STREAM eip155_31337_token_transfers (
  chain VARCHAR,
  height BIGINT,
  block_hash VARCHAR,
  block_time TIMESTAMP,
  tx_hash VARCHAR,
  tx_index BIGINT,
  log_index BIGINT,
  batch_index BIGINT,
  trace_address VARCHAR,
  transfer_ref VARCHAR,
  transfer_type VARCHAR,
  token_address VARCHAR,
  operator_address VARCHAR,
  from_address VARCHAR,
  to_address VARCHAR,
  amount VARCHAR,
  amount_dec DECIMAL(38, 0),
  token_id VARCHAR,
  amount_adjusted VARCHAR,
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
) WITH (KAFKA_TOPIC='ommer.eip155-31337.token_transfers', VALUE_FORMAT='AVRO');

-- The latest record of a key says whether its row is true: right under reorgs and repeats.
CREATE TABLE eip155_31337_token_transfers_by_key (
  chain VARCHAR PRIMARY KEY,
  dataset VARCHAR PRIMARY KEY,
  block_hash VARCHAR PRIMARY KEY,
  transfer_ref VARCHAR PRIMARY KEY,
  height BIGINT,
  block_time TIMESTAMP,
  tx_hash VARCHAR,
  tx_index BIGINT,
  log_index BIGINT,
  batch_index BIGINT,
  trace_address VARCHAR,
  transfer_type VARCHAR,
  token_address VARCHAR,
  operator_address VARCHAR,
  from_address VARCHAR,
  to_address VARCHAR,
  amount VARCHAR,
  amount_dec DECIMAL(38, 0),
  token_id VARCHAR,
  amount_adjusted VARCHAR,
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
) WITH (KAFKA_TOPIC='ommer.eip155-31337.token_transfers', KEY_FORMAT='AVRO', VALUE_FORMAT='AVRO');

-- On a stream only sums of signs can be taken back. MIN, MAX, AVG, COUNT(*), LATEST_BY_OFFSET, COLLECT_LIST
-- and the like take a retraction for one more row, without an error. Join after aggregating, never before.
CREATE TABLE eip155_31337_token_transfers_totals AS SELECT
  COALESCE(token_address, chain) AS token_address_or_chain,
  SUM(CAST(sign AS BIGINT)) AS n, -- SUM(sign) is an INTEGER and wraps
  SUM(sign * amount_dec) AS amount_total, -- the sign widens it to 49 digits: a SUM that overflows stops the query for good
  SUM(CASE WHEN amount_dec IS NULL THEN sign ELSE 0 END) AS n_without_amount, -- rows of more than 38 digits, which the total leaves out
  CAST(SUM(sign * amount_dec) AS DOUBLE) / SUM(sign) AS amount_average, -- a decimal that does not divide evenly gives null
  CAST(SUM(sign * amount_dec) AS VARCHAR) AS amount_total_text -- REST writes decimals as JSON numbers: JavaScript loses digits
  FROM eip155_31337_token_transfers
  GROUP BY COALESCE(token_address, chain)
  HAVING SUM(sign) > 0 -- else a group whose rows are all retracted stays as 0
  EMIT CHANGES;

-- Exact beyond 38 digits, for whole numbers: a fraction would be rounded in each row. Its sink topic has 89
-- digits, which only ksqlDB reads.
CREATE TABLE eip155_31337_token_transfers_exact AS SELECT
  COALESCE(token_address, chain) AS token_address_or_chain,
  SUM(sign * CAST(amount AS DECIMAL(78, 0))) AS amount_exact
  FROM eip155_31337_token_transfers
  GROUP BY COALESCE(token_address, chain)
  HAVING SUM(sign) > 0
  EMIT CHANGES;

-- Look rows up by the key columns, never by a STRUCT of them. Without the WHERE retracted rows count as true.
CREATE TABLE eip155_31337_token_transfers_live AS SELECT
  chain,
  dataset,
  block_hash,
  transfer_ref,
  height,
  block_time,
  tx_hash,
  tx_index,
  log_index,
  batch_index,
  trace_address,
  transfer_type,
  token_address,
  operator_address,
  from_address,
  to_address,
  amount,
  amount_dec,
  token_id,
  amount_adjusted,
  details,
  event_id,
  incarnation
  FROM eip155_31337_token_transfers_by_key
  WHERE op <> 'd' EMIT CHANGES;

-- MIN and MAX that survive a reorg. The list is state: for groups of thousands of rows, not millions.
-- Not HISTOGRAM: beyond 1000 values it cannot take back, and stops the query.
CREATE TABLE eip155_31337_token_transfers_extremes AS SELECT
  COALESCE(token_address, chain) AS token_address_or_chain,
  ARRAY_MIN(COLLECT_LIST(amount_dec)) AS amount_min,
  ARRAY_MAX(COLLECT_LIST(amount_dec)) AS amount_max
  FROM eip155_31337_token_transfers_by_key
  WHERE op <> 'd'
  GROUP BY COALESCE(token_address, chain)
  HAVING COUNT(*) > 0
  EMIT CHANGES;

-- Windows of block time. GRACE must exceed the depth of a reorg times the block time plus the longest
-- outage: what comes later is dropped without an error. Backfill is late too: publish history first, or make a
-- second query. RETENTION covers size and grace.
CREATE TABLE eip155_31337_token_transfers_per_minute AS SELECT
  COALESCE(token_address, chain) AS token_address_or_chain,
  SUM(sign * amount_dec) AS amount_total,
  SUM(CAST(sign AS BIGINT)) AS n
  FROM eip155_31337_token_transfers
  WINDOW TUMBLING (SIZE 1 MINUTE, RETENTION 7 DAYS, GRACE PERIOD 2 HOURS)
  GROUP BY COALESCE(token_address, chain)
  HAVING SUM(sign) > 0
  EMIT CHANGES;

-- The latest record of a key says whether its row is true: right under reorgs and repeats.
CREATE TABLE eip155_31337_token_transfers_state (
  chain VARCHAR PRIMARY KEY,
  dataset VARCHAR PRIMARY KEY,
  height BIGINT PRIMARY KEY,
  transfer_ref VARCHAR PRIMARY KEY,
  block_hash VARCHAR,
  block_time TIMESTAMP,
  tx_hash VARCHAR,
  tx_index BIGINT,
  log_index BIGINT,
  batch_index BIGINT,
  trace_address VARCHAR,
  transfer_type VARCHAR,
  token_address VARCHAR,
  operator_address VARCHAR,
  from_address VARCHAR,
  to_address VARCHAR,
  amount VARCHAR,
  amount_dec DECIMAL(38, 0),
  token_id VARCHAR,
  amount_adjusted VARCHAR,
  details VARCHAR,
  event_id VARCHAR,
  incarnation INTEGER,
  ts_ms BIGINT
) WITH (KAFKA_TOPIC='ommer.eip155-31337.token_transfers.state', KEY_FORMAT='AVRO', VALUE_FORMAT='AVRO');

-- No STREAM over this topic: it would show what appears and never what goes, a tombstone has no columns.

-- For pull queries: a table of CREATE TABLE alone answers none.
CREATE TABLE eip155_31337_token_transfers_state_rows AS SELECT
  chain,
  dataset,
  height,
  transfer_ref,
  block_hash,
  block_time,
  tx_hash,
  tx_index,
  log_index,
  batch_index,
  trace_address,
  transfer_type,
  token_address,
  operator_address,
  from_address,
  to_address,
  amount,
  amount_dec,
  token_id,
  amount_adjusted,
  details,
  event_id,
  incarnation,
  ts_ms
  FROM eip155_31337_token_transfers_state EMIT CHANGES;

CREATE TABLE eip155_31337_token_transfers_state_totals AS SELECT
  COALESCE(token_address, chain) AS token_address_or_chain,
  COUNT(*) AS n,
  SUM(CAST(amount_dec AS DECIMAL(60, 0))) AS amount_total, -- widened: a SUM that overflows stops the query for good
  SUM(CASE WHEN amount_dec IS NULL THEN 1 ELSE 0 END) AS n_without_amount -- rows of more than 38 digits, which the total leaves out
  FROM eip155_31337_token_transfers_state
  GROUP BY COALESCE(token_address, chain)
  HAVING COUNT(*) > 0
  EMIT CHANGES;

CREATE STREAM eip155_31337_token_transfers_final (
  chain VARCHAR,
  height BIGINT,
  block_hash VARCHAR,
  block_time TIMESTAMP,
  tx_hash VARCHAR,
  tx_index BIGINT,
  log_index BIGINT,
  batch_index BIGINT,
  trace_address VARCHAR,
  transfer_ref VARCHAR,
  transfer_type VARCHAR,
  token_address VARCHAR,
  operator_address VARCHAR,
  from_address VARCHAR,
  to_address VARCHAR,
  amount VARCHAR,
  amount_dec DECIMAL(38, 0),
  token_id VARCHAR,
  amount_adjusted VARCHAR,
  details VARCHAR,
  event_id VARCHAR,
  incarnation INTEGER,
  ts_ms BIGINT
) WITH (KAFKA_TOPIC='ommer.eip155-31337.token_transfers.final', VALUE_FORMAT='AVRO');

CREATE TABLE eip155_31337_token_transfers_final_totals AS SELECT
  COALESCE(token_address, chain) AS token_address_or_chain,
  COUNT(*) AS n,
  SUM(CAST(amount_dec AS DECIMAL(60, 0))) AS amount_total, -- widened: a SUM that overflows stops the query for good
  MIN(amount_dec) AS amount_min,
  MAX(amount_dec) AS amount_max,
  SUM(CASE WHEN amount_dec IS NULL THEN 1 ELSE 0 END) AS n_without_amount -- rows of more than 38 digits, which the total leaves out
  FROM eip155_31337_token_transfers_final
  GROUP BY COALESCE(token_address, chain) EMIT CHANGES;

CREATE STREAM eip155_31337_token_transfers_cdc (
  before STRUCT<chain VARCHAR, height BIGINT, block_hash VARCHAR, block_time TIMESTAMP, tx_hash VARCHAR, tx_index BIGINT, log_index BIGINT, batch_index BIGINT, trace_address VARCHAR, transfer_ref VARCHAR, transfer_type VARCHAR, token_address VARCHAR, operator_address VARCHAR, from_address VARCHAR, to_address VARCHAR, amount VARCHAR, amount_dec DECIMAL(38, 0), token_id VARCHAR, amount_adjusted VARCHAR, details VARCHAR>,
  after STRUCT<chain VARCHAR, height BIGINT, block_hash VARCHAR, block_time TIMESTAMP, tx_hash VARCHAR, tx_index BIGINT, log_index BIGINT, batch_index BIGINT, trace_address VARCHAR, transfer_ref VARCHAR, transfer_type VARCHAR, token_address VARCHAR, operator_address VARCHAR, from_address VARCHAR, to_address VARCHAR, amount VARCHAR, amount_dec DECIMAL(38, 0), token_id VARCHAR, amount_adjusted VARCHAR, details VARCHAR>,
  source STRUCT<version VARCHAR, `CONNECTOR` VARCHAR, name VARCHAR, ts_ms BIGINT, snapshot VARCHAR, db VARCHAR, schema VARCHAR, `TABLE` VARCHAR, sequence VARCHAR, txId VARCHAR>,
  op VARCHAR,
  ts_ms BIGINT,
  sign INTEGER,
  event_id VARCHAR,
  incarnation INTEGER,
  reorg STRUCT<id VARCHAR, depth INTEGER, common_ancestor_height BIGINT, common_ancestor_hash VARCHAR, reason VARCHAR>,
  tracing_id VARCHAR,
  received_at_us BIGINT,
  published_at_us BIGINT
) WITH (KAFKA_TOPIC='ommer.eip155-31337.token_transfers_cdc', VALUE_FORMAT='AVRO');

-- Read this one, never after-> alone: a retraction has its row in before, and vanishes without an error.
CREATE STREAM eip155_31337_token_transfers_cdc_moves AS SELECT
  COALESCE(after->chain, before->chain) AS chain,
  COALESCE(after->height, before->height) AS height,
  COALESCE(after->block_hash, before->block_hash) AS block_hash,
  COALESCE(after->block_time, before->block_time) AS block_time,
  COALESCE(after->tx_hash, before->tx_hash) AS tx_hash,
  COALESCE(after->tx_index, before->tx_index) AS tx_index,
  COALESCE(after->log_index, before->log_index) AS log_index,
  COALESCE(after->batch_index, before->batch_index) AS batch_index,
  COALESCE(after->trace_address, before->trace_address) AS trace_address,
  COALESCE(after->transfer_ref, before->transfer_ref) AS transfer_ref,
  COALESCE(after->transfer_type, before->transfer_type) AS transfer_type,
  COALESCE(after->token_address, before->token_address) AS token_address,
  COALESCE(after->operator_address, before->operator_address) AS operator_address,
  COALESCE(after->from_address, before->from_address) AS from_address,
  COALESCE(after->to_address, before->to_address) AS to_address,
  COALESCE(after->amount, before->amount) AS amount,
  COALESCE(after->amount_dec, before->amount_dec) AS amount_dec,
  COALESCE(after->token_id, before->token_id) AS token_id,
  COALESCE(after->amount_adjusted, before->amount_adjusted) AS amount_adjusted,
  COALESCE(after->details, before->details) AS details,
  op,
  sign,
  event_id,
  incarnation,
  reorg->id AS reorg_id,
  ts_ms
  FROM eip155_31337_token_transfers_cdc EMIT CHANGES;

-- The latest record of a key says whether its row is true: right under reorgs and repeats.
CREATE TABLE eip155_31337_token_transfers_cdc_by_key (
  chain VARCHAR PRIMARY KEY,
  dataset VARCHAR PRIMARY KEY,
  block_hash VARCHAR PRIMARY KEY,
  transfer_ref VARCHAR PRIMARY KEY,
  before STRUCT<chain VARCHAR, height BIGINT, block_hash VARCHAR, block_time TIMESTAMP, tx_hash VARCHAR, tx_index BIGINT, log_index BIGINT, batch_index BIGINT, trace_address VARCHAR, transfer_ref VARCHAR, transfer_type VARCHAR, token_address VARCHAR, operator_address VARCHAR, from_address VARCHAR, to_address VARCHAR, amount VARCHAR, amount_dec DECIMAL(38, 0), token_id VARCHAR, amount_adjusted VARCHAR, details VARCHAR>,
  after STRUCT<chain VARCHAR, height BIGINT, block_hash VARCHAR, block_time TIMESTAMP, tx_hash VARCHAR, tx_index BIGINT, log_index BIGINT, batch_index BIGINT, trace_address VARCHAR, transfer_ref VARCHAR, transfer_type VARCHAR, token_address VARCHAR, operator_address VARCHAR, from_address VARCHAR, to_address VARCHAR, amount VARCHAR, amount_dec DECIMAL(38, 0), token_id VARCHAR, amount_adjusted VARCHAR, details VARCHAR>,
  source STRUCT<version VARCHAR, `CONNECTOR` VARCHAR, name VARCHAR, ts_ms BIGINT, snapshot VARCHAR, db VARCHAR, schema VARCHAR, `TABLE` VARCHAR, sequence VARCHAR, txId VARCHAR>,
  op VARCHAR,
  ts_ms BIGINT,
  sign INTEGER,
  event_id VARCHAR,
  incarnation INTEGER,
  reorg STRUCT<id VARCHAR, depth INTEGER, common_ancestor_height BIGINT, common_ancestor_hash VARCHAR, reason VARCHAR>,
  tracing_id VARCHAR,
  received_at_us BIGINT,
  published_at_us BIGINT
) WITH (KAFKA_TOPIC='ommer.eip155-31337.token_transfers_cdc', KEY_FORMAT='AVRO', VALUE_FORMAT='AVRO');

-- On a stream only sums of signs can be taken back. MIN, MAX, AVG, COUNT(*), LATEST_BY_OFFSET, COLLECT_LIST
-- and the like take a retraction for one more row, without an error. Join after aggregating, never before.
CREATE TABLE eip155_31337_token_transfers_cdc_totals AS SELECT
  COALESCE(token_address, chain) AS token_address_or_chain,
  SUM(CAST(sign AS BIGINT)) AS n, -- SUM(sign) is an INTEGER and wraps
  SUM(sign * amount_dec) AS amount_total, -- the sign widens it to 49 digits: a SUM that overflows stops the query for good
  SUM(CASE WHEN amount_dec IS NULL THEN sign ELSE 0 END) AS n_without_amount, -- rows of more than 38 digits, which the total leaves out
  CAST(SUM(sign * amount_dec) AS DOUBLE) / SUM(sign) AS amount_average, -- a decimal that does not divide evenly gives null
  CAST(SUM(sign * amount_dec) AS VARCHAR) AS amount_total_text -- REST writes decimals as JSON numbers: JavaScript loses digits
  FROM eip155_31337_token_transfers_cdc_moves
  GROUP BY COALESCE(token_address, chain)
  HAVING SUM(sign) > 0 -- else a group whose rows are all retracted stays as 0
  EMIT CHANGES;

-- Exact beyond 38 digits, for whole numbers: a fraction would be rounded in each row. Its sink topic has 89
-- digits, which only ksqlDB reads.
CREATE TABLE eip155_31337_token_transfers_cdc_exact AS SELECT
  COALESCE(token_address, chain) AS token_address_or_chain,
  SUM(sign * CAST(amount AS DECIMAL(78, 0))) AS amount_exact
  FROM eip155_31337_token_transfers_cdc_moves
  GROUP BY COALESCE(token_address, chain)
  HAVING SUM(sign) > 0
  EMIT CHANGES;

-- Look rows up by the key columns, never by a STRUCT of them. Without the WHERE retracted rows count as true.
CREATE TABLE eip155_31337_token_transfers_cdc_live AS SELECT
  chain,
  dataset,
  block_hash,
  transfer_ref,
  after->height AS height,
  after->block_time AS block_time,
  after->tx_hash AS tx_hash,
  after->tx_index AS tx_index,
  after->log_index AS log_index,
  after->batch_index AS batch_index,
  after->trace_address AS trace_address,
  after->transfer_type AS transfer_type,
  after->token_address AS token_address,
  after->operator_address AS operator_address,
  after->from_address AS from_address,
  after->to_address AS to_address,
  after->amount AS amount,
  after->amount_dec AS amount_dec,
  after->token_id AS token_id,
  after->amount_adjusted AS amount_adjusted,
  after->details AS details,
  event_id,
  incarnation
  FROM eip155_31337_token_transfers_cdc_by_key
  WHERE op <> 'd' EMIT CHANGES;

-- MIN and MAX that survive a reorg. The list is state: for groups of thousands of rows, not millions.
-- Not HISTOGRAM: beyond 1000 values it cannot take back, and stops the query.
CREATE TABLE eip155_31337_token_transfers_cdc_extremes AS SELECT
  COALESCE(after->token_address, after->chain) AS token_address_or_chain,
  ARRAY_MIN(COLLECT_LIST(after->amount_dec)) AS amount_min,
  ARRAY_MAX(COLLECT_LIST(after->amount_dec)) AS amount_max
  FROM eip155_31337_token_transfers_cdc_by_key
  WHERE op <> 'd'
  GROUP BY COALESCE(after->token_address, after->chain)
  HAVING COUNT(*) > 0
  EMIT CHANGES;

-- Windows of block time. GRACE must exceed the depth of a reorg times the block time plus the longest
-- outage: what comes later is dropped without an error. Backfill is late too: publish history first, or make a
-- second query. RETENTION covers size and grace.
CREATE TABLE eip155_31337_token_transfers_cdc_per_minute AS SELECT
  COALESCE(token_address, chain) AS token_address_or_chain,
  SUM(sign * amount_dec) AS amount_total,
  SUM(CAST(sign AS BIGINT)) AS n
  FROM eip155_31337_token_transfers_cdc_moves
  WINDOW TUMBLING (SIZE 1 MINUTE, RETENTION 7 DAYS, GRACE PERIOD 2 HOURS)
  GROUP BY COALESCE(token_address, chain)
  HAVING SUM(sign) > 0
  EMIT CHANGES;
