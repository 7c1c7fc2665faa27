import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Item } from '../../../../src/devnet/simulator/json.ts';
import { operationKinds } from '../../../../src/devnet/tzkt/chain/kinds/catalogue.ts';
import { openTzktServer, type TzktServer } from '../../../../src/devnet/tzkt/server.ts';
import { TzktSimulator } from '../../../../src/devnet/tzkt/simulator.ts';

const first = 9_100_001;

describe('the REST side', () => {
  let simulator: TzktSimulator;
  let server: TzktServer;

  before(async () => {
    simulator = new TzktSimulator({ seed: 'rest', historyLevels: 60 });
    server = await openTzktServer(simulator);
  });
  after(() => server.close());
  afterEach(() => simulator.faults.clear());

  const get = (path: string): Promise<Response> => fetch(`${server.http}/v1/${path}`);
  const rows = async (path: string): Promise<Item[]> => (await get(path)).json() as Promise<Item[]>;
  const object = async (path: string): Promise<Item> => (await get(path)).json() as Promise<Item>;
  const plain = (items: readonly Item[]): unknown => JSON.parse(JSON.stringify(items));

  test('every list, paged by its cursor, is what is true on the chain', async () => {
    const lists = {
      'bigmaps/updates': simulator.canonical().bigmaps,
      'contracts/events': simulator.canonical().events,
      'tokens/transfers': simulator.canonical().transfers,
      'tokens/balances': simulator.canonical().token_balances,
      'tickets/transfers': simulator.canonical().ticket_transfers,
      'tickets/balances': simulator.canonical().ticket_balances,
      accounts: simulator.canonical().accounts,
    };
    for (const [path, expected] of Object.entries(lists)) {
      const all: Item[] = [];
      for (;;) {
        const page = await rows(`${path}?sort.asc=id&limit=7&offset.cr=${all.at(-1)?.['id'] ?? 0}`);
        all.push(...page);
        if (page.length < 7) break;
      }
      assert.ok(expected.length > 0, path);
      assert.deepEqual(all, plain(expected), path);
    }
  });

  test('operations of every kind have a path; storage and diffs come under select only', async () => {
    const { operations } = simulator.canonical();
    for (const { type, path } of operationKinds) {
      const expected = operations.filter((operation) => operation['type'] === type);
      const bare = expected.map(({ storage: _storage, diffs: _diffs, ...rest }) => rest);
      assert.deepEqual(await rows(`operations/${path}?limit=10000`), plain(bare), type);
    }
    const selected = await rows('operations/transactions?select=id,storage,diffs,type&limit=10000');
    const transactions = operations.filter((operation) => operation['type'] === 'transaction');
    const expected = transactions.map(({ id, storage = null, diffs = null }) => ({
      id,
      storage,
      diffs,
      type: null,
    }));
    assert.deepEqual(selected, plain(expected));
    assert.deepEqual(await rows('operations/transactions?select=type'), []);
    assert.deepEqual(await rows('operations/endorsements'), await rows('operations/attestations'));
  });

  test('levels, addresses, lists and several fields at once filter as asked', async () => {
    const { operations, transfers } = simulator.canonical();
    const transactions = operations.filter((operation) => operation['type'] === 'transaction');
    const addressOf = (value: unknown): unknown => (value as Item | undefined)?.['address'];
    const range = transactions.filter(
      ({ level }) => Number(level) > first + 9 && Number(level) <= first + 19,
    );
    const [one] = range;
    const ids = async (path: string) => (await rows(`${path}&limit=10000`)).map(({ id }) => id);
    assert.deepEqual(
      await ids(`operations/transactions?level.gt=${first + 9}&level.le=${first + 19}&sort.asc=id`),
      range.map(({ id }) => id),
    );
    const sender = addressOf(one?.['sender']);
    assert.deepEqual(
      await ids(`operations/transactions?anyof.initiator.sender.target=${sender}`),
      transactions
        .filter(({ initiator, sender: from, target }) =>
          [initiator, from, target].some((party) => addressOf(party) === sender),
        )
        .map(({ id }) => id),
    );
    assert.deepEqual(
      await ids(`operations/transactions?status.in=failed,skipped&sort.desc=id`),
      transactions
        .filter(({ status }) => status === 'failed' || status === 'skipped')
        .map(({ id }) => id)
        .reverse(),
    );
    const token = transfers.find(({ token: of }) => String((of as Item)['tokenId']).length > 20);
    const { contract, tokenId } = (token?.['token'] ?? {}) as Item;
    assert.deepEqual(
      await ids(`tokens/transfers?token.contract=${addressOf(contract)}&token.tokenId=${tokenId}`),
      transfers.filter(({ token: of }) => (of as Item)['tokenId'] === tokenId).map(({ id }) => id),
    );
  });

  test('late rows are found by the level at which they were indexed', async () => {
    const late = await rows(`tokens/transfers?indexedAt.gt=${first}&limit=10000`);
    const top = Math.max(...late.map(({ level }) => Number(level)));
    const balances = await rows(`tokens/balances?indexedAt.gt=${first}&lastLevel.le=${top}`);
    assert.ok(late.length > 0 && balances.length > 0);
    assert.deepEqual(await rows(`tokens/transfers?indexedAt.gt=${simulator.head.level}`), []);
  });

  test('blocks are found by level and by hash; select.values gives a list of lists', async () => {
    const { blocks } = simulator.canonical();
    const [block] = blocks;
    assert.deepEqual(await object(`blocks/${first}`), block);
    assert.deepEqual(await rows(`blocks/${block?.['hash']}`), await rows(`blocks/${first}`));
    assert.deepEqual(
      await rows(
        `blocks?level.ge=${first}&level.le=${first + 2}&select.values=level,hash&sort.asc=level`,
      ),
      blocks.slice(0, 3).map(({ level, hash }) => [level, hash]),
    );
    assert.deepEqual(
      await rows('blocks?select=level&limit=2'),
      blocks.slice(0, 2).map(({ level }) => level),
    );
  });

  test('what is missing is 204 without a body', async () => {
    const hash = simulator.head.hash;
    simulator.reorganize();
    for (const path of [
      'blocks/99999999',
      `blocks/${hash}`,
      'cycles/1',
      'accounts/KT1GXsPntSPqdjbH6AspazvSWAb3sMkUNqnV',
    ]) {
      const answer = await get(path);
      assert.equal(answer.status, 204, path);
      assert.equal(await answer.text(), '');
    }
    const { type } = await object('accounts/tz1LwdvsnSkVDS1t6AcNfbmj8X4RCg8ot3pY');
    assert.equal(type, 'empty');
  });

  test('bad parameters are 400 with the server’s words', async () => {
    const cases: readonly [string, string, string][] = [
      ['blocks?limit=10001', 'limit', 'The field limit must be between 0 and 10000.'],
      ['blocks?limit=-1', 'limit', 'The field limit must be between 0 and 10000.'],
      ['blocks?level.gt=x', 'level.gt', 'Invalid integer value.'],
      ['operations/transactions?sender=me', 'sender', 'Invalid account address.'],
      ['accounts?sort=alias', 'sort', 'Sorting by the specified field is not allowed.'],
    ];
    for (const [path, member, message] of cases) {
      const answer = await get(path);
      assert.equal(answer.status, 400, path);
      assert.deepEqual(await answer.json(), { code: 400, errors: { [member]: message } });
    }
    assert.equal((await get('contracts/events?sort=tag')).status, 200);
    assert.equal((await get('blocks?nonsense=1')).status, 200);
  });

  test('cycles are listed newest first, two future ones included', async () => {
    const cycles = await rows('cycles');
    const { level } = simulator.head;
    const current = Math.floor((level - 1) / 24);
    assert.equal(cycles[0]?.['index'], current + 2);
    assert.deepEqual(await rows(`cycles/${current}`), cycles[2]);
  });

  test('the headers tell the head that was reported, the tables what was indexed', async () => {
    const { level } = simulator.head;
    simulator.apply();
    const answer = await get('blocks?sort.desc=level&limit=1&select=level');
    assert.equal(answer.headers.get('tzkt-level'), String(level));
    assert.match(answer.headers.get('tzkt-synced-at') ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.deepEqual(await answer.json(), [level + 1]);
    simulator.flush();
    assert.equal((await get('head')).headers.get('tzkt-level'), String(level + 1));
  });

  test('faults: status with and without Retry-After, lag, truncation, reset, delay', async () => {
    simulator.faults.arm({ name: 'rest-status', status: 429, retryAfterSeconds: 3 });
    simulator.faults.arm({ name: 'rest-status', status: 429 });
    assert.deepEqual(
      [await get('head'), await get('head'), await get('head')].map((answer) => [
        answer.status,
        answer.headers.get('retry-after'),
      ]),
      [
        [429, '3'],
        [429, null],
        [200, null],
      ],
    );
    const lag = simulator.faults.arm({ name: 'rest-lag' });
    const { level } = simulator.head;
    simulator.produce(3);
    assert.equal((await get('head')).headers.get('tzkt-level'), String(level));
    assert.equal((await get(`blocks/${level + 1}`)).status, 204);
    lag.clear();
    assert.equal((await get(`blocks/${level + 1}`)).status, 200);
    simulator.faults.arm({ name: 'rest-truncated', path: '/v1/blocks' });
    assert.equal((await get('head')).status, 200);
    await assert.rejects(rows('blocks'), SyntaxError);
    simulator.faults.arm({ name: 'rest-reset' });
    await assert.rejects(get('head'));
    const slow = simulator.faults.arm({ name: 'rest-delay', times: 0 });
    const answer = get('head');
    await slow.struck;
    slow.clear();
    assert.equal((await answer).status, 200);
  });

  test('a reorg can come between two pages', async () => {
    simulator.faults.arm({ name: 'rest-reorg', depth: 2 });
    const { level } = simulator.head;
    const hashes = (path: string) => rows(`${path}&select.values=level,hash&sort.asc=level`);
    const [page] = [await hashes(`blocks?level.gt=${level - 2}&limit=2`)];
    assert.notDeepEqual(await hashes(`blocks?level.gt=${level - 2}&limit=2`), page);
  });
});
