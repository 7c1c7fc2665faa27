-- ommer ddl --engine flink
-- ${KAFKA_BROKERS} is 127.0.0.1:9092, ${REGISTRY_URL} is http://127.0.0.1:8081.
-- For Flink 2.0 or newer with flink-sql-connector-kafka 4.0 or newer: with older ones a bounded read of a
-- transactional topic never ends. SET is for the SQL client: a program uses TableConfig.set.
SET 'table.local-time-zone' = 'UTC';
-- State of an unwindowed aggregate grows for ever. To bound it set table.exec.state.ttl to more than finality takes:
-- a retraction finds nothing to take back once its row is forgotten.

CREATE TABLE `hyperliquid_trades` (
  `chain` STRING NOT NULL,
  `symbol` STRING NOT NULL,
  `event_time` TIMESTAMP(3) NOT NULL,
  `trade_id` BIGINT NOT NULL,
  `side` STRING NOT NULL,
  `leg` INT NOT NULL,
  `price` STRING NOT NULL,
  `price_dec` DECIMAL(38, 18),
  `quantity` STRING NOT NULL,
  `quantity_dec` DECIMAL(38, 18),
  `tx_hash` STRING,
  `order_id` BIGINT,
  `is_taker` BOOLEAN,
  `account` STRING,
  `users` STRING,
  `direction` STRING,
  `fee` STRING,
  `fee_token` STRING,
  `closed_pnl` STRING,
  `start_position` STRING,
  `is_liquidation` BOOLEAN,
  `finality` STRING,
  `details` STRING,
  `op` STRING NOT NULL,
  `sign` INT NOT NULL,
  `event_id` STRING NOT NULL,
  `incarnation` INT NOT NULL,
  `reorg_id` STRING,
  `ts_ms` BIGINT NOT NULL,
  `received_at_us` BIGINT NOT NULL,
  `published_at_us` BIGINT NOT NULL,
  `tracing_id` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'ommer.hyperliquid.trades',
  'properties.bootstrap.servers' = '${KAFKA_BROKERS}',
  'properties.isolation.level' = 'read_committed', -- without it aborted transactions are read too
  'scan.startup.mode' = 'earliest-offset', -- a reader that starts in the middle retracts rows it has never seen
  'format' = 'avro-confluent',
  'avro-confluent.url' = '${REGISTRY_URL}'
);

-- Rows that are true, whatever is repeated, comes back or is corrected: the newest record of a row says it, since a row
-- is taken back before its correction. Not by ROW_NUMBER, which over such a table never withdraws a row.
CREATE VIEW `hyperliquid_trades_live` AS SELECT
  `chain`,
  `symbol`,
  `event_time`,
  `trade_id`,
  `side`,
  `leg`,
  `price`,
  `price_dec`,
  `quantity`,
  `quantity_dec`,
  `tx_hash`,
  `order_id`,
  `is_taker`,
  `account`,
  `users`,
  `direction`,
  `fee`,
  `fee_token`,
  `closed_pnl`,
  `start_position`,
  `is_liquidation`,
  `finality`,
  `details`,
  `event_id`,
  MAX(`incarnation`) AS `incarnation`
  FROM `hyperliquid_trades`
  GROUP BY
    `chain`,
    `symbol`,
    `event_time`,
    `trade_id`,
    `side`,
    `leg`,
    `price`,
    `price_dec`,
    `quantity`,
    `quantity_dec`,
    `tx_hash`,
    `order_id`,
    `is_taker`,
    `account`,
    `users`,
    `direction`,
    `fee`,
    `fee_token`,
    `closed_pnl`,
    `start_position`,
    `is_liquidation`,
    `finality`,
    `details`,
    `event_id`
  HAVING MOD(MAX(`incarnation` * 2 + CASE WHEN `sign` < 0 THEN 1 ELSE 0 END), 2) = 0;

-- delivery: low_latency repeats records, so totals are made of live rows and not of signs.
CREATE VIEW `hyperliquid_trades_totals` AS SELECT
  `symbol`,
  COUNT(*) AS `n`
  FROM `hyperliquid_trades_live`
  GROUP BY `symbol`;

-- A minute by FLOOR and not by an event-time window: a window that has fired drops later retractions
-- without a word. OVER by event time and interval joins are refused on a changelog.
CREATE VIEW `hyperliquid_trades_per_minute` AS SELECT
  `symbol`,
  FLOOR(`event_time` TO MINUTE) AS `minute_start`,
  COUNT(*) AS `n`
  FROM `hyperliquid_trades_live`
  GROUP BY FLOOR(`event_time` TO MINUTE), `symbol`;

CREATE TABLE `hyperliquid_book_deltas` (
  `chain` STRING NOT NULL,
  `symbol` STRING NOT NULL,
  `event_time` TIMESTAMP(3) NOT NULL,
  `epoch` BIGINT NOT NULL,
  `sequence` BIGINT NOT NULL,
  `change` STRING NOT NULL,
  `bids` ARRAY<ROW<`price` STRING, `quantity` STRING, `orders` INT>> NOT NULL,
  `asks` ARRAY<ROW<`price` STRING, `quantity` STRING, `orders` INT>> NOT NULL,
  `checksum` BIGINT NOT NULL,
  `block_number` BIGINT,
  `reason` STRING,
  `details` STRING,
  `op` STRING NOT NULL,
  `sign` INT NOT NULL,
  `event_id` STRING NOT NULL,
  `incarnation` INT NOT NULL,
  `reorg_id` STRING,
  `ts_ms` BIGINT NOT NULL,
  `received_at_us` BIGINT NOT NULL,
  `published_at_us` BIGINT NOT NULL,
  `tracing_id` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'ommer.hyperliquid.book_deltas',
  'properties.bootstrap.servers' = '${KAFKA_BROKERS}',
  'properties.isolation.level' = 'read_committed', -- without it aborted transactions are read too
  'scan.startup.mode' = 'earliest-offset', -- a reader that starts in the middle retracts rows it has never seen
  'format' = 'avro-confluent',
  'avro-confluent.url' = '${REGISTRY_URL}'
);

-- Rows that are true, whatever is repeated, comes back or is corrected: the newest record of a row says it, since a row
-- is taken back before its correction. Not by ROW_NUMBER, which over such a table never withdraws a row.
CREATE VIEW `hyperliquid_book_deltas_live` AS SELECT
  `chain`,
  `symbol`,
  `event_time`,
  `epoch`,
  `sequence`,
  `change`,
  `bids`,
  `asks`,
  `checksum`,
  `block_number`,
  `reason`,
  `details`,
  `event_id`,
  MAX(`incarnation`) AS `incarnation`
  FROM `hyperliquid_book_deltas`
  GROUP BY
    `chain`,
    `symbol`,
    `event_time`,
    `epoch`,
    `sequence`,
    `change`,
    `bids`,
    `asks`,
    `checksum`,
    `block_number`,
    `reason`,
    `details`,
    `event_id`
  HAVING MOD(MAX(`incarnation` * 2 + CASE WHEN `sign` < 0 THEN 1 ELSE 0 END), 2) = 0;

-- delivery: low_latency repeats records, so totals are made of live rows and not of signs.
CREATE VIEW `hyperliquid_book_deltas_totals` AS SELECT
  `symbol`,
  COUNT(*) AS `n`
  FROM `hyperliquid_book_deltas_live`
  GROUP BY `symbol`;

-- A minute by FLOOR and not by an event-time window: a window that has fired drops later retractions
-- without a word. OVER by event time and interval joins are refused on a changelog.
CREATE VIEW `hyperliquid_book_deltas_per_minute` AS SELECT
  `symbol`,
  FLOOR(`event_time` TO MINUTE) AS `minute_start`,
  COUNT(*) AS `n`
  FROM `hyperliquid_book_deltas_live`
  GROUP BY FLOOR(`event_time` TO MINUTE), `symbol`;

CREATE TABLE `hyperliquid_book_tops` (
  `chain` STRING NOT NULL,
  `symbol` STRING NOT NULL,
  `event_time` TIMESTAMP(3) NOT NULL,
  `epoch` BIGINT NOT NULL,
  `sequence` BIGINT NOT NULL,
  `change` STRING NOT NULL,
  `bid_price` STRING,
  `bid_price_dec` DECIMAL(38, 18),
  `bid_quantity` STRING,
  `bid_quantity_dec` DECIMAL(38, 18),
  `bid_orders` INT,
  `ask_price` STRING,
  `ask_price_dec` DECIMAL(38, 18),
  `ask_quantity` STRING,
  `ask_quantity_dec` DECIMAL(38, 18),
  `ask_orders` INT,
  `checksum` BIGINT NOT NULL,
  `block_number` BIGINT,
  `reason` STRING,
  `details` STRING,
  `op` STRING NOT NULL,
  `sign` INT NOT NULL,
  `event_id` STRING NOT NULL,
  `incarnation` INT NOT NULL,
  `reorg_id` STRING,
  `ts_ms` BIGINT NOT NULL,
  `received_at_us` BIGINT NOT NULL,
  `published_at_us` BIGINT NOT NULL,
  `tracing_id` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'ommer.hyperliquid.book_tops',
  'properties.bootstrap.servers' = '${KAFKA_BROKERS}',
  'properties.isolation.level' = 'read_committed', -- without it aborted transactions are read too
  'scan.startup.mode' = 'earliest-offset', -- a reader that starts in the middle retracts rows it has never seen
  'format' = 'avro-confluent',
  'avro-confluent.url' = '${REGISTRY_URL}'
);

-- Rows that are true, whatever is repeated, comes back or is corrected: the newest record of a row says it, since a row
-- is taken back before its correction. Not by ROW_NUMBER, which over such a table never withdraws a row.
CREATE VIEW `hyperliquid_book_tops_live` AS SELECT
  `chain`,
  `symbol`,
  `event_time`,
  `epoch`,
  `sequence`,
  `change`,
  `bid_price`,
  `bid_price_dec`,
  `bid_quantity`,
  `bid_quantity_dec`,
  `bid_orders`,
  `ask_price`,
  `ask_price_dec`,
  `ask_quantity`,
  `ask_quantity_dec`,
  `ask_orders`,
  `checksum`,
  `block_number`,
  `reason`,
  `details`,
  `event_id`,
  MAX(`incarnation`) AS `incarnation`
  FROM `hyperliquid_book_tops`
  GROUP BY
    `chain`,
    `symbol`,
    `event_time`,
    `epoch`,
    `sequence`,
    `change`,
    `bid_price`,
    `bid_price_dec`,
    `bid_quantity`,
    `bid_quantity_dec`,
    `bid_orders`,
    `ask_price`,
    `ask_price_dec`,
    `ask_quantity`,
    `ask_quantity_dec`,
    `ask_orders`,
    `checksum`,
    `block_number`,
    `reason`,
    `details`,
    `event_id`
  HAVING MOD(MAX(`incarnation` * 2 + CASE WHEN `sign` < 0 THEN 1 ELSE 0 END), 2) = 0;

-- delivery: low_latency repeats records, so totals are made of live rows and not of signs.
CREATE VIEW `hyperliquid_book_tops_totals` AS SELECT
  `symbol`,
  COUNT(*) AS `n`
  FROM `hyperliquid_book_tops_live`
  GROUP BY `symbol`;

-- A minute by FLOOR and not by an event-time window: a window that has fired drops later retractions
-- without a word. OVER by event time and interval joins are refused on a changelog.
CREATE VIEW `hyperliquid_book_tops_per_minute` AS SELECT
  `symbol`,
  FLOOR(`event_time` TO MINUTE) AS `minute_start`,
  COUNT(*) AS `n`
  FROM `hyperliquid_book_tops_live`
  GROUP BY FLOOR(`event_time` TO MINUTE), `symbol`;

CREATE TABLE `hyperliquid_book_tops_state` (
  `chain` STRING NOT NULL,
  `symbol` STRING NOT NULL,
  `event_time` TIMESTAMP(3) NOT NULL,
  `epoch` BIGINT NOT NULL,
  `sequence` BIGINT NOT NULL,
  `change` STRING NOT NULL,
  `bid_price` STRING,
  `bid_price_dec` DECIMAL(38, 18),
  `bid_quantity` STRING,
  `bid_quantity_dec` DECIMAL(38, 18),
  `bid_orders` INT,
  `ask_price` STRING,
  `ask_price_dec` DECIMAL(38, 18),
  `ask_quantity` STRING,
  `ask_quantity_dec` DECIMAL(38, 18),
  `ask_orders` INT,
  `checksum` BIGINT NOT NULL,
  `block_number` BIGINT,
  `reason` STRING,
  `details` STRING,
  `event_id` STRING NOT NULL,
  `incarnation` INT NOT NULL,
  `ts_ms` BIGINT NOT NULL,
  PRIMARY KEY (`chain`, `symbol`) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'ommer.hyperliquid.book_tops.state',
  'properties.bootstrap.servers' = '${KAFKA_BROKERS}',
  'properties.isolation.level' = 'read_committed', -- without it aborted transactions are read too
  'key.format' = 'avro-confluent',
  'key.avro-confluent.url' = '${REGISTRY_URL}',
  'value.format' = 'avro-confluent',
  'value.avro-confluent.url' = '${REGISTRY_URL}'
);

CREATE VIEW `hyperliquid_book_tops_state_totals` AS SELECT
  `symbol`,
  COUNT(*) AS `n`
  FROM `hyperliquid_book_tops_state`
  GROUP BY `symbol`;

-- A minute by FLOOR and not by an event-time window: a window that has fired drops later retractions
-- without a word. OVER by event time and interval joins are refused on a changelog.
CREATE VIEW `hyperliquid_book_tops_state_per_minute` AS SELECT
  `symbol`,
  FLOOR(`event_time` TO MINUTE) AS `minute_start`,
  COUNT(*) AS `n`
  FROM `hyperliquid_book_tops_state`
  GROUP BY FLOOR(`event_time` TO MINUTE), `symbol`;

CREATE TABLE `lighter_trades` (
  `chain` STRING NOT NULL,
  `symbol` STRING NOT NULL,
  `event_time` TIMESTAMP(3) NOT NULL,
  `trade_id` BIGINT NOT NULL,
  `side` STRING NOT NULL,
  `leg` INT NOT NULL,
  `price` STRING NOT NULL,
  `price_dec` DECIMAL(38, 18),
  `quantity` STRING NOT NULL,
  `quantity_dec` DECIMAL(38, 18),
  `tx_hash` STRING,
  `order_id` BIGINT,
  `is_taker` BOOLEAN,
  `account` STRING,
  `users` STRING,
  `direction` STRING,
  `fee` STRING,
  `fee_token` STRING,
  `closed_pnl` STRING,
  `start_position` STRING,
  `is_liquidation` BOOLEAN,
  `finality` STRING,
  `details` STRING,
  `op` STRING NOT NULL,
  `sign` INT NOT NULL,
  `event_id` STRING NOT NULL,
  `incarnation` INT NOT NULL,
  `reorg_id` STRING,
  `ts_ms` BIGINT NOT NULL,
  `received_at_us` BIGINT NOT NULL,
  `published_at_us` BIGINT NOT NULL,
  `tracing_id` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'ommer.lighter.trades',
  'properties.bootstrap.servers' = '${KAFKA_BROKERS}',
  'properties.isolation.level' = 'read_committed', -- without it aborted transactions are read too
  'scan.startup.mode' = 'earliest-offset', -- a reader that starts in the middle retracts rows it has never seen
  'format' = 'avro-confluent',
  'avro-confluent.url' = '${REGISTRY_URL}'
);

-- Rows that are true, whatever is repeated, comes back or is corrected: the newest record of a row says it, since a row
-- is taken back before its correction. Not by ROW_NUMBER, which over such a table never withdraws a row.
CREATE VIEW `lighter_trades_live` AS SELECT
  `chain`,
  `symbol`,
  `event_time`,
  `trade_id`,
  `side`,
  `leg`,
  `price`,
  `price_dec`,
  `quantity`,
  `quantity_dec`,
  `tx_hash`,
  `order_id`,
  `is_taker`,
  `account`,
  `users`,
  `direction`,
  `fee`,
  `fee_token`,
  `closed_pnl`,
  `start_position`,
  `is_liquidation`,
  `finality`,
  `details`,
  `event_id`,
  MAX(`incarnation`) AS `incarnation`
  FROM `lighter_trades`
  GROUP BY
    `chain`,
    `symbol`,
    `event_time`,
    `trade_id`,
    `side`,
    `leg`,
    `price`,
    `price_dec`,
    `quantity`,
    `quantity_dec`,
    `tx_hash`,
    `order_id`,
    `is_taker`,
    `account`,
    `users`,
    `direction`,
    `fee`,
    `fee_token`,
    `closed_pnl`,
    `start_position`,
    `is_liquidation`,
    `finality`,
    `details`,
    `event_id`
  HAVING MOD(MAX(`incarnation` * 2 + CASE WHEN `sign` < 0 THEN 1 ELSE 0 END), 2) = 0;

-- Sums of signs. MIN, MAX and COUNT over this table would count retractions as rows: use the live rows.
-- Select no offset beside these: rows of insert and retraction would not cancel. Without the HAVING a group whose
-- rows are all retracted stays as 0.
CREATE VIEW `lighter_trades_totals` AS SELECT
  `symbol`,
  SUM(CAST(`sign` AS BIGINT)) AS `n`
  FROM `lighter_trades`
  GROUP BY `symbol`
  HAVING SUM(`sign`) <> 0;



-- A minute by FLOOR and not by an event-time window: a window that has fired drops later retractions
-- without a word. OVER by event time and interval joins are refused on a changelog.
CREATE VIEW `lighter_trades_per_minute` AS SELECT
  `symbol`,
  FLOOR(`event_time` TO MINUTE) AS `minute_start`,
  COUNT(*) AS `n`
  FROM `lighter_trades_live`
  GROUP BY FLOOR(`event_time` TO MINUTE), `symbol`;

CREATE TABLE `lighter_book_snapshots` (
  `chain` STRING NOT NULL,
  `symbol` STRING NOT NULL,
  `event_time` TIMESTAMP(3) NOT NULL,
  `epoch` BIGINT NOT NULL,
  `sequence` BIGINT NOT NULL,
  `change` STRING NOT NULL,
  `bids` ARRAY<ROW<`price` STRING, `quantity` STRING, `orders` INT>> NOT NULL,
  `asks` ARRAY<ROW<`price` STRING, `quantity` STRING, `orders` INT>> NOT NULL,
  `checksum` BIGINT NOT NULL,
  `block_number` BIGINT,
  `reason` STRING,
  `details` STRING,
  `op` STRING NOT NULL,
  `sign` INT NOT NULL,
  `event_id` STRING NOT NULL,
  `incarnation` INT NOT NULL,
  `reorg_id` STRING,
  `ts_ms` BIGINT NOT NULL,
  `received_at_us` BIGINT NOT NULL,
  `published_at_us` BIGINT NOT NULL,
  `tracing_id` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'ommer.lighter.book_snapshots',
  'properties.bootstrap.servers' = '${KAFKA_BROKERS}',
  'properties.isolation.level' = 'read_committed', -- without it aborted transactions are read too
  'scan.startup.mode' = 'earliest-offset', -- a reader that starts in the middle retracts rows it has never seen
  'format' = 'avro-confluent',
  'avro-confluent.url' = '${REGISTRY_URL}'
);

-- Rows that are true, whatever is repeated, comes back or is corrected: the newest record of a row says it, since a row
-- is taken back before its correction. Not by ROW_NUMBER, which over such a table never withdraws a row.
CREATE VIEW `lighter_book_snapshots_live` AS SELECT
  `chain`,
  `symbol`,
  `event_time`,
  `epoch`,
  `sequence`,
  `change`,
  `bids`,
  `asks`,
  `checksum`,
  `block_number`,
  `reason`,
  `details`,
  `event_id`,
  MAX(`incarnation`) AS `incarnation`
  FROM `lighter_book_snapshots`
  GROUP BY
    `chain`,
    `symbol`,
    `event_time`,
    `epoch`,
    `sequence`,
    `change`,
    `bids`,
    `asks`,
    `checksum`,
    `block_number`,
    `reason`,
    `details`,
    `event_id`
  HAVING MOD(MAX(`incarnation` * 2 + CASE WHEN `sign` < 0 THEN 1 ELSE 0 END), 2) = 0;

-- Sums of signs. MIN, MAX and COUNT over this table would count retractions as rows: use the live rows.
-- Select no offset beside these: rows of insert and retraction would not cancel. Without the HAVING a group whose
-- rows are all retracted stays as 0.
CREATE VIEW `lighter_book_snapshots_totals` AS SELECT
  `symbol`,
  SUM(CAST(`sign` AS BIGINT)) AS `n`
  FROM `lighter_book_snapshots`
  GROUP BY `symbol`
  HAVING SUM(`sign`) <> 0;



-- A minute by FLOOR and not by an event-time window: a window that has fired drops later retractions
-- without a word. OVER by event time and interval joins are refused on a changelog.
CREATE VIEW `lighter_book_snapshots_per_minute` AS SELECT
  `symbol`,
  FLOOR(`event_time` TO MINUTE) AS `minute_start`,
  COUNT(*) AS `n`
  FROM `lighter_book_snapshots_live`
  GROUP BY FLOOR(`event_time` TO MINUTE), `symbol`;

CREATE TABLE `lighter_book_snapshots_state` (
  `chain` STRING NOT NULL,
  `symbol` STRING NOT NULL,
  `event_time` TIMESTAMP(3) NOT NULL,
  `epoch` BIGINT NOT NULL,
  `sequence` BIGINT NOT NULL,
  `change` STRING NOT NULL,
  `bids` ARRAY<ROW<`price` STRING, `quantity` STRING, `orders` INT>> NOT NULL,
  `asks` ARRAY<ROW<`price` STRING, `quantity` STRING, `orders` INT>> NOT NULL,
  `checksum` BIGINT NOT NULL,
  `block_number` BIGINT,
  `reason` STRING,
  `details` STRING,
  `event_id` STRING NOT NULL,
  `incarnation` INT NOT NULL,
  `ts_ms` BIGINT NOT NULL,
  PRIMARY KEY (`chain`, `symbol`) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'ommer.lighter.book_snapshots.state',
  'properties.bootstrap.servers' = '${KAFKA_BROKERS}',
  'properties.isolation.level' = 'read_committed', -- without it aborted transactions are read too
  'key.format' = 'avro-confluent',
  'key.avro-confluent.url' = '${REGISTRY_URL}',
  'value.format' = 'avro-confluent',
  'value.avro-confluent.url' = '${REGISTRY_URL}'
);

CREATE VIEW `lighter_book_snapshots_state_totals` AS SELECT
  `symbol`,
  COUNT(*) AS `n`
  FROM `lighter_book_snapshots_state`
  GROUP BY `symbol`;

-- A minute by FLOOR and not by an event-time window: a window that has fired drops later retractions
-- without a word. OVER by event time and interval joins are refused on a changelog.
CREATE VIEW `lighter_book_snapshots_state_per_minute` AS SELECT
  `symbol`,
  FLOOR(`event_time` TO MINUTE) AS `minute_start`,
  COUNT(*) AS `n`
  FROM `lighter_book_snapshots_state`
  GROUP BY FLOOR(`event_time` TO MINUTE), `symbol`;

CREATE TABLE `lighter_book_tops` (
  `chain` STRING NOT NULL,
  `symbol` STRING NOT NULL,
  `event_time` TIMESTAMP(3) NOT NULL,
  `epoch` BIGINT NOT NULL,
  `sequence` BIGINT NOT NULL,
  `change` STRING NOT NULL,
  `bid_price` STRING,
  `bid_price_dec` DECIMAL(38, 18),
  `bid_quantity` STRING,
  `bid_quantity_dec` DECIMAL(38, 18),
  `bid_orders` INT,
  `ask_price` STRING,
  `ask_price_dec` DECIMAL(38, 18),
  `ask_quantity` STRING,
  `ask_quantity_dec` DECIMAL(38, 18),
  `ask_orders` INT,
  `checksum` BIGINT NOT NULL,
  `block_number` BIGINT,
  `reason` STRING,
  `details` STRING,
  `op` STRING NOT NULL,
  `sign` INT NOT NULL,
  `event_id` STRING NOT NULL,
  `incarnation` INT NOT NULL,
  `reorg_id` STRING,
  `ts_ms` BIGINT NOT NULL,
  `received_at_us` BIGINT NOT NULL,
  `published_at_us` BIGINT NOT NULL,
  `tracing_id` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'ommer.lighter.book_tops',
  'properties.bootstrap.servers' = '${KAFKA_BROKERS}',
  'properties.isolation.level' = 'read_committed', -- without it aborted transactions are read too
  'scan.startup.mode' = 'earliest-offset', -- a reader that starts in the middle retracts rows it has never seen
  'format' = 'avro-confluent',
  'avro-confluent.url' = '${REGISTRY_URL}'
);

-- Rows that are true, whatever is repeated, comes back or is corrected: the newest record of a row says it, since a row
-- is taken back before its correction. Not by ROW_NUMBER, which over such a table never withdraws a row.
CREATE VIEW `lighter_book_tops_live` AS SELECT
  `chain`,
  `symbol`,
  `event_time`,
  `epoch`,
  `sequence`,
  `change`,
  `bid_price`,
  `bid_price_dec`,
  `bid_quantity`,
  `bid_quantity_dec`,
  `bid_orders`,
  `ask_price`,
  `ask_price_dec`,
  `ask_quantity`,
  `ask_quantity_dec`,
  `ask_orders`,
  `checksum`,
  `block_number`,
  `reason`,
  `details`,
  `event_id`,
  MAX(`incarnation`) AS `incarnation`
  FROM `lighter_book_tops`
  GROUP BY
    `chain`,
    `symbol`,
    `event_time`,
    `epoch`,
    `sequence`,
    `change`,
    `bid_price`,
    `bid_price_dec`,
    `bid_quantity`,
    `bid_quantity_dec`,
    `bid_orders`,
    `ask_price`,
    `ask_price_dec`,
    `ask_quantity`,
    `ask_quantity_dec`,
    `ask_orders`,
    `checksum`,
    `block_number`,
    `reason`,
    `details`,
    `event_id`
  HAVING MOD(MAX(`incarnation` * 2 + CASE WHEN `sign` < 0 THEN 1 ELSE 0 END), 2) = 0;

-- Sums of signs. MIN, MAX and COUNT over this table would count retractions as rows: use the live rows.
-- Select no offset beside these: rows of insert and retraction would not cancel. Without the HAVING a group whose
-- rows are all retracted stays as 0.
CREATE VIEW `lighter_book_tops_totals` AS SELECT
  `symbol`,
  SUM(CAST(`sign` AS BIGINT)) AS `n`
  FROM `lighter_book_tops`
  GROUP BY `symbol`
  HAVING SUM(`sign`) <> 0;



-- A minute by FLOOR and not by an event-time window: a window that has fired drops later retractions
-- without a word. OVER by event time and interval joins are refused on a changelog.
CREATE VIEW `lighter_book_tops_per_minute` AS SELECT
  `symbol`,
  FLOOR(`event_time` TO MINUTE) AS `minute_start`,
  COUNT(*) AS `n`
  FROM `lighter_book_tops_live`
  GROUP BY FLOOR(`event_time` TO MINUTE), `symbol`;

CREATE TABLE `lighter_book_tops_state` (
  `chain` STRING NOT NULL,
  `symbol` STRING NOT NULL,
  `event_time` TIMESTAMP(3) NOT NULL,
  `epoch` BIGINT NOT NULL,
  `sequence` BIGINT NOT NULL,
  `change` STRING NOT NULL,
  `bid_price` STRING,
  `bid_price_dec` DECIMAL(38, 18),
  `bid_quantity` STRING,
  `bid_quantity_dec` DECIMAL(38, 18),
  `bid_orders` INT,
  `ask_price` STRING,
  `ask_price_dec` DECIMAL(38, 18),
  `ask_quantity` STRING,
  `ask_quantity_dec` DECIMAL(38, 18),
  `ask_orders` INT,
  `checksum` BIGINT NOT NULL,
  `block_number` BIGINT,
  `reason` STRING,
  `details` STRING,
  `event_id` STRING NOT NULL,
  `incarnation` INT NOT NULL,
  `ts_ms` BIGINT NOT NULL,
  PRIMARY KEY (`chain`, `symbol`) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'ommer.lighter.book_tops.state',
  'properties.bootstrap.servers' = '${KAFKA_BROKERS}',
  'properties.isolation.level' = 'read_committed', -- without it aborted transactions are read too
  'key.format' = 'avro-confluent',
  'key.avro-confluent.url' = '${REGISTRY_URL}',
  'value.format' = 'avro-confluent',
  'value.avro-confluent.url' = '${REGISTRY_URL}'
);

CREATE VIEW `lighter_book_tops_state_totals` AS SELECT
  `symbol`,
  COUNT(*) AS `n`
  FROM `lighter_book_tops_state`
  GROUP BY `symbol`;

-- A minute by FLOOR and not by an event-time window: a window that has fired drops later retractions
-- without a word. OVER by event time and interval joins are refused on a changelog.
CREATE VIEW `lighter_book_tops_state_per_minute` AS SELECT
  `symbol`,
  FLOOR(`event_time` TO MINUTE) AS `minute_start`,
  COUNT(*) AS `n`
  FROM `lighter_book_tops_state`
  GROUP BY FLOOR(`event_time` TO MINUTE), `symbol`;
