-- ommer ddl --engine flink
-- ${KAFKA_BROKERS} is 127.0.0.1:9092, ${REGISTRY_URL} is http://127.0.0.1:8081.
-- For Flink 2.0 or newer with flink-sql-connector-kafka 4.0 or newer: with older ones a bounded read of a
-- transactional topic never ends. SET is for the SQL client: a program uses TableConfig.set.
SET 'table.local-time-zone' = 'UTC';
-- State of an unwindowed aggregate grows for ever. To bound it set table.exec.state.ttl to more than finality takes:
-- a retraction finds nothing to take back once its row is forgotten.

CREATE TABLE `eip155_31337_token_transfers` (
  `chain` STRING NOT NULL,
  `height` BIGINT NOT NULL,
  `block_hash` STRING NOT NULL,
  `block_time` TIMESTAMP(3) NOT NULL,
  `tx_hash` STRING,
  `tx_index` BIGINT NOT NULL,
  `log_index` BIGINT,
  `batch_index` BIGINT,
  `trace_address` STRING,
  `transfer_ref` STRING NOT NULL,
  `transfer_type` STRING NOT NULL,
  `token_address` STRING,
  `operator_address` STRING,
  `from_address` STRING NOT NULL,
  `to_address` STRING NOT NULL,
  `amount` STRING NOT NULL,
  `amount_dec` DECIMAL(38, 0),
  `token_id` STRING,
  `amount_adjusted` STRING,
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
  'topic' = 'ommer.eip155-31337.token_transfers',
  'properties.bootstrap.servers' = '${KAFKA_BROKERS}',
  'properties.isolation.level' = 'read_committed', -- without it aborted transactions are read too
  'scan.startup.mode' = 'earliest-offset', -- a reader that starts in the middle retracts rows it has never seen
  'format' = 'avro-confluent',
  'avro-confluent.url' = '${REGISTRY_URL}'
);

-- Rows that are true, whatever is repeated, comes back or is corrected: the newest record of a row says it, since a row
-- is taken back before its correction. Not by ROW_NUMBER, which over such a table never withdraws a row.
CREATE VIEW `eip155_31337_token_transfers_live` AS SELECT
  `chain`,
  `height`,
  `block_hash`,
  `block_time`,
  `tx_hash`,
  `tx_index`,
  `log_index`,
  `batch_index`,
  `trace_address`,
  `transfer_ref`,
  `transfer_type`,
  `token_address`,
  `operator_address`,
  `from_address`,
  `to_address`,
  `amount`,
  `amount_dec`,
  `token_id`,
  `amount_adjusted`,
  `details`,
  `event_id`,
  MAX(`incarnation`) AS `incarnation`
  FROM `eip155_31337_token_transfers`
  GROUP BY
    `chain`,
    `height`,
    `block_hash`,
    `block_time`,
    `tx_hash`,
    `tx_index`,
    `log_index`,
    `batch_index`,
    `trace_address`,
    `transfer_ref`,
    `transfer_type`,
    `token_address`,
    `operator_address`,
    `from_address`,
    `to_address`,
    `amount`,
    `amount_dec`,
    `token_id`,
    `amount_adjusted`,
    `details`,
    `event_id`
  HAVING MOD(MAX(`incarnation` * 2 + CASE WHEN `sign` < 0 THEN 1 ELSE 0 END), 2) = 0;

-- Sums of signs. MIN, MAX and COUNT over this table would count retractions as rows: use the live rows.
-- Select no offset beside these: rows of insert and retraction would not cancel. Without the HAVING a group whose
-- rows are all retracted stays as 0.
-- A total of more than 38 digits is NULL, and wrong once a row of it is retracted. A CAST of the decimal string
-- stops the job where it does not fit, TRY_CAST gives NULL.
CREATE VIEW `eip155_31337_token_transfers_totals` AS SELECT
  COALESCE(`token_address`, `chain`) AS `token_address_or_chain`,
  SUM(CAST(`sign` AS BIGINT)) AS `n`,
  SUM(CASE WHEN `sign` > 0 THEN `amount_dec` ELSE -`amount_dec` END) AS `amount_total`, -- never SUM(sign * x): it loses digits without an error
  SUM(CASE WHEN `amount_dec` IS NULL THEN `sign` ELSE 0 END) AS `n_without_amount` -- rows of more than 38 digits, which the total leaves out
  FROM `eip155_31337_token_transfers`
  GROUP BY COALESCE(`token_address`, `chain`)
  HAVING SUM(`sign`) <> 0;

CREATE VIEW `eip155_31337_token_transfers_extremes` AS SELECT
  COALESCE(`token_address`, `chain`) AS `token_address_or_chain`,
  MIN(`amount_dec`) AS `amount_min`,
  MAX(`amount_dec`) AS `amount_max`
  FROM `eip155_31337_token_transfers_live`
  GROUP BY COALESCE(`token_address`, `chain`);

-- A minute by FLOOR and not by an event-time window: a window that has fired drops later retractions
-- without a word. OVER by event time and interval joins are refused on a changelog.
CREATE VIEW `eip155_31337_token_transfers_per_minute` AS SELECT
  COALESCE(`token_address`, `chain`) AS `token_address_or_chain`,
  FLOOR(`block_time` TO MINUTE) AS `minute_start`,
  COUNT(*) AS `n`,
  SUM(`amount_dec`) AS `amount_total`
  FROM `eip155_31337_token_transfers_live`
  GROUP BY FLOOR(`block_time` TO MINUTE), COALESCE(`token_address`, `chain`);

CREATE TABLE `eip155_31337_token_transfers_state` (
  `chain` STRING NOT NULL,
  `height` BIGINT NOT NULL,
  `block_hash` STRING NOT NULL,
  `block_time` TIMESTAMP(3) NOT NULL,
  `tx_hash` STRING,
  `tx_index` BIGINT NOT NULL,
  `log_index` BIGINT,
  `batch_index` BIGINT,
  `trace_address` STRING,
  `transfer_ref` STRING NOT NULL,
  `transfer_type` STRING NOT NULL,
  `token_address` STRING,
  `operator_address` STRING,
  `from_address` STRING NOT NULL,
  `to_address` STRING NOT NULL,
  `amount` STRING NOT NULL,
  `amount_dec` DECIMAL(38, 0),
  `token_id` STRING,
  `amount_adjusted` STRING,
  `details` STRING,
  `event_id` STRING NOT NULL,
  `incarnation` INT NOT NULL,
  `ts_ms` BIGINT NOT NULL,
  PRIMARY KEY (`chain`, `height`, `transfer_ref`) NOT ENFORCED
) WITH (
  'connector' = 'upsert-kafka',
  'topic' = 'ommer.eip155-31337.token_transfers.state',
  'properties.bootstrap.servers' = '${KAFKA_BROKERS}',
  'properties.isolation.level' = 'read_committed', -- without it aborted transactions are read too
  'key.format' = 'avro-confluent',
  'key.avro-confluent.url' = '${REGISTRY_URL}',
  'value.format' = 'avro-confluent',
  'value.avro-confluent.url' = '${REGISTRY_URL}'
);

-- A total of more than 38 digits is NULL, and wrong once a row of it is retracted. A CAST of the decimal string
-- stops the job where it does not fit, TRY_CAST gives NULL.
CREATE VIEW `eip155_31337_token_transfers_state_totals` AS SELECT
  COALESCE(`token_address`, `chain`) AS `token_address_or_chain`,
  COUNT(*) AS `n`,
  SUM(`amount_dec`) AS `amount_total`,
  MIN(`amount_dec`) AS `amount_min`,
  MAX(`amount_dec`) AS `amount_max`,
  COUNT(*) - COUNT(`amount_dec`) AS `n_without_amount` -- rows of more than 38 digits, which the total leaves out
  FROM `eip155_31337_token_transfers_state`
  GROUP BY COALESCE(`token_address`, `chain`);

-- A minute by FLOOR and not by an event-time window: a window that has fired drops later retractions
-- without a word. OVER by event time and interval joins are refused on a changelog.
CREATE VIEW `eip155_31337_token_transfers_state_per_minute` AS SELECT
  COALESCE(`token_address`, `chain`) AS `token_address_or_chain`,
  FLOOR(`block_time` TO MINUTE) AS `minute_start`,
  COUNT(*) AS `n`,
  SUM(`amount_dec`) AS `amount_total`
  FROM `eip155_31337_token_transfers_state`
  GROUP BY FLOOR(`block_time` TO MINUTE), COALESCE(`token_address`, `chain`);

CREATE TABLE `eip155_31337_token_transfers_final` (
  `chain` STRING NOT NULL,
  `height` BIGINT NOT NULL,
  `block_hash` STRING NOT NULL,
  `block_time` TIMESTAMP(3) NOT NULL,
  `tx_hash` STRING,
  `tx_index` BIGINT NOT NULL,
  `log_index` BIGINT,
  `batch_index` BIGINT,
  `trace_address` STRING,
  `transfer_ref` STRING NOT NULL,
  `transfer_type` STRING NOT NULL,
  `token_address` STRING,
  `operator_address` STRING,
  `from_address` STRING NOT NULL,
  `to_address` STRING NOT NULL,
  `amount` STRING NOT NULL,
  `amount_dec` DECIMAL(38, 0),
  `token_id` STRING,
  `amount_adjusted` STRING,
  `details` STRING,
  `event_id` STRING NOT NULL,
  `incarnation` INT NOT NULL,
  `ts_ms` BIGINT NOT NULL,
  WATERMARK FOR `block_time` AS `block_time` - INTERVAL '1' SECOND
) WITH (
  'connector' = 'kafka',
  'topic' = 'ommer.eip155-31337.token_transfers.final',
  'properties.bootstrap.servers' = '${KAFKA_BROKERS}',
  'properties.isolation.level' = 'read_committed', -- without it aborted transactions are read too
  'scan.startup.mode' = 'earliest-offset', -- a reader that starts in the middle retracts rows it has never seen
  'scan.watermark.idle-timeout' = '1 min', -- else a partition without rows holds every window back
  'format' = 'avro-confluent',
  'avro-confluent.url' = '${REGISTRY_URL}'
);

-- A total of more than 38 digits is NULL, and wrong once a row of it is retracted. A CAST of the decimal string
-- stops the job where it does not fit, TRY_CAST gives NULL.
CREATE VIEW `eip155_31337_token_transfers_final_totals` AS SELECT
  COALESCE(`token_address`, `chain`) AS `token_address_or_chain`,
  COUNT(*) AS `n`,
  SUM(`amount_dec`) AS `amount_total`,
  MIN(`amount_dec`) AS `amount_min`,
  MAX(`amount_dec`) AS `amount_max`,
  COUNT(*) - COUNT(`amount_dec`) AS `n_without_amount` -- rows of more than 38 digits, which the total leaves out
  FROM `eip155_31337_token_transfers_final`
  GROUP BY COALESCE(`token_address`, `chain`);

CREATE VIEW `eip155_31337_token_transfers_final_per_minute` AS SELECT
  COALESCE(`token_address`, `chain`) AS `token_address_or_chain`,
  `window_start`,
  COUNT(*) AS `n`,
  SUM(`amount_dec`) AS `amount_total`
  FROM TABLE(TUMBLE(TABLE `eip155_31337_token_transfers_final`, DESCRIPTOR(`block_time`), INTERVAL '1' MINUTE))
  GROUP BY `window_start`, `window_end`, COALESCE(`token_address`, `chain`);

CREATE TABLE `eip155_31337_token_transfers_cdc` (
  `chain` STRING NOT NULL,
  `height` BIGINT NOT NULL,
  `block_hash` STRING NOT NULL,
  `block_time` TIMESTAMP(3) NOT NULL,
  `tx_hash` STRING,
  `tx_index` BIGINT NOT NULL,
  `log_index` BIGINT,
  `batch_index` BIGINT,
  `trace_address` STRING,
  `transfer_ref` STRING NOT NULL,
  `transfer_type` STRING NOT NULL,
  `token_address` STRING,
  `operator_address` STRING,
  `from_address` STRING NOT NULL,
  `to_address` STRING NOT NULL,
  `amount` STRING NOT NULL,
  `amount_dec` DECIMAL(38, 0),
  `token_id` STRING,
  `amount_adjusted` STRING,
  `details` STRING
) WITH (
  'connector' = 'kafka',
  'topic' = 'ommer.eip155-31337.token_transfers_cdc',
  'properties.bootstrap.servers' = '${KAFKA_BROKERS}',
  'properties.isolation.level' = 'read_committed', -- without it aborted transactions are read too
  'scan.startup.mode' = 'earliest-offset', -- a reader that starts in the middle retracts rows it has never seen
  'format' = 'debezium-avro-confluent',
  'debezium-avro-confluent.url' = '${REGISTRY_URL}'
);

-- The fields of the envelope itself, one row per record: which reorg took back how much. Not for sums of rows.
CREATE TABLE `eip155_31337_token_transfers_cdc_envelope` (
  `op` STRING NOT NULL,
  `ts_ms` BIGINT NOT NULL,
  `sign` INT NOT NULL,
  `event_id` STRING NOT NULL,
  `incarnation` INT NOT NULL,
  `reorg` ROW<`id` STRING, `depth` INT, `common_ancestor_height` BIGINT, `common_ancestor_hash` STRING, `reason` STRING>,
  `tracing_id` STRING,
  `received_at_us` BIGINT NOT NULL,
  `published_at_us` BIGINT NOT NULL
) WITH (
  'connector' = 'kafka',
  'topic' = 'ommer.eip155-31337.token_transfers_cdc',
  'properties.bootstrap.servers' = '${KAFKA_BROKERS}',
  'properties.isolation.level' = 'read_committed', -- without it aborted transactions are read too
  'scan.startup.mode' = 'earliest-offset', -- a reader that starts in the middle retracts rows it has never seen
  'format' = 'avro-confluent',
  'avro-confluent.url' = '${REGISTRY_URL}'
);

-- A total of more than 38 digits is NULL, and wrong once a row of it is retracted. A CAST of the decimal string
-- stops the job where it does not fit, TRY_CAST gives NULL.
CREATE VIEW `eip155_31337_token_transfers_cdc_totals` AS SELECT
  COALESCE(`token_address`, `chain`) AS `token_address_or_chain`,
  COUNT(*) AS `n`,
  SUM(`amount_dec`) AS `amount_total`,
  MIN(`amount_dec`) AS `amount_min`,
  MAX(`amount_dec`) AS `amount_max`,
  COUNT(*) - COUNT(`amount_dec`) AS `n_without_amount` -- rows of more than 38 digits, which the total leaves out
  FROM `eip155_31337_token_transfers_cdc`
  GROUP BY COALESCE(`token_address`, `chain`);

-- A minute by FLOOR and not by an event-time window: a window that has fired drops later retractions
-- without a word. OVER by event time and interval joins are refused on a changelog.
CREATE VIEW `eip155_31337_token_transfers_cdc_per_minute` AS SELECT
  COALESCE(`token_address`, `chain`) AS `token_address_or_chain`,
  FLOOR(`block_time` TO MINUTE) AS `minute_start`,
  COUNT(*) AS `n`,
  SUM(`amount_dec`) AS `amount_total`
  FROM `eip155_31337_token_transfers_cdc`
  GROUP BY FLOOR(`block_time` TO MINUTE), COALESCE(`token_address`, `chain`);
