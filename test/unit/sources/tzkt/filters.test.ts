/** Filters that the hub would widen or half ignore are refused before anything starts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { validateTzktConfig } from '../../../../src/sources/tzkt/config.ts';
import {
  accountFilters,
  bigmapFilters,
  eventFilters,
  operationFilters,
  ticketFilters,
  tokenFilters,
} from '../../../../src/sources/tzkt/filters.ts';
import { testConfig } from '../../../support/tzkt/tzkt-fold.ts';

const address = `tz1${'a'.repeat(33)}`;
const contract = `KT1${'a'.repeat(33)}`;

describe('filters', () => {
  it('that contradict themselves, or that the hub would widen, are refused', () => {
    assert.throws(() => bigmapFilters([{ ptr: 1, contract }]), /a list of filters/);
    assert.throws(() => bigmapFilters([{ contract, path: 'ledger', tags: ['ledger'] }]));
    assert.throws(() => bigmapFilters([{ path: 'ledger' }]));
    assert.throws(() => eventFilters([{ contract, codeHash: 1 }]));
    assert.throws(() => tokenFilters([{ tokenId: '0' }]));
    assert.throws(() => ticketFilters([{ ticketer: address }]));
    assert.throws(() => operationFilters([{ types: ['endorsement'] }]));
    assert.throws(() => operationFilters([{ types: ['reveal'], codeHash: 1 }]));
    assert.throws(() => operationFilters([{ adress: address }]));
    assert.throws(() => accountFilters([{ addresses: [] }]));
    assert.throws(() => eventFilters([{ codeHash: 2 ** 31 }]));
    assert.throws(() => bigmapFilters([{ ptr: 2 ** 31 }]));
  });

  it('that the hub takes as they are meant are accepted', () => {
    bigmapFilters([{ ptr: 1 }, { contract, path: 'ledger' }, { contract, tags: ['ledger'] }, {}]);
    eventFilters([
      { contract, tag: 'swap' },
      { codeHash: -(2 ** 31), tag: 'swap' },
    ]);
    tokenFilters([{ account: address, contract, tokenId: '0' }]);
    ticketFilters([{ account: address, ticketer: contract }]);
    operationFilters([{ address, types: ['transaction'], codeHash: 1 }, {}]);
    accountFilters([{ addresses: [address, contract] }, {}]);
  });

  it('that another one makes meaningless are refused', () => {
    const [problem] = validateTzktConfig(testConfig({ accounts: [{}, { addresses: [address] }] }));
    assert.match(`${problem?.path} ${problem?.message}`, /accounts has an empty filter/);
  });
});
