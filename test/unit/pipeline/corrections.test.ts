/** What a ledger makes of rows that come again or are corrected, and what a restart refuses. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PipelineError } from '../../../src/model/errors.ts';
import type { Ledger } from '../../../src/pipeline/ledger.ts';
import type { BatchTally } from '../../../src/pipeline/ledger-encoders.ts';
import { restore } from '../../../src/pipeline/restore.ts';
import type { MarketMessage } from '../../support/market/market-datasets.ts';
import { marketEncoders, marketTables } from '../../support/market/market-encoders.ts';
import {
  batch,
  firstLedger,
  HandClock,
  marketReader,
  restoredLedger,
} from '../../support/market/market-ledger.ts';
import { parseCheckpoint } from '../../support/simulation/encoders.ts';
import { SimulatedKafka } from '../../support/simulation/kafka.ts';

const trade = (id: number, price: string, symbol = 'BTC'): MarketMessage => ({
  ...{ dataset: 'trades', symbol, id, timeMs: id * 10, price },
});
const book = (id: number, price: string): MarketMessage => ({
  ...{ dataset: 'books', symbol: 'BTC', id, timeMs: id * 10, price },
});

function publish(ledger: Ledger<MarketMessage>, kafka: SimulatedKafka): void {
  const { records, seal } = ledger.close();
  const offsets = Float64Array.from(records, (record) => kafka.append(record, null));
  for (const record of seal(offsets)) kafka.append(record, null);
}

function pricesOf(kafka: SimulatedKafka, topic: string): string[] {
  const pattern = /p\d+/;
  return kafka.readTable(topic).map(({ value }) => pattern.exec(String(value))?.[0] ?? 'none');
}

describe('a ledger of a market feed', () => {
  it('counts what it inserted, corrected and dropped', () => {
    const tallies: BatchTally[] = [];
    const ledger = firstLedger({
      clock: new HandClock(),
      onBatch: (tally) => tallies.push(tally),
    });
    ledger.take(batch(1, [trade(1, 'p1'), trade(1, 'p1'), trade(1, 'p2'), book(1, 'p9')], true));
    assert.deepEqual(tallies, [{ rows: 3, corrections: 1, duplicates: 1, isBackfill: true }]);
    assert.deepEqual(
      ledger.draft.records.map(({ topic }) => topic),
      ['trades', 'trades', 'trades', 'books'],
    );
  });

  it('tells of markets in the order of the batches around them', () => {
    const ledger = firstLedger({ clock: new HandClock() });
    const market = { dataset: 'trades', symbol: 'BTC', epoch: null, fromMs: 1, toMs: 2 };
    const gap = { kind: 'market' as const, ...market, state: 'gap' as const };
    ledger.take({ ...gap, rows: null, reason: 'disconnect' });
    ledger.take(batch(1, [trade(1, 'p1')]));
    ledger.take({ ...gap, state: 'closed', rows: 1, reason: 'rest' });
    const kafka = new SimulatedKafka();
    publish(ledger, kafka);
    const states = kafka.read('control').map(({ value }) => JSON.parse(String(value)).state);
    assert.deepEqual(states, ['gap', 'closed']);
  });

  it('refuses a correction of a row that has left, and inserts what the venue does not call one', () => {
    const clock = new HandClock();
    const codes: string[] = [];
    const late = (message: MarketMessage) => ({ ...message, isCorrection: true });
    const ledger = firstLedger({ clock, onQuarantined: (code) => codes.push(code) });
    const kafka = new SimulatedKafka();
    ledger.take(batch(1, [late(trade(5, 'p1'))]));
    publish(ledger, kafka);
    clock.ms += 61_000;
    publish(ledger, kafka);
    clock.ms += 61_000;
    publish(ledger, kafka);
    assert.deepEqual(pricesOf(kafka, 'trades.final'), ['p1']);
    ledger.take(batch(2, [late(trade(5, 'p2')), late(trade(6, 'p3')), trade(4, 'p4')]));
    publish(ledger, kafka);
    assert.deepEqual(codes, ['market.correction_too_late']);
    assert.deepEqual(pricesOf(kafka, 'trades'), ['p1', 'p3', 'p4']);
    assert.match(String(kafka.read('dead-letters')[0]?.value), /correction_too_late/);
  });

  it('names in its checkpoint no topic that a restart need not read', () => {
    const ledger = firstLedger({ clock: new HandClock() });
    const kafka = new SimulatedKafka();
    ledger.take(batch(1, [trade(1, 'p1'), book(1, 'p2')]));
    publish(ledger, kafka);
    const checkpoint = parseCheckpoint(Buffer.from(String(kafka.read('checkpoints')[0]?.value)));
    assert.deepEqual(
      checkpoint.undo.map(({ topic }) => topic),
      ['trades'],
    );
    assert.deepEqual(checkpoint.corrections, [{ topic: 'trades', rows: 1, leftToMs: null }]);
  });

  it('keeps the latest row of a key, whatever is read late', () => {
    const ledger = firstLedger({ clock: new HandClock() });
    const kafka = new SimulatedKafka();
    for (const [message, isBackfill] of [
      [book(5, 'p5'), false],
      [book(3, 'p3'), true],
      [book(4, 'p4'), false],
      [book(7, 'p7'), true],
    ] as const) {
      ledger.take(batch(1, [message], isBackfill));
      publish(ledger, kafka);
    }
    assert.deepEqual(pricesOf(kafka, 'books.state'), ['p5', 'p4', 'p7']);
  });

  it('knows after a restart how new the latest row of a key is', async () => {
    const clock = new HandClock();
    const kafka = new SimulatedKafka();
    const first = firstLedger({ clock });
    first.take(batch(1, [book(5, 'p5')]));
    publish(first, kafka);
    const next = await restoredLedger(kafka, { clock, readsPastCheckpoint: false });
    next.take(batch(2, [book(3, 'p3')], true));
    publish(next, kafka);
    assert.deepEqual(pricesOf(kafka, 'books.state'), ['p5']);
  });

  it('inserts again, as the next incarnation, what was taken back and not put in its place', async () => {
    const clock = new HandClock();
    const kafka = new SimulatedKafka();
    const first = firstLedger({ clock });
    first.take(batch(1, [trade(1, 'p1')]));
    publish(first, kafka);
    first.take(batch(2, [trade(1, 'p2')]));
    const [retraction] = first.close().records;
    assert.ok(retraction);
    kafka.append(retraction, null);
    const next = await restoredLedger(kafka, { clock, readsPastCheckpoint: true });
    next.take(batch(2, [trade(1, 'p2')]));
    const [inserted, ...more] = next.draft.records;
    assert.deepEqual(more, []);
    assert.ok(inserted && 'incarnation' in inserted);
    assert.equal(inserted.incarnation, 2);
  });

  it('leaves a final row alone when a preliminary copy comes late, also after a restart', async () => {
    const clock = new HandClock();
    const kafka = new SimulatedKafka();
    const preliminary = { ...trade(1, 'p1'), finality: 'preliminary' } as const;
    const final = { ...trade(1, 'p2'), finality: 'final' } as const;
    const first = firstLedger({ clock });
    first.take(batch(1, [preliminary, final, preliminary]));
    publish(first, kafka);
    const next = await restoredLedger(kafka, { clock, readsPastCheckpoint: false });
    next.take(batch(2, [preliminary, { ...preliminary, price: 'p3' }]));
    publish(next, kafka);
    assert.deepEqual(pricesOf(kafka, 'trades'), ['p1', 'p1', 'p2']);
    next.take(batch(3, [{ ...final, price: 'p4' }]));
    publish(next, kafka);
    assert.deepEqual(pricesOf(kafka, 'trades'), ['p1', 'p1', 'p2', 'p2', 'p4']);
  });

  it('takes nothing back for a copy that lacks a column, and adds what a richer one has', async () => {
    const clock = new HandClock();
    const kafka = new SimulatedKafka();
    const poor = trade(1, 'p1');
    const rich = { ...poor, orderId: 7 };
    const first = firstLedger({ clock });
    first.take(batch(1, [poor, rich, poor]));
    publish(first, kafka);
    assert.deepEqual(pricesOf(kafka, 'trades'), ['p1', 'p1', 'p1'], 'the richer copy alone is new');
    const next = await restoredLedger(kafka, { clock, readsPastCheckpoint: false });
    next.take(batch(2, [poor]));
    publish(next, kafka);
    assert.equal(kafka.readTable('trades').length, 3);
    next.take(
      batch(3, [
        { ...poor, price: 'p2' },
        { ...rich, price: 'p2' },
      ]),
    );
    publish(next, kafka);
    assert.deepEqual(pricesOf(kafka, 'trades').slice(3), ['p1', 'p2'], 'it kept its order id');
  });

  it('holds rows in memory that no request shares, also those of a restart', async () => {
    const clock = new HandClock();
    const kafka = new SimulatedKafka();
    const held: Buffer[] = [];
    const { ledger: encoders } = marketEncoders('flat');
    const isSameRow: typeof encoders.isSameRow = (stored, fresh) => {
      held.push(stored.value);
      return encoders.isSameRow(stored, fresh);
    };
    const options = { clock, change: { encoders: { ...encoders, isSameRow } } };
    const first = firstLedger(options);
    first.take(batch(1, [trade(1, 'p1'), trade(1, 'p1')]));
    publish(first, kafka);
    const next = await restoredLedger(kafka, { ...options, readsPastCheckpoint: false });
    next.take(batch(2, [trade(1, 'p1')]));
    const [record] = kafka.read('trades');
    assert.equal(held.length, 2);
    for (const value of held) {
      assert.deepEqual(value, record?.value);
      assert.notEqual(value.buffer, record?.value?.buffer);
    }
  });

  it('puts the new form where the old one lies, also after the topic has grown', async () => {
    const clock = new HandClock();
    const kafka = new SimulatedKafka();
    const symbols = ['A', 'B', 'C', 'D', 'E', 'F'];
    const first = firstLedger({ clock });
    first.take(
      batch(
        1,
        symbols.map((symbol, id) => trade(id, 'p1', symbol)),
      ),
    );
    publish(first, kafka);
    const change = { encoders: marketEncoders('flat', 7).ledger };
    const next = await restoredLedger(kafka, { clock, change, readsPastCheckpoint: false });
    next.take(
      batch(
        2,
        symbols.map((symbol, id) => trade(id, 'p2', symbol)),
      ),
    );
    const places = next.draft.records.map(({ partition }) => partition);
    for (let at = 0; at < places.length; at += 2) assert.equal(places[at], places[at + 1]);
    assert.equal(places.length, 2 * symbols.length);
  });

  it('does not go on when rows that may be corrected are gone', async () => {
    const kafka = new SimulatedKafka();
    const ledger = firstLedger({ clock: new HandClock() });
    ledger.take(batch(1, [trade(1, 'p1'), trade(2, 'p2'), trade(3, 'p3')]));
    publish(ledger, kafka);
    const reader = marketReader(kafka);
    const options = {
      ...{ readsPastCheckpoint: false, tables: marketTables },
      signal: new AbortController().signal,
    };
    const refused = (error: unknown): boolean =>
      error instanceof PipelineError && error.code === 'checkpoint.undo_window_incomplete';
    const ends = kafka.ends(['trades']);
    const deleted = ends.map((end) => ({ ...end, firstOffset: 1 }));
    const lossy = { ...reader, readEnds: async () => deleted };
    await assert.rejects(restore(lossy, options), refused);
    const holed = {
      ...reader,
      readRanges: async function* () {
        yield kafka.read('trades').slice(1);
      },
    };
    await assert.rejects(restore(holed, options), refused);
    // A dataset that is not published any more holds nobody up.
    await restore({ ...reader, readEnds: async () => [] }, options);
  });
});
