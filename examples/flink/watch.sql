-- What is true now, read in five ways, and the balance of every holder. One job: each part is a query of its own.
CREATE VIEW `moves` AS
  SELECT `token_address`, `to_address` AS `holder`, `amount_dec` AS `amount` FROM `eip155_31337_token_transfers_cdc`
    WHERE `transfer_type` = 'erc20'
  UNION ALL
  SELECT `token_address`, `from_address`, -`amount_dec` FROM `eip155_31337_token_transfers_cdc`
    WHERE `transfer_type` = 'erc20';

SELECT 'cdc' AS `view`, `token_address_or_chain` AS `of`, CAST(`n` AS STRING) AS `n`, CAST(`amount_total` AS STRING) AS `total`,
    CAST(`amount_min` AS STRING) AS `least`, CAST(`amount_max` AS STRING) AS `most`
  FROM `eip155_31337_token_transfers_cdc_totals`
UNION ALL
SELECT 'signs', `token_address_or_chain`, CAST(`n` AS STRING), CAST(`amount_total` AS STRING), '', ''
  FROM `eip155_31337_token_transfers_totals`
UNION ALL
SELECT 'live', COALESCE(`token_address`, `chain`), CAST(COUNT(*) AS STRING), CAST(SUM(`amount_dec`) AS STRING),
    CAST(MIN(`amount_dec`) AS STRING), CAST(MAX(`amount_dec`) AS STRING)
  FROM `eip155_31337_token_transfers_live` GROUP BY COALESCE(`token_address`, `chain`)
UNION ALL
SELECT 'state', `token_address_or_chain`, CAST(`n` AS STRING), CAST(`amount_total` AS STRING),
    CAST(`amount_min` AS STRING), CAST(`amount_max` AS STRING)
  FROM `eip155_31337_token_transfers_state_totals`
UNION ALL
SELECT 'final', `token_address_or_chain`, CAST(`n` AS STRING), CAST(`amount_total` AS STRING),
    CAST(`amount_min` AS STRING), CAST(`amount_max` AS STRING)
  FROM `eip155_31337_token_transfers_final_totals`
UNION ALL
SELECT 'minutes', `token_address_or_chain` || ' ' || DATE_FORMAT(`minute_start`, 'yyyy-MM-dd''T''HH:mm:ss''Z'''), CAST(`n` AS STRING),
    CAST(`amount_total` AS STRING), '', ''
  FROM `eip155_31337_token_transfers_cdc_per_minute`
UNION ALL
SELECT 'balances', `token_address` || ' ' || `holder`, '', CAST(SUM(`amount`) AS STRING), '', ''
  FROM `moves` WHERE `holder` <> '0x0000000000000000000000000000000000000000' GROUP BY `token_address`, `holder`;
