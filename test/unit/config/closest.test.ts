/** Suggestions for mistyped words. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { closest } from '../../../src/config/closest.ts';

describe('the closest word', () => {
  it('is the one with the fewest typing mistakes', () => {
    assert.equal(closest('brokrs', ['brokers', 'clientId']), 'brokers');
    assert.equal(closest('htpp', ['http', 'log']), 'http');
    assert.equal(closest('CLIENTID', ['brokers', 'clientId']), 'clientId');
  });

  it('is none when nothing is near', () => {
    assert.equal(closest('zebra', ['brokers', 'clientId']), undefined);
    assert.equal(closest('x', []), undefined);
  });
});
