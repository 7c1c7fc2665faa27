/** Judges the made-up venue's topics by themselves: what a reader makes of them must be what was told. */
import assert from 'node:assert/strict';
import { avroType } from '../../../src/encoding/avro-schema.ts';
import type { Dataset } from '../../../src/encoding/dataset.ts';
import { valueSchema } from '../../../src/encoding/envelope.ts';
import type { SimulatedKafka, TableRecord } from '../simulation/kafka.ts';
import { books, type MarketMessage, trades } from './market-datasets.ts';

export type Delivery = 'exactly_once' | 'low_latency';

interface Value {
  readonly symbol: string;
  readonly price: string;
  readonly event_id: string;
  readonly incarnation: number;
  readonly op: string;
  readonly reorg_id: string | null;
}

function reader(dataset: Dataset, envelope: 'flat' | 'upsert') {
  const type = avroType(valueSchema(dataset, envelope));
  return ({ value }: TableRecord): Value => {
    assert.ok(value);
    return type.fromBuffer(value.subarray(5));
  };
}

const rowType = avroType(trades.row);
const readTrade = reader(trades, 'flat');
const readBook = reader(books, 'flat');
const readTradeRow = reader(trades, 'upsert');
const readBookRow = reader(books, 'upsert');

/** Bytes of the row: what stands before `op`. */
function rowBytes({ value }: TableRecord, of: Value): Buffer {
  assert.ok(value);
  return rowType.toBuffer({ ...of });
}

/** Each row once, retracted exactly before another takes its place, and live is what was told last. */
export function assertTrades(
  kafka: SimulatedKafka,
  told: ReadonlyMap<number, MarketMessage>,
  delivery: Delivery,
): void {
  const live = new Map<string, { record: TableRecord; value: Value }>();
  const incarnations = new Map<string, number>();
  const prices = new Map<string, string>();
  for (const record of kafka.readTable('trades')) {
    const value = readTrade(record);
    const { event_id: id, incarnation, op } = value;
    const before = live.get(id);
    if (op === 'd') {
      assert.ok(before, `${id} is retracted and does not live`);
      assert.equal(incarnation, before.value.incarnation);
      assert.equal(value.reorg_id, `${id}/correction/${incarnation + 1}`);
      assert.deepEqual(rowBytes(record, value), rowBytes(before.record, before.value));
      assert.deepEqual(place(record), place(before.record));
      live.delete(id);
    } else {
      assert.equal(before, undefined, `${id} is inserted twice`);
      assert.equal(incarnation, (incarnations.get(id) ?? 0) + 1, `incarnation of ${id}`);
      // A crash between a retraction and what follows it may bring the old form back for a while.
      if (delivery === 'exactly_once')
        assert.notEqual(value.price, prices.get(id), `${id} changed`);
      incarnations.set(id, incarnation);
      prices.set(id, value.price);
      live.set(id, { record, value });
    }
  }
  const found = [...live.values()].map(({ value }) => `${value.event_id}=${value.price}`);
  const expected = [...told.values()].map(({ symbol, id, price }) => {
    return `venue/tape/trades/${symbol}/${id}=${price}`;
  });
  assert.deepEqual(found.sort(), expected.sort());
}

function place({ topic, partition, key, timestampMs }: TableRecord) {
  return { topic, partition, key, timestampMs };
}

/** A dataset without corrections: nothing is looked at, nothing is taken back. */
export function assertBooks(
  kafka: SimulatedKafka,
  told: readonly MarketMessage[],
  delivery: Delivery,
): void {
  const values = kafka.readTable('books').map(readBook);
  assert.ok(values.every(({ op }) => op !== 'd'));
  if (delivery === 'exactly_once') assert.equal(values.length, told.length, 'each book once');
  const found = new Set(values.map(({ event_id: id }) => id));
  assert.deepEqual(
    found,
    new Set(told.map(({ symbol, id }) => `venue/tape/books/${symbol}/${id}`)),
  );
}

/** The compacted view: every trade as it was told last, and the last book of each symbol. */
export function assertState(
  kafka: SimulatedKafka,
  told: ReadonlyMap<number, MarketMessage>,
  toldBooks: readonly MarketMessage[],
): void {
  const rows = compacted(kafka, 'trades.state').map(readTradeRow);
  const found = rows.map(({ event_id: id, price }) => `${id}=${price}`);
  const expected = [...told.values()].map(
    ({ symbol, id, price }) => `venue/tape/trades/${symbol}/${id}=${price}`,
  );
  assert.deepEqual(found.sort(), expected.sort());
  const latest = compacted(kafka, 'books.state').map(readBookRow);
  const lastBooks = new Map(toldBooks.map(({ symbol, price }) => [symbol, price]));
  assert.deepEqual(new Map(latest.map(({ symbol, price }) => [symbol, price])), lastBooks);
}

function compacted(kafka: SimulatedKafka, topic: string): TableRecord[] {
  const rows = new Map<string, TableRecord>();
  for (const record of kafka.readTable(topic)) {
    const key = `${record.partition}/${record.key.toString('latin1')}`;
    if (record.value === null) rows.delete(key);
    else rows.set(key, record);
  }
  return [...rows.values()];
}

/** Final rows are there once and as they were told last: what may be corrected is not among them. */
export function assertFinal(kafka: SimulatedKafka, told: ReadonlyMap<number, MarketMessage>): void {
  const prices = new Map(
    [...told.values()].map(({ symbol, id, price }) => [`${symbol}/${id}`, price]),
  );
  const seen = new Set<string>();
  for (const record of kafka.readTable('trades.final')) {
    const { event_id: id, price } = readTradeRow(record);
    assert.ok(!seen.has(id), `${id} is final twice`);
    seen.add(id);
    assert.equal(price, prices.get(id.slice('venue/tape/trades/'.length)), `final price of ${id}`);
  }
}
