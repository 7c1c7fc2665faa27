-- ommer ddl --engine clickhouse
-- ${KAFKA_BROKERS} is 127.0.0.1:9092, ${REGISTRY_URL} is http://127.0.0.1:8081.
-- ClickHouse reads committed records only, by default. It delivers into its tables at least once: read with FINAL,
-- and rebuild a table whose server died between insert and commit if its engine below cannot drop repeats.
-- A record that cannot be read stops its partition and is tried for ever: see exceptions in system.kafka_consumers.

-- Not for SELECT: what is read from it is gone.
CREATE TABLE eip155_31337_token_transfers_queue (
  `chain` String,
  `height` Int64,
  `block_hash` String,
  `block_time` DateTime64(3, 'UTC'),
  `tx_hash` Nullable(String),
  `tx_index` Int64,
  `log_index` Nullable(Int64),
  `batch_index` Nullable(Int64),
  `trace_address` Nullable(String),
  `transfer_ref` String,
  `transfer_type` String,
  `token_address` Nullable(String),
  `operator_address` Nullable(String),
  `from_address` String,
  `to_address` String,
  `amount` String,
  `amount_dec` Nullable(Decimal(38, 0)),
  `token_id` Nullable(String),
  `amount_adjusted` Nullable(String),
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
  kafka_topic_list = 'ommer.eip155-31337.token_transfers',
  kafka_group_name = 'eip155_31337_token_transfers',
  kafka_format = 'AvroConfluent',
  format_avro_schema_registry_url = '${REGISTRY_URL}';

-- A retraction has the incarnation of the insert that it cancels, so the pair collapses in any order.
CREATE TABLE eip155_31337_token_transfers (
  `chain` String,
  `height` Int64,
  `block_hash` String,
  `block_time` DateTime64(3, 'UTC'),
  `tx_hash` Nullable(String),
  `tx_index` Int64,
  `log_index` Nullable(Int64),
  `batch_index` Nullable(Int64),
  `trace_address` Nullable(String),
  `transfer_ref` String,
  `transfer_type` String,
  `token_address` Nullable(String),
  `operator_address` Nullable(String),
  `from_address` String,
  `to_address` String,
  `amount` String,
  `amount_dec` Nullable(Decimal(38, 0)),
  `token_id` Nullable(String),
  `amount_adjusted` Nullable(String),
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
) ENGINE = VersionedCollapsingMergeTree(sign, incarnation) ORDER BY (chain, height, event_id);

CREATE MATERIALIZED VIEW eip155_31337_token_transfers_feed TO eip155_31337_token_transfers AS
  SELECT * FROM eip155_31337_token_transfers_queue;

-- FINAL: without it rows that are retracted but not merged yet count too.
CREATE VIEW eip155_31337_token_transfers_totals AS SELECT
  coalesce(token_address, chain) AS token_address_or_chain,
  count() AS n,
  sum(toUInt256(amount)) AS amount_total, -- exact for whole amounts. Never toInt256: it wraps
  min(amount_dec) AS amount_min,
  max(amount_dec) AS amount_max,
  countIf(amount_dec IS NULL) AS n_without_decimal -- more than 38 digits
  FROM eip155_31337_token_transfers FINAL
  GROUP BY token_address_or_chain;

CREATE VIEW eip155_31337_token_transfers_per_minute AS SELECT
  coalesce(token_address, chain) AS token_address_or_chain,
  toStartOfMinute(block_time) AS minute_start,
  count() AS n,
  sum(toUInt256(amount)) AS amount_total
  FROM eip155_31337_token_transfers FINAL
  GROUP BY token_address_or_chain, minute_start;

-- ommer.eip155-31337.token_transfers.state:
-- the Kafka engine passes tombstones over without a word, so a table fed by this topic would keep rows that are no
-- longer true. The latest row of each primary key, from the changelog instead:
CREATE VIEW eip155_31337_token_transfers_state AS SELECT * FROM eip155_31337_token_transfers FINAL
  ORDER BY height DESC, incarnation DESC
  LIMIT 1 BY chain, height, transfer_ref;

-- Not for SELECT: what is read from it is gone.
CREATE TABLE eip155_31337_token_transfers_final_queue (
  `chain` String,
  `height` Int64,
  `block_hash` String,
  `block_time` DateTime64(3, 'UTC'),
  `tx_hash` Nullable(String),
  `tx_index` Int64,
  `log_index` Nullable(Int64),
  `batch_index` Nullable(Int64),
  `trace_address` Nullable(String),
  `transfer_ref` String,
  `transfer_type` String,
  `token_address` Nullable(String),
  `operator_address` Nullable(String),
  `from_address` String,
  `to_address` String,
  `amount` String,
  `amount_dec` Nullable(Decimal(38, 0)),
  `token_id` Nullable(String),
  `amount_adjusted` Nullable(String),
  `details` Nullable(String),
  `event_id` String,
  `incarnation` UInt32,
  `ts_ms` Int64
) ENGINE = Kafka SETTINGS
  input_format_avro_allow_missing_fields = 1, -- records of an older schema lack newer columns
  kafka_broker_list = '${KAFKA_BROKERS}',
  kafka_topic_list = 'ommer.eip155-31337.token_transfers.final',
  kafka_group_name = 'eip155_31337_token_transfers_final',
  kafka_format = 'AvroConfluent',
  format_avro_schema_registry_url = '${REGISTRY_URL}';

-- Rows are never taken back. The engine drops what ClickHouse itself delivered twice.
CREATE TABLE eip155_31337_token_transfers_final (
  `chain` String,
  `height` Int64,
  `block_hash` String,
  `block_time` DateTime64(3, 'UTC'),
  `tx_hash` Nullable(String),
  `tx_index` Int64,
  `log_index` Nullable(Int64),
  `batch_index` Nullable(Int64),
  `trace_address` Nullable(String),
  `transfer_ref` String,
  `transfer_type` String,
  `token_address` Nullable(String),
  `operator_address` Nullable(String),
  `from_address` String,
  `to_address` String,
  `amount` String,
  `amount_dec` Nullable(Decimal(38, 0)),
  `token_id` Nullable(String),
  `amount_adjusted` Nullable(String),
  `details` Nullable(String),
  `event_id` String,
  `incarnation` UInt32,
  `ts_ms` Int64
) ENGINE = ReplacingMergeTree ORDER BY (chain, height, event_id);

CREATE MATERIALIZED VIEW eip155_31337_token_transfers_final_feed TO eip155_31337_token_transfers_final AS
  SELECT * FROM eip155_31337_token_transfers_final_queue;

-- FINAL: without it rows that are retracted but not merged yet count too.
CREATE VIEW eip155_31337_token_transfers_final_totals AS SELECT
  coalesce(token_address, chain) AS token_address_or_chain,
  count() AS n,
  sum(toUInt256(amount)) AS amount_total, -- exact for whole amounts. Never toInt256: it wraps
  min(amount_dec) AS amount_min,
  max(amount_dec) AS amount_max,
  countIf(amount_dec IS NULL) AS n_without_decimal -- more than 38 digits
  FROM eip155_31337_token_transfers_final FINAL
  GROUP BY token_address_or_chain;

CREATE VIEW eip155_31337_token_transfers_final_per_minute AS SELECT
  coalesce(token_address, chain) AS token_address_or_chain,
  toStartOfMinute(block_time) AS minute_start,
  count() AS n,
  sum(toUInt256(amount)) AS amount_total
  FROM eip155_31337_token_transfers_final FINAL
  GROUP BY token_address_or_chain, minute_start;

-- ommer.eip155-31337.token_transfers_cdc has the envelope debezium.
-- ClickHouse would need every column of the row in two tuples, and one added column would stop it. Give the dataset a
-- second route and read that one:
-- routes: { token_transfers_flat: { dataset: token_transfers, envelope: flat } }
