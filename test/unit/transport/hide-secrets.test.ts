/** Secrets in what a server says. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hideSecrets } from '../../../src/transport/hide-secrets.ts';

describe('what a server says', () => {
  it('has every secret hidden, wherever it stands, and nothing else', () => {
    const text = 'key 0xa_$&secret, again 0xa_$&secret, of wss';
    const secrets = ['0xa_$&secret', null, 'wss', ''];
    assert.equal(hideSecrets(text, secrets), 'key [hidden], again [hidden], of wss');
  });
});
