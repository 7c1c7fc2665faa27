/** The rows of the simulated chain: held to the field list, and to each other. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type DatasetId, datasets } from '../../../../src/devnet/blockdb/chain/datasets.ts';
import { BlockdbSimulator, type CanonicalRows } from '../../../../src/devnet/blockdb/simulator.ts';
import type { Item } from '../../../../src/devnet/simulator/json.ts';
import { fieldList, type ListedField } from '../../../support/blockdb/field-list.ts';

const seed = 'chain';
const every = new BlockdbSimulator({
  seed,
  historyBlocks: 400,
  profile: { members: 'every', amounts: 'adjusted' },
});
const rows = every.canonical();
const documented = new BlockdbSimulator({ seed, historyBlocks: 60 }).canonical();
const clock = { nowMs: () => 1_800_000_000_000, nowUs: () => 0, sleep: () => Promise.resolve() };

const formOf: Readonly<Record<string, RegExp>> = {
  'hex bytes': /^[0-9a-f]*$/,
  'uint256-as-string': /^\d{1,78}$/,
  'numeric(49,0)-as-string': /^\d{1,49}$/,
  'numeric(78,18)-as-string': /^-?\d+\.\d{18}$/,
  'numeric(18,18)-as-string': /^0\.\d{18}$/,
  'numeric(18,6)-as-string': /^\d+\.\d{6}$/,
  timestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
};

function isOfForm(value: unknown, type: string, bytes: number | null): boolean {
  const element = /^array<(.*)>$/.exec(type)?.[1];
  if (element !== undefined) {
    return Array.isArray(value) && value.every((one) => isOfForm(one, element, bytes));
  }
  if (type === 'bigint' || type === 'int') return Number.isSafeInteger(value);
  if (type === 'bool') return typeof value === 'boolean';
  if (type === 'json') return typeof value === 'object';
  if (type.startsWith('numeric(38')) return typeof value === 'number';
  if (typeof value !== 'string') return false;
  const form = formOf[type];
  return (form === undefined || form.test(value)) && (bytes === null || value.length === 2 * bytes);
}

function checkField({ name, type, nullable, bytes }: ListedField, own: readonly Item[]): void {
  const values = own.map((row) => row[name]);
  const present = values.filter((value) => value !== null);
  assert.ok(present.length > 0, `${name} never has a value`);
  if (!nullable) assert.equal(present.length, values.length, name);
  for (const value of present) {
    assert.ok(isOfForm(value, type, bytes), `${name} is ${JSON.stringify(value)}`);
  }
}

/** Checks the bars that have as many trades as there are prints: the others were corrected. */
function compareBars(all: CanonicalRows): { readonly compared: number; readonly all: number } {
  const prints = all['0302'].filter((row) => typeof row['exec_price'] === 'string');
  const names = ['pool_uid', 'token_in', 'token_out'];
  let compared = 0;
  for (const bar of all['0404']) {
    const own = prints.filter(
      (print) =>
        names.every((name) => print[name] === bar[name]) &&
        String(print['block_time']) >= String(bar['bucket_start']) &&
        String(print['block_time']) < String(bar['bucket_end']),
    );
    if (own.length !== bar['trades_count']) continue;
    compared += 1;
    assert.equal(bar['open'], own[0]?.['exec_price']);
    assert.equal(bar['close'], own.at(-1)?.['exec_price']);
    const sum = own.reduce((total, print) => total + BigInt(String(print['amount_in_raw'])), 0n);
    assert.equal(bar['volume_in_raw'], sum.toString());
  }
  return { compared, all: all['0404'].length };
}

describe('the simulated chain of BlockDB', () => {
  for (const listed of fieldList) {
    const id = listed.id as DatasetId;

    test(`${id} ${listed.slug} has all members of the field list, of their form`, () => {
      const own = rows[id];
      assert.ok(own.length > 0);
      for (const field of listed.fields.filter(({ name }) => name !== '_is_reorg')) {
        checkField(field, own);
      }
    });

    test(`${id} ${listed.slug} shows on the stream what the documents show there`, () => {
      const expected = listed.fields
        .filter(({ name, seenIn }) => {
          const isUnseen = seenIn.length === 0 && name !== '_is_reorg' && name !== 'details';
          return seenIn.includes('wss') ? name !== '_is_reorg' : isUnseen;
        })
        .map(({ name }) => name);
      assert.ok(documented[id].length > 0);
      for (const row of documented[id]) assert.deepEqual(Object.keys(row), expected);
    });

    test(`${id} ${listed.slug} has its keys once, its filters and its paths`, () => {
      const dataset = datasets.get(id);
      assert.deepEqual(dataset?.restPaths, listed.restPaths);
      const params = Object.values(dataset?.streamFilters ?? {});
      assert.deepEqual(
        params.map(({ name, isRequired }) => [name, isRequired]).sort(),
        listed.params.map(({ name, required }) => [name, required]).sort(),
      );
      const key = listed.naturalKey ?? listed.primaryKey;
      const keys = rows[id].map((row) => JSON.stringify(key.map((name) => row[name] ?? null)));
      assert.equal(new Set(keys).size, keys.length);
      const handles = rows[id].map((row) => row['_tracing_id']);
      assert.equal(new Set(handles).size, handles.length);
    });
  }

  test('blocks link up, and each dataset is missing from some of them', () => {
    const [first, ...others] = every.headers;
    others.reduce((parent, header) => {
      assert.deepEqual([header.parentHash, header.height], [parent.hash, parent.height + 1]);
      return header;
    }, first ?? every.head);
    for (const [id, own] of Object.entries(rows)) {
      const heights = new Set(own.map((row) => row['block_number']));
      assert.ok(id === '0101' ? heights.size === 400 : heights.size < 400, id);
    }
  });

  test('what is derived stands at the place of the log that it comes from', () => {
    const place = (row: Item): string =>
      `${row['block_number']}/${row['tx_index']}/${row['log_index']}`;
    const logs = new Map(rows['0103'].map((row) => [place(row), row]));
    for (const id of ['0211', '0212', '0301', '0302', '0303', '0305', '0411', '0601'] as const) {
      for (const row of rows[id]) {
        const log = logs.get(place(row));
        assert.ok(log !== undefined, `${id} ${place(row)}`);
        assert.ok(row['_parent_tracing_ids']?.toString().includes(String(log['_tracing_id'])));
      }
    }
    const payments = rows['0304'].filter((row) => row['log_index'] !== null);
    for (const row of payments) {
      assert.equal(logs.get(place(row))?.['contract_address'], row['token_address']);
    }
  });

  test('bars are what their prints make them, but for those that were corrected', () => {
    const { compared, all } = compareBars(rows);
    assert.ok(compared > all * 0.8 && compared < all, `${compared} of ${all}`);
  });

  test('extremes occur: the largest amount, empty bytes, long calldata, every script', () => {
    const text = JSON.stringify(rows);
    assert.ok(text.includes(`"amount_raw":"${(2n ** 256n - 1n).toString()}"`));
    assert.ok(text.includes('"extra_data":""'));
    assert.ok(rows['0102'].some((row) => String(row['input']).length > 20_000));
    assert.ok(rows['0201'].some((row) => row['tx_index'] === -1));
    assert.ok(rows['0201'].some((row) => String(row['name']).includes('🦊')));
  });

  test('keeps the header of every block, and of the last ones all rows', () => {
    const simulator = new BlockdbSimulator({ seed: 'old', historyBlocks: 30, blocksMax: 10 });
    const [first] = simulator.headers;
    assert(first !== undefined);
    simulator.reorganize({ depth: simulator.depthMax, newBlocks: 25 });
    const heights = Array.from({ length: 46 }, (_, n) => first.height + n);
    assert.deepEqual(
      simulator.headers.map(({ height }) => height),
      heights,
    );
    assert.equal(simulator.headers[0]?.hash, first.hash);
    assert.equal(simulator.depthMax, 9);
    const { '0101': blocks, ...others } = simulator.canonical();
    assert.deepEqual(
      blocks.map((row) => row['block_number']),
      heights,
    );
    for (const row of [...others['0102'], ...others['0103']]) {
      assert(Number(row['block_number']) > simulator.head.height - 10);
    }
    assert(others['0102'].length > 0);
  });

  test('the same seed and calls give the same rows; another seed gives others', () => {
    const build = (name: string) => {
      const simulator = new BlockdbSimulator({ seed: name, clock });
      simulator.produce(3);
      simulator.reorganize({ depth: 5 });
      simulator.restoreBranch();
      return simulator.canonical();
    };
    assert.deepEqual(build('a'), build('a'));
    assert.notDeepEqual(build('a')['0101'], build('b')['0101']);
  });
});

describe('a reorganization of the simulated chain', () => {
  const hashes = (simulator: BlockdbSimulator) =>
    simulator.canonical()['0102'].map(({ tx_hash }) => tx_hash);

  test('brings transactions back at other places, their logs with other indexes', () => {
    const simulator = new BlockdbSimulator({ seed: 'moved', historyBlocks: 30 });
    const before = simulator.canonical();
    simulator.reorganize({ depth: 20, content: { keeps: 'all' } });
    const after = simulator.canonical();
    const placeOf = (row: Item) => [row['block_number'], row['tx_index']].join('/');
    const moved = before['0102'].filter((row) => {
      const again = after['0102'].find(({ tx_hash }) => tx_hash === row['tx_hash']);
      return again !== undefined && placeOf(again) !== placeOf(row);
    });
    assert.ok(moved.length > 10);
    const all = hashes(simulator);
    assert.equal(new Set(all).size, all.length);
  });

  test('can leave a block without any row of a dataset, or without anything', () => {
    const simulator = new BlockdbSimulator({ seed: 'without' });
    simulator.reorganize({ depth: 3, content: { without: ['0103', '0304'], keeps: 'all' } });
    const first = simulator.head.height - 3;
    const canonical = simulator.canonical();
    const inRange = (id: DatasetId) =>
      canonical[id].filter((row) => Number(row['block_number']) >= first).length;
    assert.deepEqual([inRange('0103'), inRange('0304')], [0, 0]);
    assert.ok(inRange('0102') > 0);
    simulator.produce(1, { isEmpty: true });
    const rows = Object.values(simulator.canonical()).flat();
    const last = rows.filter((row) => row['block_number'] === simulator.head.height);
    assert.equal(last.length, 1);
  });

  test('a transaction is never on the chain twice, whatever branch comes back', () => {
    const simulator = new BlockdbSimulator({ seed: 'twice' });
    for (const depth of [3, 2, 6, 1, 4]) {
      simulator.produce(2, { keeps: 'all' });
      simulator.reorganize({ depth, content: { keeps: 'all' } });
      simulator.restoreBranch();
      simulator.produce(1, { keeps: 'all' });
      const all = hashes(simulator);
      assert.equal(new Set(all).size, all.length);
    }
  });

  test('takes bars back to what their prints make them', () => {
    const simulator = new BlockdbSimulator({
      seed: 'bars',
      historyBlocks: 60,
      profile: { amounts: 'adjusted' },
    });
    for (const depth of [30, 12, 40]) {
      simulator.reorganize({ depth });
      const replaced = compareBars(simulator.canonical());
      assert.ok(replaced.compared > replaced.all * 0.8, JSON.stringify(replaced));
      simulator.restoreBranch();
      const restored = compareBars(simulator.canonical());
      assert.ok(restored.compared > restored.all * 0.8, JSON.stringify(restored));
    }
  });

  test('a corrected row keeps its handle by key, and gets another by content', () => {
    for (const tracingIds of ['key', 'content'] as const) {
      const simulator = new BlockdbSimulator({ seed: 'handles', profile: { tracingIds } });
      const before = simulator.canonical()['0101'].at(-1);
      simulator.reorganize({ depth: 1 });
      const after = simulator.canonical()['0101'].at(-2);
      assert.equal(before?.['block_number'], after?.['block_number']);
      assert.notEqual(before?.['block_hash'], after?.['block_hash']);
      assert.equal(before?.['_tracing_id'] === after?.['_tracing_id'], tracingIds === 'key');
    }
  });

  test('beyond what can fall is refused', () => {
    const simulator = new BlockdbSimulator({ seed: 'deep', historyBlocks: 5 });
    assert.throws(() => simulator.reorganize({ depth: 5 }), /A depth of 1 to 4 is possible now/);
    const [, second] = simulator.headers;
    const content = { header: second ?? simulator.head, rows: new Map(), transactions: [] };
    assert.throws(() => simulator.add(content), /does not follow/);
  });
});
