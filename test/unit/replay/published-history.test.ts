import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { InsertRecord, StoredRecord } from '../../../src/encoding/encoded-record.ts';
import {
  type HistoryReader,
  type PublishedHistoryOptions,
  publishedHistory,
} from '../../../src/replay/published-history.ts';
import {
  type MarketMessage,
  marketEvent,
  marketOrigin,
} from '../../support/market/market-datasets.ts';
import { marketEncoders } from '../../support/market/market-encoders.ts';

const { ledger, changelog } = marketEncoders('flat', 1);

function trade(id: number, timeMs: number): InsertRecord {
  const message: MarketMessage = { dataset: 'trades', symbol: 'BTC', id, timeMs, price: '1' };
  const at = { incarnation: 1, publishedAtUs: 0 };
  const [record] = ledger.insert(marketEvent(message), marketOrigin, at);
  assert.ok(record);
  return record;
}

/** One partition, in this order: backfill lies behind newer rows. */
function readerOf(records: readonly InsertRecord[]): HistoryReader {
  const log = records.map((record, offset): StoredRecord => ({ ...record, offset }));
  return {
    partitionsOf: async () => [0],
    offsets: async () => ({ latest: log.length }),
    offsetSince: async (_, timeMs) => log.find(({ timestampMs }) => timestampMs >= timeMs)?.offset,
    async *readRange({ ranges }) {
      for (const { firstOffset, lastOffset } of ranges) {
        yield log.filter(({ offset }) => offset >= firstOffset && offset <= lastOffset);
      }
    },
  };
}

function optionsOf(records: readonly InsertRecord[], rowsMax = 100): PublishedHistoryOptions {
  return {
    source: 'perps',
    topics: ['trades'],
    reader: readerOf(records),
    readChange: (record) => changelog.read(record),
    rowsMax,
    signal: new AbortController().signal,
  };
}

describe('what is published of a stretch of time', () => {
  const records = [
    trade(1, 900),
    trade(2, 1_000),
    trade(5, 3_001),
    trade(3, 2_000),
    trade(4, 3_000),
  ];

  it('are the rows of these times, wherever they lie behind the first of them', async () => {
    const range = { fromMs: 1_000, toMs: 3_000 };
    const { window, rows } = await publishedHistory(range, optionsOf(records));
    const ids = window.segments.flatMap(({ rows: held }) => held.map(({ row }) => row.eventId));
    assert.deepEqual(
      ids.map((id) => id.at(-1)),
      ['2', '3', '4'],
    );
    assert.equal(rows, 3);
  });

  it('is nothing where nothing is', async () => {
    const { window } = await publishedHistory({ fromMs: 9_000, toMs: 9_001 }, optionsOf(records));
    assert.deepEqual(window.segments, []);
  });

  it('is refused when it is more than may be held', async () => {
    await assert.rejects(publishedHistory({ fromMs: 0, toMs: 9_000 }, optionsOf(records, 4)), {
      code: 'replay.range_too_long',
    });
  });
});
