/** Frames of the hub become exactly the rows of their schemas. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { ByteWriter } from '../../../../src/encoding/byte-writer.ts';
import { loadDataset } from '../../../../src/encoding/dataset.ts';
import { RowEncoder } from '../../../../src/encoding/row-encoder.ts';
import type { Event, Origin } from '../../../../src/model/event.ts';
import { tzktChannels } from '../../../../src/sources/tzkt/channels.ts';
import type { TzktDataset, WireFields } from '../../../../src/sources/tzkt/messages.ts';
import { rowTables } from '../../../../src/sources/tzkt/rows/tables.ts';
import { datasetOfTarget } from '../../../../src/sources/tzkt/subscriptions.ts';
import { parseHubMessage } from '../../../../src/sources/tzkt/wire.ts';
import { type HubFrame, ListeningHubProtocol } from '../../../../src/transport/hub-protocol.ts';
import { parseLosslessJson } from '../../../../src/transport/lossless-json.ts';

const folder = new URL('../../../fixtures/tzkt/001-reference-examples/', import.meta.url);
const origin: Origin = {
  chain: 'tezos:NetXj5wBmrqLfTi',
  source: 'test',
  height: 9_100_103,
  blockHash: 'BLf3Ecqb2aELHFskZqLzvamz8U1NMsxZQpoBMJdBJvHKfKfaDgM',
  blockTimeMs: Date.UTC(2026, 6, 2, 9, 14, 49),
  isBackfill: false,
  receivedAtUs: 0,
};

/** Columns that say where a row stands; they are the block's. */
const place = ['chain', 'height', 'block_hash', 'block_time'];

function rowsOf(dataset: TzktDataset, fields: WireFields): Event[] {
  return [...tzktChannels[dataset].normalize({ dataset, fields, parentHash: 'BParent' }, origin)];
}

function exampleRows(): Event[] {
  const frames: HubFrame[] = [];
  const protocol = new ListeningHubProtocol({
    nowUs: () => 0,
    received: (frame) => frames.push(frame),
    passed: () => undefined,
    closing: () => undefined,
  });
  const lines = readFileSync(new URL('frames.jsonl', folder), 'utf8').trim().split('\n');
  // Glued, as one WebSocket message may bring them.
  protocol.parseMessages(lines.map((line) => `${line}\u001e`).join(''));
  return frames.flatMap((frame) => {
    assert(frame.kind === 'call', frame.text);
    const dataset = datasetOfTarget(frame.target);
    const message = parseHubMessage(frame.arguments);
    assert(dataset !== undefined && typeof message !== 'string', frame.text);
    return message.type === 'data' ? message.items.flatMap((item) => rowsOf(dataset, item)) : [];
  });
}

describe('rows', () => {
  it('have the columns of their schemas, and no others', () => {
    for (const { dataset, columns, rest } of Object.values(rowTables)) {
      const declared = loadDataset(`tzkt/${dataset}`).row.fields.map(({ name }) => name);
      const made = ['chain', 'height', 'block_hash', 'block_time'];
      if (dataset === 'blocks') made.push('parent_hash');
      made.push(...columns.map(({ name }) => name));
      if (rest !== undefined) made.push(rest);
      const derived = declared.filter((name) => name.endsWith('_dec'));
      assert.deepEqual(
        declared.filter((name) => !derived.includes(name)),
        made,
      );
    }
  });

  it('of the reference’s examples are as expected, and fit their schemas', () => {
    const events = exampleRows();
    const out = new ByteWriter();
    for (const { dataset, row } of events) {
      new RowEncoder(loadDataset(`tzkt/${dataset}`)).encode(row, out);
    }
    const rows = events.map(({ dataset, index, row }) => ({
      dataset,
      index,
      row: Object.fromEntries(
        Object.entries(row).filter(([name, value]) => value !== null && !place.includes(name)),
      ),
    }));
    assert.deepEqual(rows, JSON.parse(readFileSync(new URL('rows.json', folder), 'utf8')));
  });

  it('keep amounts and nested values of any size, and members that nobody knows', () => {
    const fields = parseLosslessJson(
      '{"type":"new_kind","id":7,"amount":18446744073709551616,"parameter":{"entrypoint":"do","value":{"b":[],"a":9007199254740993}},"target":{"alias":"x","address":"KT1"},"color":"größe","nothing":null}',
    ) as WireFields;
    const [event] = rowsOf('operations', fields);
    assert.equal(event?.index, 'new_kind/7');
    assert.equal(event.row['amount'], '18446744073709551616');
    assert.equal(event.row['parameter'], '{"a":9007199254740993,"b":[]}');
    assert.equal(event.row['target'], 'KT1');
    assert.equal(event.row['details'], '{"color":"größe"}');
  });

  it('are refused with dataset, item and member when a value does not fit', () => {
    const bad: readonly [TzktDataset, WireFields, RegExp][] = [
      ['operations', { type: 'transaction' }, /"id" of operations transaction\/\? is missing/],
      [
        'token_transfers',
        { id: 1, level: 2, timestamp: 'soon' },
        /"timestamp" of token_transfers 1/,
      ],
      ['bigmaps', { id: 1, bigmap: 2.5, action: 'remove' }, /"bigmap" of bigmaps 1 is 2\.5/],
      ['events', { id: 1, contract: {} }, /"contract" of events 1/],
    ];
    for (const [dataset, fields, message] of bad) {
      assert.throws(() => rowsOf(dataset, fields), { code: 'row.invalid', message });
    }
  });

  it('of a value that is nested too deep are refused, not a defect', () => {
    let value: unknown = 1;
    for (let depth = 0; depth < 200_000; depth += 1) value = [value];
    const fields = { id: 1, contract: { address: 'KT1' }, payload: value };
    assert.throws(() => rowsOf('events', fields), { code: 'row.invalid' });
  });
});
