-- ommer ddl --engine clickhouse
-- ${KAFKA_BROKERS} is 127.0.0.1:9092, ${REGISTRY_URL} is http://127.0.0.1:8081.
-- ClickHouse reads committed records only, by default. It delivers into its tables at least once: read with FINAL,
-- and rebuild a table whose server died between insert and commit if its engine below cannot drop repeats.
-- A record that cannot be read stops its partition and is tried for ever: see exceptions in system.kafka_consumers.

-- Not for SELECT: what is read from it is gone.
CREATE TABLE hyperliquid_trades_queue (
  `chain` String,
  `symbol` String,
  `event_time` DateTime64(3, 'UTC'),
  `trade_id` Int64,
  `side` String,
  `leg` Int32,
  `price` String,
  `price_dec` Nullable(Decimal(38, 18)),
  `quantity` String,
  `quantity_dec` Nullable(Decimal(38, 18)),
  `tx_hash` Nullable(String),
  `order_id` Nullable(Int64),
  `is_taker` Nullable(Bool),
  `account` Nullable(String),
  `users` Nullable(String),
  `direction` Nullable(String),
  `fee` Nullable(String),
  `fee_token` Nullable(String),
  `closed_pnl` Nullable(String),
  `start_position` Nullable(String),
  `is_liquidation` Nullable(Bool),
  `finality` Nullable(String),
  `details` Nullable(String),
  `op` String,
  `sign` Int8,
  `event_id` String,
  `incarnation` UInt32,
  `reorg_id` Nullable(String),
  `ts_ms` Int64,
  `received_at_us` Int64,
  `published_at_us` Int64,
  `tracing_id` Nullable(String)
) ENGINE = Kafka SETTINGS
  input_format_avro_allow_missing_fields = 1, -- records of an older schema lack newer columns
  kafka_broker_list = '${KAFKA_BROKERS}',
  kafka_topic_list = 'ommer.hyperliquid.trades',
  kafka_group_name = 'hyperliquid_trades',
  kafka_format = 'AvroConfluent',
  format_avro_schema_registry_url = '${REGISTRY_URL}';

-- delivery: low_latency repeats records: the highest version of an event wins, and says whether it is true.
-- A CollapsingMergeTree would count repeats.
CREATE TABLE hyperliquid_trades (
  `chain` String,
  `symbol` String,
  `event_time` DateTime64(3, 'UTC'),
  `trade_id` Int64,
  `side` String,
  `leg` Int32,
  `price` String,
  `price_dec` Nullable(Decimal(38, 18)),
  `quantity` String,
  `quantity_dec` Nullable(Decimal(38, 18)),
  `tx_hash` Nullable(String),
  `order_id` Nullable(Int64),
  `is_taker` Nullable(Bool),
  `account` Nullable(String),
  `users` Nullable(String),
  `direction` Nullable(String),
  `fee` Nullable(String),
  `fee_token` Nullable(String),
  `closed_pnl` Nullable(String),
  `start_position` Nullable(String),
  `is_liquidation` Nullable(Bool),
  `finality` Nullable(String),
  `details` Nullable(String),
  `op` String,
  `sign` Int8,
  `event_id` String,
  `incarnation` UInt32,
  `reorg_id` Nullable(String),
  `ts_ms` Int64,
  `received_at_us` Int64,
  `published_at_us` Int64,
  `tracing_id` Nullable(String),
  `version` UInt64,
  `is_deleted` UInt8
) ENGINE = ReplacingMergeTree(version, is_deleted) ORDER BY (chain, symbol, event_time, event_id);

CREATE MATERIALIZED VIEW hyperliquid_trades_feed TO hyperliquid_trades AS
  SELECT *, toUInt64(incarnation) * 2 + (sign < 0) AS version, sign < 0 AS is_deleted FROM hyperliquid_trades_queue;

-- FINAL: without it rows that are retracted but not merged yet count too.
CREATE VIEW hyperliquid_trades_totals AS SELECT
  symbol,
  count() AS n
  FROM hyperliquid_trades FINAL
  GROUP BY symbol;

CREATE VIEW hyperliquid_trades_per_minute AS SELECT
  symbol,
  toStartOfMinute(event_time) AS minute_start,
  count() AS n
  FROM hyperliquid_trades FINAL
  GROUP BY symbol, minute_start;

-- Not for SELECT: what is read from it is gone.
CREATE TABLE hyperliquid_book_deltas_queue (
  `chain` String,
  `symbol` String,
  `event_time` DateTime64(3, 'UTC'),
  `epoch` Int64,
  `sequence` Int64,
  `change` String,
  `bids` Array(Tuple(`price` String, `quantity` String, `orders` Int32)),
  `asks` Array(Tuple(`price` String, `quantity` String, `orders` Int32)),
  `checksum` Int64,
  `block_number` Nullable(Int64),
  `reason` Nullable(String),
  `details` Nullable(String),
  `op` String,
  `sign` Int8,
  `event_id` String,
  `incarnation` UInt32,
  `reorg_id` Nullable(String),
  `ts_ms` Int64,
  `received_at_us` Int64,
  `published_at_us` Int64,
  `tracing_id` Nullable(String)
) ENGINE = Kafka SETTINGS
  input_format_avro_allow_missing_fields = 1, -- records of an older schema lack newer columns
  kafka_broker_list = '${KAFKA_BROKERS}',
  kafka_topic_list = 'ommer.hyperliquid.book_deltas',
  kafka_group_name = 'hyperliquid_book_deltas',
  kafka_format = 'AvroConfluent',
  format_avro_schema_registry_url = '${REGISTRY_URL}';

-- delivery: low_latency repeats records: the highest version of an event wins, and says whether it is true.
-- A CollapsingMergeTree would count repeats.
CREATE TABLE hyperliquid_book_deltas (
  `chain` String,
  `symbol` String,
  `event_time` DateTime64(3, 'UTC'),
  `epoch` Int64,
  `sequence` Int64,
  `change` String,
  `bids` Array(Tuple(`price` String, `quantity` String, `orders` Int32)),
  `asks` Array(Tuple(`price` String, `quantity` String, `orders` Int32)),
  `checksum` Int64,
  `block_number` Nullable(Int64),
  `reason` Nullable(String),
  `details` Nullable(String),
  `op` String,
  `sign` Int8,
  `event_id` String,
  `incarnation` UInt32,
  `reorg_id` Nullable(String),
  `ts_ms` Int64,
  `received_at_us` Int64,
  `published_at_us` Int64,
  `tracing_id` Nullable(String),
  `version` UInt64,
  `is_deleted` UInt8
) ENGINE = ReplacingMergeTree(version, is_deleted) ORDER BY (chain, symbol, event_time, event_id);

CREATE MATERIALIZED VIEW hyperliquid_book_deltas_feed TO hyperliquid_book_deltas AS
  SELECT *, toUInt64(incarnation) * 2 + (sign < 0) AS version, sign < 0 AS is_deleted FROM hyperliquid_book_deltas_queue;

-- FINAL: without it rows that are retracted but not merged yet count too.
CREATE VIEW hyperliquid_book_deltas_totals AS SELECT
  symbol,
  count() AS n
  FROM hyperliquid_book_deltas FINAL
  GROUP BY symbol;

CREATE VIEW hyperliquid_book_deltas_per_minute AS SELECT
  symbol,
  toStartOfMinute(event_time) AS minute_start,
  count() AS n
  FROM hyperliquid_book_deltas FINAL
  GROUP BY symbol, minute_start;

-- Not for SELECT: what is read from it is gone.
CREATE TABLE hyperliquid_book_tops_queue (
  `chain` String,
  `symbol` String,
  `event_time` DateTime64(3, 'UTC'),
  `epoch` Int64,
  `sequence` Int64,
  `change` String,
  `bid_price` Nullable(String),
  `bid_price_dec` Nullable(Decimal(38, 18)),
  `bid_quantity` Nullable(String),
  `bid_quantity_dec` Nullable(Decimal(38, 18)),
  `bid_orders` Nullable(Int32),
  `ask_price` Nullable(String),
  `ask_price_dec` Nullable(Decimal(38, 18)),
  `ask_quantity` Nullable(String),
  `ask_quantity_dec` Nullable(Decimal(38, 18)),
  `ask_orders` Nullable(Int32),
  `checksum` Int64,
  `block_number` Nullable(Int64),
  `reason` Nullable(String),
  `details` Nullable(String),
  `op` String,
  `sign` Int8,
  `event_id` String,
  `incarnation` UInt32,
  `reorg_id` Nullable(String),
  `ts_ms` Int64,
  `received_at_us` Int64,
  `published_at_us` Int64,
  `tracing_id` Nullable(String)
) ENGINE = Kafka SETTINGS
  input_format_avro_allow_missing_fields = 1, -- records of an older schema lack newer columns
  kafka_broker_list = '${KAFKA_BROKERS}',
  kafka_topic_list = 'ommer.hyperliquid.book_tops',
  kafka_group_name = 'hyperliquid_book_tops',
  kafka_format = 'AvroConfluent',
  format_avro_schema_registry_url = '${REGISTRY_URL}';

-- delivery: low_latency repeats records: the highest version of an event wins, and says whether it is true.
-- A CollapsingMergeTree would count repeats.
CREATE TABLE hyperliquid_book_tops (
  `chain` String,
  `symbol` String,
  `event_time` DateTime64(3, 'UTC'),
  `epoch` Int64,
  `sequence` Int64,
  `change` String,
  `bid_price` Nullable(String),
  `bid_price_dec` Nullable(Decimal(38, 18)),
  `bid_quantity` Nullable(String),
  `bid_quantity_dec` Nullable(Decimal(38, 18)),
  `bid_orders` Nullable(Int32),
  `ask_price` Nullable(String),
  `ask_price_dec` Nullable(Decimal(38, 18)),
  `ask_quantity` Nullable(String),
  `ask_quantity_dec` Nullable(Decimal(38, 18)),
  `ask_orders` Nullable(Int32),
  `checksum` Int64,
  `block_number` Nullable(Int64),
  `reason` Nullable(String),
  `details` Nullable(String),
  `op` String,
  `sign` Int8,
  `event_id` String,
  `incarnation` UInt32,
  `reorg_id` Nullable(String),
  `ts_ms` Int64,
  `received_at_us` Int64,
  `published_at_us` Int64,
  `tracing_id` Nullable(String),
  `version` UInt64,
  `is_deleted` UInt8
) ENGINE = ReplacingMergeTree(version, is_deleted) ORDER BY (chain, symbol, event_time, event_id);

CREATE MATERIALIZED VIEW hyperliquid_book_tops_feed TO hyperliquid_book_tops AS
  SELECT *, toUInt64(incarnation) * 2 + (sign < 0) AS version, sign < 0 AS is_deleted FROM hyperliquid_book_tops_queue;

-- FINAL: without it rows that are retracted but not merged yet count too.
CREATE VIEW hyperliquid_book_tops_totals AS SELECT
  symbol,
  count() AS n
  FROM hyperliquid_book_tops FINAL
  GROUP BY symbol;

CREATE VIEW hyperliquid_book_tops_per_minute AS SELECT
  symbol,
  toStartOfMinute(event_time) AS minute_start,
  count() AS n
  FROM hyperliquid_book_tops FINAL
  GROUP BY symbol, minute_start;

-- ommer.hyperliquid.book_tops.state:
-- the Kafka engine passes tombstones over without a word, so a table fed by this topic would keep rows that are no
-- longer true. The latest row of each primary key, from the changelog instead:
CREATE VIEW hyperliquid_book_tops_state AS SELECT * FROM hyperliquid_book_tops FINAL
  ORDER BY epoch DESC, sequence DESC, incarnation DESC
  LIMIT 1 BY chain, symbol;

-- Not for SELECT: what is read from it is gone.
CREATE TABLE lighter_trades_queue (
  `chain` String,
  `symbol` String,
  `event_time` DateTime64(3, 'UTC'),
  `trade_id` Int64,
  `side` String,
  `leg` Int32,
  `price` String,
  `price_dec` Nullable(Decimal(38, 18)),
  `quantity` String,
  `quantity_dec` Nullable(Decimal(38, 18)),
  `tx_hash` Nullable(String),
  `order_id` Nullable(Int64),
  `is_taker` Nullable(Bool),
  `account` Nullable(String),
  `users` Nullable(String),
  `direction` Nullable(String),
  `fee` Nullable(String),
  `fee_token` Nullable(String),
  `closed_pnl` Nullable(String),
  `start_position` Nullable(String),
  `is_liquidation` Nullable(Bool),
  `finality` Nullable(String),
  `details` Nullable(String),
  `op` String,
  `sign` Int8,
  `event_id` String,
  `incarnation` UInt32,
  `reorg_id` Nullable(String),
  `ts_ms` Int64,
  `received_at_us` Int64,
  `published_at_us` Int64,
  `tracing_id` Nullable(String)
) ENGINE = Kafka SETTINGS
  input_format_avro_allow_missing_fields = 1, -- records of an older schema lack newer columns
  kafka_broker_list = '${KAFKA_BROKERS}',
  kafka_topic_list = 'ommer.lighter.trades',
  kafka_group_name = 'lighter_trades',
  kafka_format = 'AvroConfluent',
  format_avro_schema_registry_url = '${REGISTRY_URL}';

-- A retraction has the incarnation of the insert that it cancels, so the pair collapses in any order.
CREATE TABLE lighter_trades (
  `chain` String,
  `symbol` String,
  `event_time` DateTime64(3, 'UTC'),
  `trade_id` Int64,
  `side` String,
  `leg` Int32,
  `price` String,
  `price_dec` Nullable(Decimal(38, 18)),
  `quantity` String,
  `quantity_dec` Nullable(Decimal(38, 18)),
  `tx_hash` Nullable(String),
  `order_id` Nullable(Int64),
  `is_taker` Nullable(Bool),
  `account` Nullable(String),
  `users` Nullable(String),
  `direction` Nullable(String),
  `fee` Nullable(String),
  `fee_token` Nullable(String),
  `closed_pnl` Nullable(String),
  `start_position` Nullable(String),
  `is_liquidation` Nullable(Bool),
  `finality` Nullable(String),
  `details` Nullable(String),
  `op` String,
  `sign` Int8,
  `event_id` String,
  `incarnation` UInt32,
  `reorg_id` Nullable(String),
  `ts_ms` Int64,
  `received_at_us` Int64,
  `published_at_us` Int64,
  `tracing_id` Nullable(String)
) ENGINE = VersionedCollapsingMergeTree(sign, incarnation) ORDER BY (chain, symbol, event_time, event_id);

CREATE MATERIALIZED VIEW lighter_trades_feed TO lighter_trades AS
  SELECT * FROM lighter_trades_queue;

-- FINAL: without it rows that are retracted but not merged yet count too.
CREATE VIEW lighter_trades_totals AS SELECT
  symbol,
  count() AS n
  FROM lighter_trades FINAL
  GROUP BY symbol;

CREATE VIEW lighter_trades_per_minute AS SELECT
  symbol,
  toStartOfMinute(event_time) AS minute_start,
  count() AS n
  FROM lighter_trades FINAL
  GROUP BY symbol, minute_start;

-- Not for SELECT: what is read from it is gone.
CREATE TABLE lighter_book_snapshots_queue (
  `chain` String,
  `symbol` String,
  `event_time` DateTime64(3, 'UTC'),
  `epoch` Int64,
  `sequence` Int64,
  `change` String,
  `bids` Array(Tuple(`price` String, `quantity` String, `orders` Int32)),
  `asks` Array(Tuple(`price` String, `quantity` String, `orders` Int32)),
  `checksum` Int64,
  `block_number` Nullable(Int64),
  `reason` Nullable(String),
  `details` Nullable(String),
  `op` String,
  `sign` Int8,
  `event_id` String,
  `incarnation` UInt32,
  `reorg_id` Nullable(String),
  `ts_ms` Int64,
  `received_at_us` Int64,
  `published_at_us` Int64,
  `tracing_id` Nullable(String)
) ENGINE = Kafka SETTINGS
  input_format_avro_allow_missing_fields = 1, -- records of an older schema lack newer columns
  kafka_broker_list = '${KAFKA_BROKERS}',
  kafka_topic_list = 'ommer.lighter.book_snapshots',
  kafka_group_name = 'lighter_book_snapshots',
  kafka_format = 'AvroConfluent',
  format_avro_schema_registry_url = '${REGISTRY_URL}';

-- A retraction has the incarnation of the insert that it cancels, so the pair collapses in any order.
CREATE TABLE lighter_book_snapshots (
  `chain` String,
  `symbol` String,
  `event_time` DateTime64(3, 'UTC'),
  `epoch` Int64,
  `sequence` Int64,
  `change` String,
  `bids` Array(Tuple(`price` String, `quantity` String, `orders` Int32)),
  `asks` Array(Tuple(`price` String, `quantity` String, `orders` Int32)),
  `checksum` Int64,
  `block_number` Nullable(Int64),
  `reason` Nullable(String),
  `details` Nullable(String),
  `op` String,
  `sign` Int8,
  `event_id` String,
  `incarnation` UInt32,
  `reorg_id` Nullable(String),
  `ts_ms` Int64,
  `received_at_us` Int64,
  `published_at_us` Int64,
  `tracing_id` Nullable(String)
) ENGINE = VersionedCollapsingMergeTree(sign, incarnation) ORDER BY (chain, symbol, event_time, event_id);

CREATE MATERIALIZED VIEW lighter_book_snapshots_feed TO lighter_book_snapshots AS
  SELECT * FROM lighter_book_snapshots_queue;

-- FINAL: without it rows that are retracted but not merged yet count too.
CREATE VIEW lighter_book_snapshots_totals AS SELECT
  symbol,
  count() AS n
  FROM lighter_book_snapshots FINAL
  GROUP BY symbol;

CREATE VIEW lighter_book_snapshots_per_minute AS SELECT
  symbol,
  toStartOfMinute(event_time) AS minute_start,
  count() AS n
  FROM lighter_book_snapshots FINAL
  GROUP BY symbol, minute_start;

-- ommer.lighter.book_snapshots.state:
-- the Kafka engine passes tombstones over without a word, so a table fed by this topic would keep rows that are no
-- longer true. The latest row of each primary key, from the changelog instead:
CREATE VIEW lighter_book_snapshots_state AS SELECT * FROM lighter_book_snapshots FINAL
  ORDER BY epoch DESC, sequence DESC, incarnation DESC
  LIMIT 1 BY chain, symbol;

-- Not for SELECT: what is read from it is gone.
CREATE TABLE lighter_book_tops_queue (
  `chain` String,
  `symbol` String,
  `event_time` DateTime64(3, 'UTC'),
  `epoch` Int64,
  `sequence` Int64,
  `change` String,
  `bid_price` Nullable(String),
  `bid_price_dec` Nullable(Decimal(38, 18)),
  `bid_quantity` Nullable(String),
  `bid_quantity_dec` Nullable(Decimal(38, 18)),
  `bid_orders` Nullable(Int32),
  `ask_price` Nullable(String),
  `ask_price_dec` Nullable(Decimal(38, 18)),
  `ask_quantity` Nullable(String),
  `ask_quantity_dec` Nullable(Decimal(38, 18)),
  `ask_orders` Nullable(Int32),
  `checksum` Int64,
  `block_number` Nullable(Int64),
  `reason` Nullable(String),
  `details` Nullable(String),
  `op` String,
  `sign` Int8,
  `event_id` String,
  `incarnation` UInt32,
  `reorg_id` Nullable(String),
  `ts_ms` Int64,
  `received_at_us` Int64,
  `published_at_us` Int64,
  `tracing_id` Nullable(String)
) ENGINE = Kafka SETTINGS
  input_format_avro_allow_missing_fields = 1, -- records of an older schema lack newer columns
  kafka_broker_list = '${KAFKA_BROKERS}',
  kafka_topic_list = 'ommer.lighter.book_tops',
  kafka_group_name = 'lighter_book_tops',
  kafka_format = 'AvroConfluent',
  format_avro_schema_registry_url = '${REGISTRY_URL}';

-- A retraction has the incarnation of the insert that it cancels, so the pair collapses in any order.
CREATE TABLE lighter_book_tops (
  `chain` String,
  `symbol` String,
  `event_time` DateTime64(3, 'UTC'),
  `epoch` Int64,
  `sequence` Int64,
  `change` String,
  `bid_price` Nullable(String),
  `bid_price_dec` Nullable(Decimal(38, 18)),
  `bid_quantity` Nullable(String),
  `bid_quantity_dec` Nullable(Decimal(38, 18)),
  `bid_orders` Nullable(Int32),
  `ask_price` Nullable(String),
  `ask_price_dec` Nullable(Decimal(38, 18)),
  `ask_quantity` Nullable(String),
  `ask_quantity_dec` Nullable(Decimal(38, 18)),
  `ask_orders` Nullable(Int32),
  `checksum` Int64,
  `block_number` Nullable(Int64),
  `reason` Nullable(String),
  `details` Nullable(String),
  `op` String,
  `sign` Int8,
  `event_id` String,
  `incarnation` UInt32,
  `reorg_id` Nullable(String),
  `ts_ms` Int64,
  `received_at_us` Int64,
  `published_at_us` Int64,
  `tracing_id` Nullable(String)
) ENGINE = VersionedCollapsingMergeTree(sign, incarnation) ORDER BY (chain, symbol, event_time, event_id);

CREATE MATERIALIZED VIEW lighter_book_tops_feed TO lighter_book_tops AS
  SELECT * FROM lighter_book_tops_queue;

-- FINAL: without it rows that are retracted but not merged yet count too.
CREATE VIEW lighter_book_tops_totals AS SELECT
  symbol,
  count() AS n
  FROM lighter_book_tops FINAL
  GROUP BY symbol;

CREATE VIEW lighter_book_tops_per_minute AS SELECT
  symbol,
  toStartOfMinute(event_time) AS minute_start,
  count() AS n
  FROM lighter_book_tops FINAL
  GROUP BY symbol, minute_start;

-- ommer.lighter.book_tops.state:
-- the Kafka engine passes tombstones over without a word, so a table fed by this topic would keep rows that are no
-- longer true. The latest row of each primary key, from the changelog instead:
CREATE VIEW lighter_book_tops_state AS SELECT * FROM lighter_book_tops FINAL
  ORDER BY epoch DESC, sequence DESC, incarnation DESC
  LIMIT 1 BY chain, symbol;
