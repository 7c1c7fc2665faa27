import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { contractOf } from '../../../../src/devnet/tzkt/chain/cast.ts';
import { openTzktServer, type TzktServer } from '../../../../src/devnet/tzkt/server.ts';
import { TzktSimulator } from '../../../../src/devnet/tzkt/simulator.ts';
import { RawHub } from '../../../support/tzkt/raw-hub.ts';

const seed = 'subscribing';
const fa2 = contractOf(seed, 'fa2').address;
const exchange = contractOf(seed, 'exchange');

describe('subscribing', () => {
  let simulator: TzktSimulator;
  let server: TzktServer;
  let hub: RawHub;

  before(async () => {
    simulator = new TzktSimulator({ seed, limits: { operations: 4, accounts: 3 } });
    server = await openTzktServer(simulator);
    hub = await RawHub.open(server.hub);
  });
  after(async () => {
    hub.close();
    await server.close();
  });
  afterEach(async () => {
    hub.close();
    hub = await RawHub.open(server.hub);
  });

  const refusals: readonly [string, readonly unknown[], string][] = [
    ['Operations', [{ address: 'tz1short' }], 'Invalid address'],
    ['Operations', [{ types: '' }], 'Invalid operation type'],
    ['Operations', [{ types: 'transaction, origination' }], 'Invalid operation type'],
    ['Operations', [{ types: 'token_transfer' }], 'Invalid operation type'],
    [
      'Operations',
      [{ types: 'reveal', codeHash: 1 }],
      'CodeHash can be used with delegation, origination, and transaction types only',
    ],
    ['BigMaps', [{ ptr: -1 }], 'Invalid ptr'],
    ['BigMaps', [{ contract: 'tz1' }], 'Invalid contract address'],
    ['BigMaps', [{ path: 'x'.repeat(257) }], 'Too long path'],
    ['BigMaps', [{ tags: ['unknown'] }], 'Invalid bigmap tag'],
    ['BigMaps', [{ tags: [] }], 'Invalid tags'],
    ['Events', [{ tag: 'x'.repeat(257) }], 'Too long tag'],
    ['TokenTransfers', [{ account: 'me' }], 'Invalid account address'],
    [
      'TokenBalances',
      [{ tokenId: 7 }],
      'If you specify token id, contract address must be specified as well',
    ],
    ['TicketTransfers', [{ ticketer: 'KT1' }], 'Invalid contract address'],
    [
      'Accounts',
      [{ addresses: [null] }],
      'Empty address. Array should not contain nulls or empty strings',
    ],
    ['Accounts', [{ addresses: ['x'] }], 'Array contains an invalid address'],
    ['Cycles', [{ delayBlocks: 1 }], 'DelayBlocks has to greater than or equal to 2.'],
  ];
  for (const [name, values, reason] of refusals) {
    test(`SubscribeTo${name} refuses ${JSON.stringify(values).slice(0, 60)}: ${reason}`, async () => {
      const method = `SubscribeTo${name}`;
      const error = `An unexpected error occurred invoking '${method}' on the server. HubException: ${reason}`;
      const expected = JSON.stringify({ type: 3, invocationId: '0', error });
      assert.deepEqual(await hub.call(method, ...values), [expected]);
    });
  }

  const misfits: readonly [string, readonly unknown[], string][] = [
    ['SubscribeToCycles', [], 'Invocation provides 0 argument(s) but target expects 1.'],
    ['SubscribeToBlocks', [{}], 'Invocation provides 1 argument(s) but target expects 0.'],
    ...[
      [{ types: ['transaction'] }],
      ['transaction'],
      [{ codeHash: '1' }],
      [{ codeHash: 2 ** 31 }],
    ].map((values): [string, unknown[], string] => [
      'SubscribeToOperations',
      values,
      'Error binding arguments. Make sure that the types of the provided values match the types of the hub method being invoked.',
    ]),
  ];
  for (const [method, values, reason] of misfits) {
    test(`${method} does not bind ${JSON.stringify(values)}`, async () => {
      const error = `Failed to invoke '${method}' due to an error on the server. InvalidDataException: ${reason}`;
      const expected = JSON.stringify({ type: 3, invocationId: '0', error });
      assert.deepEqual(await hub.call(method, ...values), [expected]);
    });
  }

  test('an unknown method is refused by name', async () => {
    const [frame = ''] = await hub.call('SubscribeToEverything');
    assert.equal(
      JSON.parse(frame).error,
      "Failed to invoke 'SubscribeToEverything' due to an error on the server. HubException: Method does not exist.",
    );
  });

  test('names are taken in any case, unknown members and nulls are ignored', async () => {
    const frames = await hub.call('subscribetooperations', {
      TYPES: 'baking',
      adress: 1,
      codeHash: null,
    });
    assert.equal(frames.length, 2);
  });

  test('the limit counts leaves, before adding; a repeated filter adds none', async () => {
    const call = async (types: string) =>
      (await hub.call('SubscribeToOperations', { types })).at(-1);
    await call('transaction,origination,delegation');
    await call('transaction');
    assert.match((await call('reveal,ballot,staking')) ?? '', /"result"/, 'one below the limit');
    assert.match((await call('transaction')) ?? '', /Subscriptions limit exceeded/);
  });

  test('accounts are counted before duplicates are removed', async () => {
    const addresses = simulator
      .canonical()
      .accounts.slice(0, 2)
      .map((account) => account['address']);
    assert.match((await hub.call('SubscribeToAccounts', { addresses })).at(-1) ?? '', /"result"/);
    assert.match(
      (await hub.call('SubscribeToAccounts', { addresses })).at(-1) ?? '',
      /Subscriptions limit exceeded/,
    );
  });

  test('a refused call leaves no subscription behind', async () => {
    await hub.call('SubscribeToEvents', { contract: 'x' });
    const four = simulator.canonical().accounts.slice(0, 4);
    const addresses = four.map((account) => account['address']);
    const [refusal = ''] = await hub.call('SubscribeToAccounts', { addresses });
    assert.match(refusal, /Subscriptions limit exceeded/);
    await hub.call('SubscribeToBlocks');
    simulator.produce();
    simulator.reorganize();
    const targets = (await hub.take(3)).map(([target]) => target);
    assert.deepEqual(targets, ['blocks', 'blocks', 'blocks']);
  });

  test('a second subscription to cycles names the connection', async () => {
    await hub.call('SubscribeToCycles', null);
    assert.match(
      (await hub.call('SubscribeToCycles', {})).at(-1) ?? '',
      /HubException: \S+ already subscribed\./,
    );
  });

  test('a cycle is sent once, at its delay, under its index', async () => {
    const [state] = await hub.call('SubscribeToCycles', { delayBlocks: 3 });
    assert.match(state ?? '', /"target":"cycles"/);
    simulator.produce(24);
    const [[, message] = ['', undefined]] = await hub.take(1);
    const cycle = message?.data as { index: number; firstLevel: number };
    assert.equal(message?.state, cycle.index);
    assert.equal(cycle.index, Math.floor((cycle.firstLevel - 1) / 24));
  });

  /** What a subscription gets of ten blocks, and what there was to get. */
  async function compare(
    method: string,
    filters: readonly unknown[],
    channel: 'operations' | 'bigmaps' | 'events' | 'transfers' | 'token_balances' | 'accounts',
  ) {
    for (const filter of filters) await hub.call(method, filter);
    await hub.call('SubscribeToBlocks');
    const from = simulator.head.level;
    for (let n = 0; n < 20; n += 1) simulator.apply({ groups: 8 });
    simulator.flush();
    const received = await hub.take(1 + (filters.length > 0 ? 1 : 0));
    const data = received.find(([target]) => target === channel)?.[1].data ?? [];
    const items = simulator
      .canonical()
      [channel].filter(
        (item) => Number(item['level'] ?? item['lastLevel'] ?? item['lastActivity']) > from,
      );
    return { data, items };
  }

  test('operations get the union of type, address and code hash, each item once', async () => {
    const { data, items } = await compare(
      'SubscribeToOperations',
      [
        { codeHash: exchange.codeHash },
        { address: fa2, types: 'transaction' },
        { types: 'delegation' },
      ],
      'operations',
    );
    const text = (value: unknown): string => JSON.stringify(value ?? null);
    const expected = items.filter(
      (item) =>
        item['type'] === 'delegation' ||
        (item['type'] === 'transaction' &&
          (item['targetCodeHash'] === exchange.codeHash ||
            item['senderCodeHash'] === exchange.codeHash ||
            text(item['target']).includes(fa2))),
    );
    assert.ok(expected.length > 10);
    assert.deepEqual(data, JSON.parse(JSON.stringify(expected)));
  });

  test('a path without its contract is ignored, as the server does', async () => {
    const { data, items } = await compare('SubscribeToBigMaps', [{ path: 'nowhere' }], 'bigmaps');
    assert.ok(items.length > 0);
    assert.deepEqual(data, JSON.parse(JSON.stringify(items)));
  });

  test('a contract wins over a code hash among events', async () => {
    const filter = { contract: exchange.address, codeHash: 1, tag: 'swap' };
    const { data, items } = await compare('SubscribeToEvents', [filter], 'events');
    assert.deepEqual(
      data,
      items.filter((item) => item['tag'] === 'swap'),
    );
  });

  test('all accounts and one of them come as one array, with that one twice', async () => {
    const { address } = simulator.canonical().accounts[0] ?? {};
    const { data, items } = await compare(
      'SubscribeToAccounts',
      [{ addresses: [] }, { addresses: [address] }],
      'accounts',
    );
    const touched = items.map((item) => item['address']);
    const twice = touched.flatMap((one) => (one === address ? [one, one] : [one]));
    assert.deepEqual(
      (data as { address: string }[]).map((item) => item.address),
      twice,
    );
  });
});
