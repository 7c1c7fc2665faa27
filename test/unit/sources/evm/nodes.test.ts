/** What bad answers of a node get: asked again, the next endpoint, or an end with a code. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { hashOf, wireBlock } from '../../../support/evm-node/fake-chain.ts';
import { FakeNode } from '../../../support/evm-node/fake-node.ts';
import { type Fold, open } from '../../../support/evm-node/fold.ts';

let node: FakeNode;
let second: FakeNode;
beforeEach(async () => {
  node = await FakeNode.start();
  second = await FakeNode.start();
  for (const each of [node, second]) each.grow('1a 2a', '0a');
});
afterEach(() => Promise.all([node.close(), second.close()]));

const reached = (name: string) => (fold: Fold) => fold.chain.tip?.hash === hashOf(name);
const never = () => false;

function fails(code: string, overrides: Parameters<typeof open>[0] = {}): Promise<void> {
  const { fold, source } = open({ http: [node.http], ...overrides });
  return assert.rejects(fold.run(source, never), { code });
}

async function succeeds(overrides: Parameters<typeof open>[0] = {}): Promise<Fold> {
  const { fold, source } = open({ http: [node.http], ...overrides });
  await fold.run(source, reached('2a'));
  assert.equal(fold.picture, '+a +1a +2a');
  return fold;
}

describe('a chain that is not ours', () => {
  it('is refused by its id, on any endpoint', async () => {
    second.chainId = 1;
    await fails('source.wrong_chain', { http: [second.http] });
    // The second endpoint is used only when the first one fails.
    node.onRequest = () => ({ status: 502, text: 'bad gateway' });
    await fails('source.wrong_chain', { http: [node.http, second.http] });
  });

  it('is refused when it has the id but another genesis block', async () => {
    second.onCall = ({ method, params }) =>
      method === 'eth_getBlockByNumber' && params[0] === '0x0'
        ? { result: { ...wireBlock(node.byName('0a'), false), hash: hashOf('0b') } }
        : undefined;
    const { fold, source } = open({ http: [node.http, second.http] });
    const failed = assert.rejects(
      fold.run(source, () => {
        if (reached('2a')(fold)) node.onRequest = () => ({ status: 502, text: 'bad gateway' });
        return false;
      }),
      { code: 'source.other_genesis' },
    );
    await failed;
  });
});

describe('a block that does not add up', () => {
  it('with a bloom but without logs is asked again and then refused', async () => {
    let asked = 0;
    node.onCall = ({ method, params }) => {
      if (method !== 'eth_getBlockReceipts' || params[0] !== hashOf('1a')) return undefined;
      asked += 1;
      return { result: (receiptsOf('1a') as object[]).map((each) => ({ ...each, logs: [] })) };
    };
    await fails('source.inconsistent_block');
    assert.equal(asked, 3);
  });

  it('is taken from the next endpoint when that one has it right', async () => {
    node.onCall = ({ method }) => (method === 'eth_getBlockReceipts' ? { result: [] } : undefined);
    await succeeds({ http: [node.http, second.http] });
  });

  it('with receipts of another block is refused', async () => {
    node.onCall = ({ method, params }) =>
      method === 'eth_getBlockReceipts' && params[0] === hashOf('1a')
        ? { result: receiptsOf('2a') }
        : undefined;
    await fails('source.inconsistent_block');
  });

  it('with a receipt that names another block is refused', async () => {
    node.onCall = ({ method, params }) =>
      method === 'eth_getBlockReceipts' && params[0] === hashOf('1a')
        ? {
            result: (receiptsOf('1a') as object[]).map((each) => ({
              ...each,
              blockHash: hashOf('1b'),
            })),
          }
        : undefined;
    await fails('source.inconsistent_block');
  });

  it('without receipts, although it is canonical, is missing', async () => {
    node.onCall = ({ method }) =>
      method === 'eth_getBlockReceipts' ? { result: null } : undefined;
    await fails('source.missing_block');
  });

  it('that is null below the head is missing', async () => {
    node.onCall = ({ method, params }) =>
      method === 'eth_getBlockByNumber' && params[0] === '0x1' ? { result: null } : undefined;
    await fails('source.missing_block');
  });

  function receiptsOf(name: string): unknown {
    const params = [hashOf(name)];
    return node.defaultAnswer({ method: 'eth_getBlockReceipts', params })['result'];
  }
});

describe('a node that wants less', () => {
  it('and answers 429 with Retry-After is asked again', async () => {
    let refusals = 0;
    node.onRequest = () => {
      if (refusals >= 2) return undefined;
      refusals += 1;
      return { status: 429, headers: { 'retry-after': '0.01' }, text: 'slow down' };
    };
    await succeeds();
  });

  it('all the time ends the session as rate limited', async () => {
    node.onRequest = () => ({ status: 429, text: '' });
    await fails('source.rate_limited');
  });

  it('and answers 503 ends the session as unreachable, with the pause that it asks for', async () => {
    node.onRequest = () => ({ status: 503, headers: { 'retry-after': '7200' }, text: '' });
    const { fold, source } = open({ http: [node.http] });
    await assert.rejects(fold.run(source, never), {
      code: 'source.unreachable',
      context: { origin: node.http, status: 503, retryAfterMs: 3_600_000 },
    });
  });

  it('and says so by -32005 for the whole batch or one call is rate limited', async () => {
    const error = { code: -32005, message: 'daily request count exceeded, request rate limited' };
    node.onRequest = () => ({ text: JSON.stringify({ jsonrpc: '2.0', id: null, error }) });
    await fails('source.rate_limited');
    node.onRequest = () => undefined;
    node.onCall = ({ method }) => (method === 'eth_getBlockReceipts' ? { error } : undefined);
    await fails('source.rate_limited');
  });

  it('and refuses long batches gets shorter ones', async () => {
    const sizes: number[] = [];
    node.onRequest = (body) => {
      if (!Array.isArray(body)) return undefined;
      sizes.push(body.length);
      if (body.length <= 2) return undefined;
      const error = { code: -32600, message: 'batch too large' };
      return { text: JSON.stringify({ jsonrpc: '2.0', id: null, error }) };
    };
    node.grow('3a 4a 5a 6a 7a 8a', '2a');
    const { fold, source } = open({ http: [node.http] });
    await fold.run(source, reached('8a'));
    assert.deepEqual(
      sizes.filter((size) => size > 2),
      [9, 4],
    );
  });

  it('and refuses any batch is asked one call at a time', async () => {
    const error = { code: -32600, message: 'Invalid request' };
    node.onRequest = (body) =>
      Array.isArray(body)
        ? { text: JSON.stringify({ jsonrpc: '2.0', id: null, error }) }
        : undefined;
    await succeeds();
  });

  it('and says so for some calls of a batch only gets shorter ones', async () => {
    let inBatch = 0;
    node.onRequest = (body) => {
      inBatch = Array.isArray(body) ? body.length : 1;
      return undefined;
    };
    const error = { code: -32003, message: 'response too large' };
    node.onCall = ({ method }) =>
      method === 'eth_getBlockReceipts' && inBatch > 1 ? { error } : undefined;
    await succeeds();
  });

  it('and answers 413 gets shorter batches', async () => {
    node.onRequest = (body) =>
      Array.isArray(body) && body.length > 1 ? { status: 413, text: 'too large' } : undefined;
    await succeeds();
  });
});

describe('a node with other abilities', () => {
  it('may answer a batch in any order', async () => {
    node.isBatchReversed = true;
    await succeeds();
  });

  it('without receipts by block is asked for each of them', async () => {
    const error = { code: -32601, message: 'the method eth_getBlockReceipts does not exist' };
    node.onCall = ({ method }) => (method === 'eth_getBlockReceipts' ? { error } : undefined);
    const fold = await succeeds();
    assert.equal(fold.held.get(2)?.messages[0]?.receipts?.length, 1);
  });

  it('without any traces gives no internal transactions, and everything else', async () => {
    const error = { code: -32601, message: 'Method not found' };
    node.onCall = ({ method }) => (method.startsWith('debug_') ? { error } : undefined);
    const fold = await succeeds();
    assert.equal(fold.held.get(2)?.messages[0]?.calls, null);
    assert.equal(fold.held.get(2)?.messages[0]?.receipts?.length, 1);
  });

  it('without the configured traces ends the session', async () => {
    const error = { code: -32601, message: 'Method not found' };
    node.onCall = ({ method }) => (method.startsWith('debug_') ? { error } : undefined);
    await fails('source.unsupported', { traces: 'callTracer' });
  });

  it('before its first finalized block reports no finality', async () => {
    node.finalizedHeight = undefined;
    const fold = await succeeds();
    assert(!fold.updates.some(({ kind }) => kind === 'finalized'));
  });

  it('that lowers its finalized block does not lower ours', async () => {
    node.finalizedHeight = 2;
    const { fold, source } = open({ http: [node.http] });
    await fold.run(source, (_, update) => update.kind === 'finalized');
    node.finalizedHeight = 1;
    node.grow('3a', '2a');
    await fold.run(source, (_, update) => update.kind === 'idle');
    const heights = fold.updates.flatMap((u) => (u.kind === 'finalized' ? [u.block.height] : []));
    assert.deepEqual(heights, [2]);
  });
});

describe('finality by depth', () => {
  it('is that many blocks below the head', async () => {
    node.grow('3a 4a 5a', '2a');
    const { fold, source } = open({ http: [node.http], finality: 'depth', finalityDepth: 3 });
    await fold.run(source, (_, update) => update.kind === 'finalized');
    const marks = fold.updates.flatMap((u) => (u.kind === 'finalized' ? [u.block] : []));
    assert.deepEqual(marks, [{ height: 2, hash: hashOf('2a') }]);
  });
});

describe('a broken answer', () => {
  it('that is not JSON is malformed, with its bytes', async () => {
    node.onRequest = () => ({ text: '<html>' });
    const { fold, source } = open({ http: [node.http] });
    await assert.rejects(fold.run(source, never), (error: unknown) => {
      assert(error instanceof Error && 'code' in error && 'raw' in error);
      assert.equal(error.code, 'source.malformed_frame');
      assert.equal(Buffer.from(error.raw as Uint8Array).toString(), '<html>');
      return true;
    });
  });

  it('with a field of the wrong form is malformed and names block and field', async () => {
    node.onCall = ({ method, params }) =>
      method === 'eth_getBlockByNumber' && params[0] === '0x1'
        ? { result: { ...wireBlock(node.byName('1a'), true), parentHash: 'none' } }
        : undefined;
    const { fold, source } = open({ http: [node.http] });
    await assert.rejects(fold.run(source, never), {
      code: 'source.malformed_frame',
      message: /block 1 .*"parentHash" is "none"/,
    });
  });

  it('that never comes times out and the next endpoint is asked', async () => {
    node.onRequest = () => 'stall';
    const overrides = { requestTimeoutMs: 200, attemptsMax: 1 };
    await succeeds({ http: [node.http, second.http], ...overrides });
    await fails('source.unreachable', overrides);
  });

  it('beyond the size limit is not read', async () => {
    node.onRequest = () => ({ text: `"${'x'.repeat(200_000)}"` });
    await fails('transport.frame_too_large', { responseBytesMax: 100_000 });
  });

  it('never shows more of an address than its origin', async () => {
    const secret = node.http.replace('http://', 'http://user:hunter2@');
    node.onRequest = () => ({ status: 403, text: 'no' });
    const { fold, source } = open({ http: [`${secret}/v3/hunter2?key=hunter2`] });
    await assert.rejects(fold.run(source, never), (error: unknown) => {
      assert(error instanceof Error);
      assert.match(error.message, /^http:\/\/127\.0\.0\.1:\d+ answered HTTP 403/);
      assert(!JSON.stringify([error, error.message, error.stack]).includes('hunter2'));
      return true;
    });
  });
});
