/** Secrets in what a server says. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { hideSecrets, hideSecretsInBytes, secretsOf } from '../../../src/transport/hide-secrets.ts';

describe('what a server says', () => {
  it('has every secret hidden, wherever it stands, and nothing else', () => {
    const text = 'key 0xa_$&secret, again 0xa_$&secret, of wss';
    const secrets = ['0xa_$&secret', null, 'wss', ''];
    assert.equal(hideSecrets(text, secrets), 'key [hidden], again [hidden], of wss');
  });

  it('has what was sent in the address and in headers about keys hidden', () => {
    const headers = { authorization: 'Bearer in-header', 'content-type': 'application/json' };
    assert.deepEqual(secretsOf('wss://host/v1/?api_key=in-query', headers), [
      'in-query',
      'in-header',
    ]);
  });

  it('stays the same bytes where it holds none', () => {
    const [clean, telling] = [Buffer.from('größe'), Buffer.from('größe of in-header')];
    assert.equal(hideSecretsInBytes(clean, ['in-header']), clean);
    assert.equal(String(hideSecretsInBytes(telling, ['in-header'])), 'größe of [hidden]');
  });
});
