/** Each mistake in `filters` is named with its dataset, its parameter, its value and what was expected. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { blockdbSource } from '../../../../src/sources/blockdb/index.ts';
import { testConfig } from '../../../support/blockdb/blockdb-scene.ts';

const address = 'ab'.repeat(20);
const topic = 'cd'.repeat(32);

/** As from a file: of any shape. */
function problemsOf(json: string): readonly string[] {
  const filters = JSON.parse(json);
  return blockdbSource
    .validate({ ...testConfig({}), filters })
    .map(({ path, message }) => `${path}: ${message}`);
}

describe('filters', () => {
  it('that BlockDB has are taken', () => {
    const logs = [{ contract_addresses: [address] }, { topic_zeros: [topic, topic] }];
    const pair = { base_token_address: address, quote_token_address: address };
    const reserves = [{ include_details: true }];
    const filters = { logs, prices_spot_prints: [pair], reserves, pools: [{ exchange_ids: [1] }] };
    assert.deepEqual(problemsOf(JSON.stringify(filters)), []);
    assert.deepEqual(problemsOf('{}'), []);
  });

  const mistakes: readonly [json: string, expected: RegExp][] = [
    ['{"logz":[{}]}', /^filters\.logz: is no dataset of BlockDB, expected one of blocks, .*yields/],
    [
      '{"logs":{"topic_zeros":[]}}',
      /^filters\.logs: is \{"topic_zeros":\[\]\}, expected a list of mappings with one or more of contract_addresses, topic_zeros$/,
    ],
    ['{"logs":[]}', /^filters\.logs: is \[\], expected a list/],
    ['{"logs":["x"]}', /^filters\.logs\[0\]: is "x", expected a mapping with one or more of/],
    [
      '{"logs":[{},{"topics":["00"]}]}',
      /^filters\.logs\[1\]\.topics: is no parameter of logs, expected one or more of contract_addresses, topic_zeros$/,
    ],
    ['{"blocks":[{"miner":"00"}]}', /^filters\.blocks\[0\]\.miner: .* expected no parameter/],
    [
      `{"logs":[{"topic_zeros":["${topic}","0x${topic}"]}]}`,
      /^filters\.logs\[0\]\.topic_zeros\[1\]: is "0x(?:cd){32}", expected 32 bytes of lower-case hex without 0x$/,
    ],
    [
      `{"logs":[{"contract_addresses":["${address.repeat(50)}"]}]}`,
      /^filters\.logs\[0\]\.contract_addresses\[0\]: is "(?:ab){39}…, expected 20 bytes of/,
    ],
    ['{"transactions":[{"status_success":"yes"}]}', /status_success: is "yes", expected true or/],
    ['{"pools":[{"exchange_ids":[1.5]}]}', /exchange_ids\[0\]: is 1\.5, expected a whole number/],
    [
      '{"pools":[{"exchange_ids":7}]}',
      /exchange_ids: is 7, expected a list of at least one: a whole/,
    ],
    [
      `{"prices_spot_prints":[{"base_token_address":"${address}"}]}`,
      /^filters\.prices_spot_prints\[0\]: lacks quote_token_address: each .* needs base_token_address and quote_token_address$/,
    ],
  ];
  for (const [json, expected] of mistakes) {
    it(`that are ${json.slice(0, 60)} are refused, saying why`, () => {
      const [problem, ...others] = problemsOf(json);
      assert.match(problem ?? '', expected);
      assert.deepEqual(others, []);
    });
  }
});
