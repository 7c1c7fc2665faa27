-- Views over the tables of market.sql. They need its SET lines, in the same session.

-- A trade has a row for each side: both would be twice its volume. From the newest record of each key, since a topic
-- of delivery: low_latency repeats records.
CREATE TABLE hyperliquid_volumes AS SELECT
  symbol,
  COUNT(*) AS n,
  SUM(CAST(quantity_dec AS DECIMAL(60, 18))) AS volume
  FROM hyperliquid_trades_by_key
  WHERE op <> 'd' AND side = 'buy'
  GROUP BY symbol
  HAVING COUNT(*) > 0
  EMIT CHANGES;

-- By signs, per minute, for a topic without repeats (exactly_once): what was corrected is subtracted. The record time is
-- the time of the trade, of a retraction too. GRACE must exceed the time in which a venue corrects and holes are filled.
CREATE TABLE lighter_volumes_per_minute AS SELECT
  symbol,
  SUM(CAST(sign AS BIGINT)) AS n,
  SUM(sign * quantity_dec) AS volume
  FROM lighter_trades
  WINDOW TUMBLING (SIZE 1 MINUTE, RETENTION 7 DAYS, GRACE PERIOD 48 HOURS)
  WHERE side = 'buy'
  GROUP BY symbol
  HAVING SUM(sign) > 0
  EMIT CHANGES;

-- The newest row of each book. An unsafe row ends the trust in what was before it, so the book has no row here.
CREATE TABLE hyperliquid_tops AS SELECT
  chain,
  dataset,
  symbol,
  bid_price,
  bid_quantity,
  ask_price,
  ask_quantity
  FROM hyperliquid_book_tops_state
  WHERE change = 'snapshot'
  EMIT CHANGES;
