/**
 * What nodes of many makes do differently: understood where the meaning is sure, refused where rows
 * would be lost or doubled.
 */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { createNormalizer } from '../../../../src/normalization/normalizer.ts';
import { evmSource } from '../../../../src/sources/evm/index.ts';
import { hashOf, type WireObject } from '../../../support/evm-node/fake-chain.ts';
import { FakeNode } from '../../../support/evm-node/fake-node.ts';
import { type Fold, open } from '../../../support/evm-node/fold.ts';

let node: FakeNode;
beforeEach(async () => {
  node = await FakeNode.start();
  node.grow('1a', '0a');
  node.setHead(node.add({ ...node.head, ...two }));
});
afterEach(() => node.close());

/** Block 2a: it has two transactions. */
const two = {
  height: 2,
  hash: hashOf('2a'),
  parentHash: hashOf('1a'),
  transactions: [hashOf('2a1'), hashOf('2a2')],
};

const reached = ({ chain }: Fold) => chain.tip?.hash === hashOf('2a');

async function read(): Promise<Fold> {
  const { fold, source } = open({ http: [node.http] });
  await fold.run(source, reached);
  return fold;
}

function fails(code: string, overrides: Parameters<typeof open>[0] = {}): Promise<void> {
  const { fold, source } = open({ http: [node.http], ...overrides });
  return assert.rejects(fold.run(source, reached), { code });
}

/** The node's own objects about block 2a, changed. */
function changed(method: string, change: (all: WireObject[]) => WireObject[]): void {
  node.onCall = (call) => {
    if (call.method !== method || !['0x2', hashOf('2a')].includes(String(call.params[0]))) return;
    const { result } = node.defaultAnswer(call);
    const isList = Array.isArray(result);
    const all = change(isList ? result : [result]);
    return { result: isList ? all : all[0] };
  };
}

function refused(method: string, error: WireObject): void {
  node.onCall = (call) => (call.method === method ? { error } : undefined);
}

describe('a chain id', () => {
  it('of null is that of no other chain: the node does not know it yet', async () => {
    node.onCall = ({ method }) => (method === 'eth_chainId' ? { result: null } : undefined);
    await fails('source.malformed_frame');
  });
});

describe('a block', () => {
  it('without a list of transactions is refused', async () => {
    changed('eth_getBlockByNumber', ([block]) => [{ ...block, transactions: undefined }]);
    await fails('source.malformed_frame');
  });

  it('that lists no transactions, and has used gas and a root of some, is refused', async () => {
    const empty = { transactions: [], logsBloom: undefined, transactionsRoot: hashOf('e') };
    changed('eth_getBlockByNumber', ([block]) => [{ ...block, ...empty }]);
    await fails('source.inconsistent_block');
  });

  it('whose log indexes begin anew in each transaction is refused: records would be the same', async () => {
    const renumbered = (logs: unknown) =>
      Array.isArray(logs) ? logs.map((log) => ({ ...log, logIndex: '0x0' })) : logs;
    changed('eth_getBlockReceipts', (receipts) =>
      receipts.map(({ logs, ...receipt }) => ({ ...receipt, logs: renumbered(logs) })),
    );
    await fails('source.inconsistent_block');
  });
});

describe('a log', () => {
  for (const field of ['blockHash', 'transactionHash']) {
    it(`with another ${field} than its receipt is refused`, async () => {
      changed('eth_getBlockReceipts', ([first, ...others]) => {
        const logs = Array.isArray(first?.['logs']) ? first['logs'] : [];
        const foreign = logs.map((log) => ({ ...log, [field]: hashOf('9a') }));
        return [{ ...first, logs: foreign }, ...others];
      });
      await fails('source.inconsistent_block');
    });
  }
});

describe('receipts', () => {
  it('that the node gives by height only are asked for one by one', async () => {
    const message = 'invalid argument 0: hex number > 64 bits';
    refused('eth_getBlockReceipts', { code: -32602, message });
    assert.equal((await read()).rows('logs').length, 3);
  });

  it('with null for an empty list of logs have none', async () => {
    changed('eth_getBlockReceipts', ([first, second]) => [{ ...first }, { ...second, logs: null }]);
    assert.equal((await read()).rows('logs').length, 2);
  });
});

describe('call trees', () => {
  it('that leave out a transaction of the chain itself are those of the others', async () => {
    changed('debug_traceBlockByHash', (traces) => traces.slice(1));
    const fold = await read();
    const traced = fold.rows('internal_transactions').map(({ row }) => row['tx_hash']);
    assert.deepEqual(traced, [hashOf('1a1'), hashOf('2a2')]);
    const failed = fold.rows('transactions').map(({ row }) => row['trace_failed']);
    assert.deepEqual(failed, [false, true, false]);
  });

  it('fewer than transactions, and not saying whose they are, are refused', async () => {
    changed('debug_traceBlockByHash', ([{ result } = {}]) => [{ result }]);
    await fails('source.malformed_frame');
  });

  it('of another block are refused', async () => {
    changed('debug_traceBlockByHash', ([first]) => [{ ...first, txHash: hashOf('9a1') }]);
    await fails('source.malformed_frame');
  });

  it('of no transaction at all are refused where gas was used', async () => {
    changed('debug_traceBlockByHash', () => []);
    await fails('source.inconsistent_block');
    node.onCall = ({ method }) => (method === 'trace_block' ? { result: [] } : undefined);
    await fails('source.inconsistent_block', { traces: 'trace_block' });
  });

  it('by height, of the block that took its place, are refused', async () => {
    node.onCall = ({ method, params }) => {
      if (method !== 'trace_block') return;
      const names = Number(params[0]) === 1 ? ['1a1'] : ['2a1', '2a2'];
      return {
        result: names.map((name, transactionPosition) => ({
          type: 'call',
          action: { from: '0x0a', to: '0x0b', callType: 'call', gas: '0x1', value: '0x0' },
          traceAddress: [],
          transactionPosition,
          transactionHash: hashOf(name),
          blockHash: hashOf(`${Number(params[0])}b`),
        })),
      };
    };
    await fails('source.inconsistent_block', { traces: 'trace_block' });
  });

  it('that the plan of a provider does not hold are not asked for', async () => {
    const message = 'debug_traceBlockByHash is not available on the Free tier - upgrade.';
    refused('debug_traceBlockByHash', { code: -32600, message });
    assert.equal((await read()).held.get(2)?.messages[0]?.calls, null);
  });
});

describe('one odd value', () => {
  /** Rows that are made, and parts that are refused, when one field of block 2a is changed. */
  async function counted(dataset: string, method: string, field: string): Promise<number[]> {
    changed(method, ([first, ...others]) => [withOdd(first, field), ...others]);
    const messages = (await read()).held.get(2)?.messages ?? [];
    const origin = { chain: 'c', source: 's', blockTimeMs: 1, isBackfill: false, receivedAtUs: 1 };
    let refusals = 0;
    const normalize = createNormalizer(evmSource.channels, new Set([dataset]));
    const place = { ...origin, height: 2, blockHash: two.hash };
    const rows = normalize(messages, place, () => {
      refusals += 1;
    });
    return [rows.length, refusals];
  }

  const withOdd = (object: WireObject = {}, field: string): WireObject => {
    const [list, name] = field.split('.');
    if (list === undefined || name === undefined) return { ...object, [field]: 'odd' };
    const items = object[list];
    const odd = (item: WireObject, index: number) => (index === 0 ? withOdd(item, name) : item);
    return { ...object, [list]: Array.isArray(items) ? items.map(odd) : withOdd({}, name) };
  };

  const cases: [string, string, string, number[]][] = [
    ['transactions', 'eth_getBlockByNumber', 'transactions.nonce', [1, 1]],
    ['transactions', 'eth_getBlockReceipts', 'gasUsed', [1, 1]],
    ['logs', 'eth_getBlockReceipts', 'logs.logIndex', [1, 1]],
    ['token_transfers', 'eth_getBlockReceipts', 'logs.logIndex', [1, 1]],
    ['contracts', 'eth_getBlockReceipts', 'status', [0, 0]],
  ];
  for (const [dataset, method, field, expected] of cases) {
    it(`in ${field} costs ${dataset} that row and no other`, async () => {
      assert.deepEqual(await counted(dataset, method, field), expected);
    });
  }
});

describe('a batch', () => {
  const answersBatchesWith = (error: WireObject): void => {
    node.onRequest = (body) =>
      Array.isArray(body) ? { text: JSON.stringify([{ id: null, error }]) } : undefined;
  };

  it('refused by a list of one error without an id is made smaller', async () => {
    answersBatchesWith({ code: -32600, message: 'one at a time' });
    await read();
  });

  it('refused in the same form for its rate is rate limited', async () => {
    answersBatchesWith({ code: 429, message: 'slow down' });
    await fails('source.rate_limited');
  });

  it('whose ids come back as text is understood', async () => {
    const answer = ({ id, ...call }: { id: number; method: string; params: unknown[] }) => ({
      id: String(id),
      ...node.defaultAnswer(call),
    });
    node.onRequest = (body) =>
      Array.isArray(body) ? { text: JSON.stringify(body.map(answer)) } : undefined;
    await read();
  });
});
