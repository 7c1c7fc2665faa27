/** Which row a row is, which version of it, where it stands in its block, and when a bar is due. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  barBlock,
  bucketEndMs,
  bucketStarts,
  checkBucket,
  isBarDataset,
  widthsOf,
} from '../../../../src/sources/blockdb/bars.ts';
import { datasetIds, isDatasetId, sharedId } from '../../../../src/sources/blockdb/dataset-ids.ts';
import type { BlockdbDataset, WireFields } from '../../../../src/sources/blockdb/messages.ts';
import { inBlockOrder } from '../../../../src/sources/blockdb/rows/block-order.ts';
import { memberValue } from '../../../../src/sources/blockdb/rows/compiled-table.ts';
import {
  contentHash,
  naturalKey,
  saysSame,
} from '../../../../src/sources/blockdb/rows/identity.ts';
import { exampleOf, fieldList, nameOf } from '../../../support/blockdb/field-list.ts';

/** Whether the example and the changed example have the same key, and the same content. */
function compared(dataset: BlockdbDataset, change: WireFields): readonly [boolean, boolean] {
  // As from two frames: no value of the one is the other's very object.
  const [one, other] = [exampleOf(dataset), { ...structuredClone(exampleOf(dataset)), ...change }];
  const hasSameContent = contentHash(dataset, one) === contentHash(dataset, other);
  assert.equal(saysSame(dataset, one, other), hasSameContent, dataset);
  return [naturalKey(dataset, one) === naturalKey(dataset, other), hasSameContent];
}

const word = (digit: string): string => digit.repeat(64);

describe('a row', () => {
  it('is the same and says the same however it is written, and whenever BlockDB wrote it', () => {
    const bookkeeping = {
      _created_at: '2027-01-01T00:00:00Z',
      _updated_at: null,
      _is_reorg: true,
      _parent_tracing_ids: [],
      _anything: 1,
      unheard_of: 'x',
    };
    for (const listed of fieldList) {
      assert.deepEqual(compared(nameOf(listed), bookkeeping), [true, true], listed.slug);
    }
    const writings: readonly [BlockdbDataset, WireFields][] = [
      ['logs', { tx_index: '4', block_time: '2026-01-15T10:20:35Z', _tracing_id: '00' }],
      ['logs', { contract_address: '0xA0B86991C6218B36C1D19D4A2E9EB0CE3606EB48' }],
      ['transactions', { value_wei: 1000000000000000000n, root: undefined }],
      ['prices_spot_prints', { exec_price: '3024.1122334', amount_in_raw: '7' }],
      ['pools', { pool_uid: `0x${exampleOf('pools')['pool_uid']}` }],
      ['transactions', { root: '', chain_id: 1 }],
      ['yields', { roi_predicted: ['0.0288', '0'] }],
      ['reserves', { tx_index: 4, log_index: 12, type_id: 3 }],
      ['token_transfers', { transfer_type: 'erc20', amount_adj: '1' }],
    ];
    for (const [dataset, change] of writings) {
      assert.deepEqual(compared(dataset, change), [true, true], dataset);
    }
  });

  it('says something else when any member that the stream tells of it does', () => {
    const changes: readonly [BlockdbDataset, WireFields][] = [
      ['blocks', { block_hash: word('a') }],
      ['logs', { data: '' }],
      ['logs', { data_topics: [] }],
      ['prices_spot_ohlc', { close: '1' }],
      ['yields', { roi_predicted: null }],
      ['yields', { roi_predicted: ['0.028800000000000000', '1'] }],
      ['tokens_erc20', { name: 'größe' }],
    ];
    for (const [dataset, change] of changes) {
      assert.deepEqual(compared(dataset, change), [true, false], dataset);
    }
  });

  it('is another one at another place', () => {
    const changes: readonly [BlockdbDataset, WireFields][] = [
      ['transactions', { tx_index: 5 }],
      ['logs', { log_index: 13 }],
      ['internal_transactions', { trace_address: '0.1.0' }],
      ['contracts', { contract_id: '00' }],
      ['tokens_erc20', { tx_index: -1 }],
      ['token_transfers', { token_id: '1' }],
      ['token_transfers', { log_index: null }],
      ['arb_opportunities', { is_reversed: true }],
      ['prices_spot_vwap', { bucket_seconds: 300 }],
      ['yields', { target_period_days: 7 }],
    ];
    for (const [dataset, change] of changes) {
      assert.equal(compared(dataset, change)[0], false, dataset);
    }
    assert.equal(naturalKey('blocks', exampleOf('blocks')), '');
  });

  it('of two alike is told by its tracing id only where nothing else can', () => {
    const told = fieldList.map(nameOf).filter((dataset) => {
      const [isSame, saysSame] = compared(dataset, { _tracing_id: 'ffff' });
      assert(saysSame, dataset);
      return !isSame;
    });
    assert.deepEqual(told.sort(), ['reserves', 'token_transfers']);
    const placed = { ...exampleOf('reserves'), _tracing_id: null, tx_index: 4, log_index: 12 };
    assert.match(naturalKey('reserves', placed), /^0x88e6[0-9a-f]+\/4\/12$/);
  });
});

describe('a tracing id', () => {
  it('names the same snapshot in whatever form it is written', () => {
    const written = ['0301ab', '0x0301ab', '0301AB', '0X0301ab'];
    const rows = written.map((_tracing_id) => ({ pool_uid: 'aa'.repeat(32), _tracing_id }));
    const keys = rows.map((row) => naturalKey('reserves', row));
    assert.deepEqual(keys.slice(1, 3), [keys[0], keys[0]]);
    assert.notEqual(keys[3], keys[0], 'not hex: as it is');
    assert.deepEqual(
      written.map((id) => memberValue('transactions', '_tracing_id', { _tracing_id: id })),
      ['0301ab', '0301ab', '0301ab', '0X0301ab'],
    );
  });
});

describe('the rows of a block', () => {
  const places = (dataset: BlockdbDataset, rows: readonly WireFields[], member: string) =>
    inBlockOrder(dataset, rows).map(({ data }) => data[member]);

  it('come by transaction, log and call, the paths of calls by number', () => {
    const logs = [12, 3, 100].map((index) => ({ tx_index: index > 50 ? 2 : 1, log_index: index }));
    assert.deepEqual(places('logs', logs, 'log_index'), [3, 12, 100]);
    const paths = ['0.10', '0.2', '0', '', '0.2.0', '10', '9'];
    const calls = paths.map((path) => ({ tx_index: 0, trace_address: path }));
    const sorted = ['', '0', '0.2', '0.2.0', '0.10', '9', '10'];
    assert.deepEqual(places('internal_transactions', calls, 'trace_address'), sorted);
    const results = ['b', 'a'].map((name) => ({ name }));
    assert.deepEqual(places('function_results', results, 'name'), ['b', 'a']);
  });

  it('count the items of a batch as they came, and nothing else', () => {
    const rows = [
      { tx_index: 0, log_index: 7, token_id: '9' },
      { tx_index: 0, log_index: null, token_id: null },
      { tx_index: 0, log_index: 7, token_id: '1' },
      { tx_index: 0, log_index: 5, token_id: '1' },
      { tx_index: 1, log_index: null, token_id: null },
    ];
    const ordered = inBlockOrder('token_transfers', rows);
    assert.deepEqual(
      ordered.map(({ data, ordinal }) => [data['log_index'], data['token_id'], ordinal]),
      [
        [null, null, null],
        [5, '1', null],
        [7, '9', 0],
        [7, '1', 1],
        [null, null, null],
      ],
    );
  });

  it('are refused when logs are counted within transactions', () => {
    const rows = [0, 1].map((index) => ({ tx_index: index, log_index: 0 }));
    const refusal = { code: 'row.invalid', message: /"log_index" 0 is that of logs in .* 0 and 1/ };
    assert.throws(() => inBlockOrder('logs', rows), refusal);
  });
});

describe('a bar', () => {
  it('is due with the first block at or after the end of its bucket', () => {
    const endMs = bucketEndMs('prices_spot_ohlc', exampleOf('prices_spot_ohlc'));
    assert.equal(endMs, Date.UTC(2026, 0, 15, 10, 21));
    const blocks = [-12, 0, 12].map((seconds) => ({ timeMs: endMs + seconds * 1000 }));
    assert.equal(barBlock(endMs, blocks), blocks[1]);
    assert.equal(barBlock(endMs + 1, blocks), blocks[2]);
    assert.equal(barBlock(endMs, blocks.slice(0, 1)), undefined);
    const expected = { code: 'row.invalid', message: /"bucket_start" of .* is missing/ };
    assert.throws(() => bucketEndMs('prices_spot_vwap', {}), expected);
  });

  it('is refused where its bucket is none that was asked for', () => {
    const bar = exampleOf('prices_spot_ohlc');
    const check = (change: WireFields, widths: readonly number[]) => () =>
      checkBucket('prices_spot_ohlc', { ...bar, ...change }, new Set(widths));
    assert.doesNotThrow(check({}, [60]));
    assert.throws(check({}, [300]), /"bucket_seconds" .* is 60, expected one of 300: the widths/);
    const start = { bucket_start: '2026-01-15T10:20:30Z' };
    assert.throws(check(start, [60]), /"bucket_start" .* is 2026-\S+, expected a multiple of 60 s/);
  });

  it('is asked for with all whose buckets end in the same span, and no others', () => {
    const at = (text: string) => Date.parse(`2026-01-15T${text}Z`);
    const asked = (after: string, to: string, widths: readonly number[]) =>
      bucketStarts(widths, { afterMs: at(after), toMs: at(to) }).map(({ fromMs, toMs }) =>
        [fromMs, toMs].map((timeMs) => new Date(timeMs).toISOString().slice(11, 19)).join(),
      );
    const widths = [60, 300, 3_600, 86_400];
    assert.deepEqual(asked('10:20:01', '10:20:59', widths), []);
    assert.deepEqual(asked('10:20:59', '10:21:00', widths), ['10:20:00,10:20:00']);
    assert.deepEqual(asked('10:21:00', '10:21:12', widths), []);
    assert.deepEqual(asked('10:57:00', '11:03:30', widths), [
      '10:00:00,10:00:00',
      '10:55:00,10:55:00',
      '10:57:00,11:02:00',
    ]);
    assert.deepEqual(asked('10:51:00', '11:03:30', [60, 300]), ['10:50:00,11:02:00']);
  });

  it('has the widths that its filter names, or all', () => {
    assert.deepEqual(widthsOf('prices_spot_ohlc', {}), [60]);
    assert.deepEqual(widthsOf('prices_spot_ohlc', { aggregation_interval: '4h' }), [14_400]);
    assert.equal(widthsOf('prices_spot_vwap', {}).length, 7);
  });

  it('is what three datasets hold', () => {
    assert.deepEqual(fieldList.map(nameOf).filter(isBarDataset), [
      'prices_spot_ohlc',
      'prices_spot_vwap',
      'prices_spot_vwap_fiat',
    ]);
  });
});

describe('ids', () => {
  it('are those of the stream list unless they are configured otherwise', () => {
    const { idOf, datasetOf } = datasetIds({ tvl_usd: '0701', arb_paths: '0801' });
    assert.deepEqual([idOf.tvl_usd, idOf.arb_paths, idOf.blocks], ['0701', '0801', '0101']);
    assert.equal(datasetOf.get('0701'), 'tvl_usd');
    assert.equal(datasetOf.get('0601'), undefined);
  });

  it('that two wanted datasets share are found', () => {
    const ids = datasetIds({ tvl_usd: '0701' });
    assert.deepEqual(sharedId(ids, new Set(['tvl_usd', 'arb_paths'])), ['tvl_usd', 'arb_paths']);
    assert.equal(sharedId(ids, new Set(['tvl_usd', 'blocks'])), undefined);
    assert.deepEqual(['0101', 101, '101', 'x'].map(isDatasetId), [true, false, false, false]);
  });
});
