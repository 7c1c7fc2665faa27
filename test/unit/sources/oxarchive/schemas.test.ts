/** Rows fit the schemas of their datasets: every column is there, and every value comes back. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { avroType } from '../../../../src/encoding/avro-schema.ts';
import { ByteWriter } from '../../../../src/encoding/byte-writer.ts';
import { loadDataset } from '../../../../src/encoding/dataset.ts';
import { RowEncoder } from '../../../../src/encoding/row-encoder.ts';
import type { Origin } from '../../../../src/model/event.ts';
import { bookDatasets } from '../../../../src/sources/oxarchive/books/book-rows.ts';
import { L2Book } from '../../../../src/sources/oxarchive/books/l2-book.ts';
import { oxarchiveChannels } from '../../../../src/sources/oxarchive/channels.ts';
import type { OxarchiveMessage } from '../../../../src/sources/oxarchive/messages.ts';
import { readCandles } from '../../../../src/sources/oxarchive/wire/candles.ts';
import { readContexts } from '../../../../src/sources/oxarchive/wire/contexts.ts';
import { readOrderDiffs, readOrders } from '../../../../src/sources/oxarchive/wire/orders.ts';
import {
  readMempool,
  readSettlement,
  readTickers,
} from '../../../../src/sources/oxarchive/wire/others.ts';
import { readLiquidations, readTrades } from '../../../../src/sources/oxarchive/wire/trades.ts';
import { contextOf } from './wire-context.ts';

const origin: Origin = {
  chain: 'hyperliquid',
  source: 'oxa',
  height: 0,
  blockHash: 'oxarchive',
  blockTimeMs: 0,
  isBackfill: false,
  receivedAtUs: 1_790_000_092_004_000,
};
const context = contextOf({ venue: 'hyperliquid', symbol: 'ETH', channel: 'any' });
const time = 1_790_000_000_110;
const fill = { side: 'A', px: '0.10', sz: '3', time, tid: 5, users: ['0x1', '0x2'] };
const place = { timestamp: time, block_number: 12, seq: 3, oid: 9, user: '0x1', side: 'B' };
const book = {
  timeMs: time,
  bids: [{ price: '100', quantity: '2', orders: 1 }],
  asks: [],
  blockNumber: 12,
};
const l2 = new L2Book({ symbol: 'ETH', datasets: new Set(bookDatasets), snapshotEveryMs: 0 });

/** At least one of every dataset. */
const messages: readonly OxarchiveMessage[] = [
  ...readTrades([{ ...fill, extra: 1 }], context).messages,
  ...readLiquidations([fill], context).messages,
  ...readContexts({ ctx: { funding: '-0.1', openInterest: '5', impactPxs: ['1', '2'] } }, context)
    .messages,
  ...readCandles(
    [{ timestamp: time, open: 1, high: 2.5, low: 1e-7, close: '2', volume: '0' }],
    context,
    '1m',
  ).messages,
  ...l2.accept(book, 1_790_000_000_200_000).rows,
  ...l2.unsafe('stalled', { eventTimeMs: time, receivedAtUs: 1, blockNumber: null }).rows,
  ...readOrderDiffs([{ ...place, price: 100.5, diff_type: 'new', new_size: 2 }], context).messages,
  ...readOrders([{ ...place, status: 'open', limit_price: 100.5 }], context).messages,
  {
    dataset: 'order_snapshots',
    symbol: 'ETH',
    eventTimeMs: time,
    channel: 'l4_diffs',
    blockNumber: 12,
    chunkIndex: 0,
    chunkCount: 1,
    bids: [{ orderId: 9, account: null, price: '100', quantity: '2' }],
    asks: [],
    details: null,
  },
  ...readTickers({ coin: 'ETH', price: 1 }, context).messages,
  ...readMempool([{ signature: { r: '0x1', s: '0x2', v: 27 } }], context).messages,
  ...readSettlement({ coin: 'ETH', outcome_id: 5, side: 1 }, context).messages,
];

describe('rows', () => {
  it('are made of every dataset', () => {
    const datasets = new Set(messages.map(({ dataset }) => dataset));
    assert.deepEqual([...datasets].sort(), Object.keys(oxarchiveChannels).sort());
  });

  it('have the columns of their schema, and come back as they were', () => {
    const out = new ByteWriter();
    for (const message of messages) {
      const channel = oxarchiveChannels[message.dataset];
      const dataset = loadDataset(`oxarchive/${message.dataset}`);
      assert.deepEqual(channel.subjects, [dataset.subject]);
      const [event] = channel.normalize(message, origin);
      assert.ok(event);
      const columns = dataset.row.fields.map(({ name }) => name);
      const own = columns.filter((name) => !name.endsWith('_dec'));
      assert.deepEqual(Object.keys(event.row), own, message.dataset);
      new RowEncoder(dataset).encode(event.row, out);
      const read: Record<string, unknown> = avroType(dataset.row).fromBuffer(out.take());
      for (const name of own) {
        assert.deepEqual(plain(read[name]), plain(event.row[name]), `${message.dataset}.${name}`);
      }
    }
  });
});

/** Decoded records have a class of their own. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}
