/** What a filter of the stream is in the words of REST. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { datasets } from '../../../../src/devnet/blockdb/chain/datasets.ts';
import { invalidParameters } from '../../../../src/devnet/blockdb/chain/parameters.ts';
import { restFilters } from '../../../../src/sources/blockdb/archive/rest-filters.ts';
import type { Param } from '../../../../src/sources/blockdb/tables/table.ts';
import { blockdbDatasets, blockdbTables } from '../../../../src/sources/blockdb/tables/tables.ts';

const words: Readonly<Record<string, string>> = {
  call_types: 'CALL',
  transfer_types: 'erc721',
  quote_currency_code: 'USD',
};

function exampleOf({ name, form, isList, sizeBytes }: Param) {
  const values = { hex: 'ab'.repeat(sizeBytes ?? 0), long: 1, flag: true, interval: '5m' };
  const value = form === 'text' ? words[name] : values[form];
  return isList ? [value] : value;
}

describe('a filter', () => {
  it('of every dataset is one that REST knows', () => {
    for (const dataset of blockdbDatasets) {
      const { params, id } = blockdbTables[dataset];
      const filter = Object.fromEntries(params.map((param) => [param.name, exampleOf(param)]));
      const known = [...datasets.values()].find((each) => each.id === id)?.restFilters ?? {};
      for (const given of restFilters(dataset, filter)) {
        const body = JSON.parse(JSON.stringify(given));
        const rules = { filters: known, prefix: '', refusesUnknown: true, listMax: 9 };
        assert.deepEqual(invalidParameters(body, rules), [], dataset);
      }
    }
  });

  it('whose list REST takes one by one is a question for each combination', () => {
    const filter = {
      from_addresses: ['a', 'b'],
      to_addresses: ['c'],
      transfer_types: ['erc20', 'erc721'],
    };
    assert.deepEqual(restFilters('token_transfers', filter), [
      { from_address: 'a', to_address: 'c', transfer_type: [2, 3] },
      { from_address: 'b', to_address: 'c', transfer_type: [2, 3] },
    ]);
    assert.deepEqual(restFilters('logs', {}), [{}]);
    assert.deepEqual(restFilters('reserves', { include_details: true }), [{}]);
  });
});
