/** Prices and volumes of a span of time. A bar is of no block: it is published with the one that closes it. */
import { pool } from './entities.ts';
import { parents, tableOf } from './table.ts';

/** Widths of buckets by their names in filters: the documented ones, which begin at multiples. */
export const intervalSeconds: Readonly<Record<string, number>> = {
  '1m': 60,
  '5m': 300,
  '15m': 900,
  '30m': 1_800,
  '1h': 3_600,
  '4h': 14_400,
  '1d': 86_400,
};

const anchors = ['first', 'last']
  .map(
    (end) => `
${end}_block_number long ${end}_height
${end}_block_time time
${end}_tx_index long
${end}_log_index long`,
  )
  .join('');

const bucket = `
bucket_start time!
bucket_seconds long!`;

const pair = `${pool}${bucket}
bucket_end time
token_in hex:20!
token_out hex:20!`;

const pairKey = 'pool_uid token_in token_out bucket_start bucket_seconds';

const pairParams = `
base_token_address hex:20!
quote_token_address hex:20!`;

export const bars = {
  prices_spot_ohlc: tableOf({
    dataset: 'prices_spot_ohlc',
    id: '0404',
    aliases: [{ id: '0403', collides: false }],
    params: `${pairParams}
aggregation_interval interval -`,
    restPaths: ['/evm/prices/spot/crypto/ohlc'],
    keys: [pairKey],
    order: 'bucket_start bucket_seconds pool_uid token_in token_out',
    index: pairKey,
    heightMember: null,
    timeMember: 'bucket_start',
    members: `${pair}
open numeric
high numeric
low numeric
close numeric
volume_in_raw uint
volume_in numeric
volume_out_raw uint
volume_out numeric
trades_count long${anchors}${parents}`,
  }),
  prices_spot_vwap: tableOf({
    dataset: 'prices_spot_vwap',
    id: '0405',
    aliases: [{ id: '0501', collides: true }],
    params: pairParams,
    restPaths: ['/evm/prices/spot/crypto/vwap'],
    keys: [pairKey],
    order: 'bucket_start bucket_seconds pool_uid token_in token_out',
    index: pairKey,
    heightMember: null,
    timeMember: 'bucket_start',
    members: `${pair}
price_vwap numeric
total_volume_in_raw uint
total_volume_in numeric
total_volume_out_raw uint
total_volume_out numeric
trade_count long trades_count${anchors}${parents}`,
  }),
  prices_spot_vwap_fiat: tableOf({
    dataset: 'prices_spot_vwap_fiat',
    id: '0501',
    aliases: [
      { id: '0602', collides: false },
      { id: '0605', collides: false },
    ],
    params: `
base_token_address hex:20!
quote_currency_code text!`,
    restPaths: ['/evm/prices/spot/fiat/vwap'],
    keys: ['token_address bucket_start bucket_seconds'],
    order: 'bucket_start bucket_seconds token_address',
    index: 'token_address bucket_start bucket_seconds',
    heightMember: null,
    timeMember: 'bucket_start',
    members: `${anchors}${bucket}
token_address hex:20!
price_usd numeric
total_notional_usd numeric
hops long
sources_count long${parents}`,
  }),
};
