/** Errors of real nodes and providers, sorted by what to do. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { classifyRpcError, type RpcErrorClass } from '../../../src/transport/rpc-error.ts';

const cases: readonly [number, string, RpcErrorClass][] = [
  [-32005, 'limit exceeded', 'rate_limited'],
  [-32005, 'daily request count exceeded, request rate limited', 'rate_limited'],
  [-32016, 'over rate limit', 'rate_limited'],
  [429, 'Your app has exceeded its compute units per second capacity', 'rate_limited'],
  [-32600, 'batch too large', 'too_large'],
  [-32003, 'response too large', 'too_large'],
  [-32600, 'batch limit exceeded', 'too_large'],
  [-32601, 'Method not found', 'unsupported'],
  [-32601, 'the method trace_block does not exist/is not available', 'unsupported'],
  [-32000, 'notifications not supported', 'unsupported'],
  [-32603, 'Not implemented', 'unsupported'],
  [-32000, 'header not found', 'other'],
  [-32000, 'finalized block not found', 'other'],
  [-32001, 'Resource not found', 'other'],
  [-32603, 'Internal error', 'other'],
];

describe('an error', () => {
  for (const [code, message, expected] of cases) {
    it(`${code} "${message}" means ${expected}`, () => {
      assert.equal(classifyRpcError({ code, message }), expected);
    });
  }
});
