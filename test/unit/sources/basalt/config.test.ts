/** The options of a basalt source that are easily got wrong. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { basaltConfig } from '../../../../src/sources/basalt/config.ts';
import { checkedOptions } from '../../../support/sources/options.ts';

const checked = (given: object) =>
  checkedOptions(basaltConfig, { rest: ['http://node:5000'], ...given });

it('an address with a user, a password or a query is refused: it would be shown', () => {
  assert.deepEqual(checked({ ws: ['ws://node:5000/ws/blocks'] }).ws, ['ws://node:5000/ws/blocks']);
  for (const address of ['http://me:word@node', 'http://node/?key=1', 'ws://node', 'node']) {
    assert.throws(() => checked({ rest: [address] }), /at least one address starting with http/);
  }
});

it('a chain is named by its id', () => {
  assert.equal(checked({}).chain, 'basalt:1');
  assert.throws(() => checked({ chain: 'eip155:1' }), /an id such as basalt:1/);
});
