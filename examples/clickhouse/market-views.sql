-- Views over the tables of market.sql: trades of two venues at once, and books that may be trusted.

-- A trade has a row for each side: both would be twice its volume.
CREATE VIEW trades AS
  SELECT chain, symbol, event_time, price_dec, quantity_dec FROM hyperliquid_trades FINAL WHERE side = 'buy'
  UNION ALL
  SELECT chain, symbol, event_time, price_dec, quantity_dec FROM lighter_trades FINAL WHERE side = 'buy';

-- Of two Decimal(38, 18) the product has no room: 256 bits have.
CREATE VIEW trades_per_minute AS SELECT
  chain,
  symbol,
  toStartOfMinute(event_time) AS minute_start,
  count() AS n,
  sum(quantity_dec) AS volume,
  sum(toDecimal256(price_dec, 18) * toDecimal256(quantity_dec, 18)) AS turnover,
  min(price_dec) AS low,
  max(price_dec) AS high
  FROM trades
  GROUP BY chain, symbol, minute_start;

CREATE VIEW volumes AS SELECT chain, symbol, count() AS n, sum(quantity_dec) AS volume
  FROM trades
  GROUP BY chain, symbol;

-- The newest row of each book. An unsafe row ends the trust in what was before it, so the book has no row here.
CREATE VIEW tops AS
  SELECT chain, symbol, bid_price, bid_quantity, ask_price, ask_quantity
    FROM hyperliquid_book_tops_state WHERE change = 'snapshot'
  UNION ALL
  SELECT chain, symbol, bid_price, bid_quantity, ask_price, ask_quantity
    FROM lighter_book_tops_state WHERE change = 'snapshot';

-- What rests on the bids of a whole book. Levels are an array of tuples.
CREATE VIEW depths AS SELECT chain, symbol, length(bids) AS n, arraySum(bid -> toDecimal128(bid.quantity, 18), bids) AS resting
  FROM lighter_book_snapshots_state
  WHERE change = 'snapshot';
