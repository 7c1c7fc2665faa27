-- What is true now of trades and books, over two venues at once. One job: each part is a query of its own.
CREATE VIEW `trades` AS
  SELECT `chain`, `symbol`, `event_time`, `price_dec`, `quantity_dec` FROM `hyperliquid_trades_live`
    WHERE `side` = 'buy' -- a trade has a row for each side: both would be twice its volume
  UNION ALL
  SELECT `chain`, `symbol`, `event_time`, `price_dec`, `quantity_dec` FROM `lighter_trades_live`
    WHERE `side` = 'buy';

-- DECIMAL(38, 18) times itself would keep 6 digits behind the point, without an error: narrower ones keep 16.
CREATE VIEW `trades_per_minute` AS SELECT
  `chain`,
  `symbol`,
  FLOOR(`event_time` TO MINUTE) AS `minute_start`,
  COUNT(*) AS `n`,
  SUM(`quantity_dec`) AS `volume`,
  SUM(CAST(`price_dec` AS DECIMAL(18, 8)) * CAST(`quantity_dec` AS DECIMAL(18, 8))) AS `turnover`,
  MIN(`price_dec`) AS `low`,
  MAX(`price_dec`) AS `high`
  FROM `trades`
  GROUP BY `chain`, `symbol`, FLOOR(`event_time` TO MINUTE);

-- The same by signs, for a topic without repeats (exactly_once): what was corrected is subtracted.
CREATE VIEW `volumes` AS SELECT
  `chain`,
  `symbol`,
  SUM(CAST(`sign` AS BIGINT)) AS `n`,
  SUM(CASE WHEN `sign` > 0 THEN `quantity_dec` ELSE -`quantity_dec` END) AS `volume`
  FROM `lighter_trades`
  WHERE `side` = 'buy'
  GROUP BY `chain`, `symbol`
  HAVING SUM(`sign`) <> 0;

-- The newest row of each book. An unsafe row ends the trust in what was before it, so the book has no row here.
CREATE VIEW `tops` AS
  SELECT `chain`, `symbol`, `bid_price`, `bid_quantity`, `ask_price`, `ask_quantity`
    FROM `hyperliquid_book_tops_state` WHERE `change` = 'snapshot'
  UNION ALL
  SELECT `chain`, `symbol`, `bid_price`, `bid_quantity`, `ask_price`, `ask_quantity`
    FROM `lighter_book_tops_state` WHERE `change` = 'snapshot';

-- What rests on the bids of a whole book. Levels are an array of rows.
CREATE VIEW `depths` AS SELECT `chain`, `symbol`, COUNT(*) AS `n`, SUM(CAST(`level`.`quantity` AS DECIMAL(38, 18))) AS `resting`
  FROM `lighter_book_snapshots_state`
  CROSS JOIN UNNEST(`bids`) AS `level` (`price`, `quantity`, `orders`)
  WHERE `change` = 'snapshot'
  GROUP BY `chain`, `symbol`;

SELECT 'minutes' AS `view`,
    `chain` || ' ' || `symbol` || ' ' || DATE_FORMAT(`minute_start`, 'yyyy-MM-dd''T''HH:mm:ss''Z''') AS `of`,
    CAST(`n` AS STRING) AS `n`, CAST(`volume` AS STRING) AS `a`, CAST(`turnover` AS STRING) AS `b`,
    CAST(`low` AS STRING) AS `c`, CAST(`high` AS STRING) AS `d`
  FROM `trades_per_minute`
UNION ALL
SELECT 'volumes', `chain` || ' ' || `symbol`, CAST(`n` AS STRING), CAST(`volume` AS STRING), '', '', ''
  FROM `volumes`
UNION ALL
SELECT 'tops', `chain` || ' ' || `symbol`, COALESCE(`bid_price`, ''), COALESCE(`bid_quantity`, ''),
    COALESCE(`ask_price`, ''), COALESCE(`ask_quantity`, ''), ''
  FROM `tops`
UNION ALL
SELECT 'depths', `chain` || ' ' || `symbol`, CAST(`n` AS STRING), CAST(`resting` AS STRING), '', '', ''
  FROM `depths`;
