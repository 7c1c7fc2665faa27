/** Many filters cost few queries, and those give the same items. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openTzktServer } from '../../../../src/devnet/tzkt/server.ts';
import { TzktSimulator } from '../../../../src/devnet/tzkt/simulator.ts';
import { mergedQueries } from '../../../../src/sources/tzkt/merged-queries.ts';
import { queriesOf } from '../../../../src/sources/tzkt/queries.ts';
import { open, testConfig } from '../../../support/tzkt/tzkt-fold.ts';

const range = { from: 1, to: 50 };
const accountAt = (index: number) => `tz1${String(index).padStart(33, 'A')}`;
const thousand = Array.from({ length: 1_000 }, (_, index) => accountAt(index));

/** On a busy machine what is due meanwhile, or asked again, would count as requests too. */
const patient = {
  silenceMs: 5_000,
  auditIntervalMs: 60_000,
  restLagMaxMs: 60_000,
  requestTimeoutMs: 60_000,
};

describe('merged queries', () => {
  it('ask for a hundred addresses at a time, each once', () => {
    const config = testConfig({ tokenTransfers: thousand.map((account) => ({ account })) });
    const merged = mergedQueries(queriesOf('token_transfers', config, range));
    assert.equal(merged.length, 30);
    for (const role of ['level', 'late', 'early']) {
      const lists = merged.filter((query) => query.role === role);
      const asked = lists.flatMap(({ params }) => params['anyof.from.to.in']?.split(',') ?? []);
      assert.deepEqual(asked, thousand);
    }
  });

  it('split the long list of one filter too', () => {
    const config = testConfig({ accounts: [{ addresses: thousand }] });
    const lists = mergedQueries(queriesOf('accounts', config, range));
    assert.equal(lists.length, 10);
    const asked = lists.flatMap(({ params }) => params['address.in']?.split(',') ?? []);
    assert.deepEqual(asked, thousand);
  });

  it('keep apart what differs in more than one value', () => {
    const [a, b] = [accountAt(1), accountAt(2)];
    const config = testConfig({
      operations: [
        { address: a, types: ['transaction', 'reveal'] },
        { address: b, types: ['transaction'] },
        { address: b, types: ['transaction'], codeHash: 7 },
      ],
      bigmaps: [
        { ptr: 1 },
        { ptr: 2 },
        { contract: 'KT1', path: 'a' },
        { contract: 'KT2', path: 'b' },
      ],
    });
    const shown = (dataset: 'operations' | 'bigmaps') =>
      mergedQueries(queriesOf(dataset, config, range)).map(({ type, params }) => {
        const { select: _, 'level.ge': __, 'level.le': ___, 'sort.asc': ____, ...rest } = params;
        return type === undefined ? rest : { type, ...rest };
      });
    assert.deepEqual(shown('operations'), [
      { type: 'transaction', 'anyof.initiator.sender.target.in': `${a},${b}` },
      { type: 'reveal', sender: a },
      { type: 'transaction', 'anyof.initiator.sender.target': b, codeHash: '7' },
    ]);
    assert.deepEqual(shown('bigmaps'), [
      { 'bigmap.in': '1,2' },
      { contract: 'KT1', path: 'a' },
      { contract: 'KT2', path: 'b' },
    ]);
  });
});

describe('a source with a thousand filters', () => {
  it('catches up with the rows of all of them, in few requests', async () => {
    const simulator = new TzktSimulator({ historyLevels: 12, limits: { transfers: 1_000 } });
    const server = await openTzktServer(simulator);
    try {
      const ids = (items: readonly Readonly<Record<string, unknown>>[], member: string) =>
        items.map((item) => String(item[member])).sort();
      const all = simulator.canonical().transfers;
      const known = all.flatMap(({ from, to }) => [from, to].filter(Boolean));
      const addresses = known.map((account) => String(Object(account)['address']));
      const wanted = [...new Set(addresses)].filter((_, index) => index % 2 === 0);
      const tokenTransfers = [...wanted, ...thousand]
        .slice(0, 1_000)
        .map((account) => ({ account }));
      const datasets = new Set(['blocks', 'token_transfers']);
      const { fold, source } = open(
        server,
        { tokenTransfers, subscriptionsMax: 1_000, ...patient },
        datasets,
      );
      const subscribed = server.requests;
      await fold.run(source, ({ chain }) => chain.tip?.hash === simulator.head.hash);
      const isWanted = (account: unknown) => wanted.includes(String(Object(account)['address']));
      const expected = all.filter(({ from, to }) => isWanted(from) || isWanted(to));
      assert(expected.length > 0 && expected.length < all.length);
      const rows = fold.rows('token_transfers').map(({ row }) => row);
      assert.deepEqual(ids(rows, 'transfer_id'), ids(expected, 'id'));
      // Nine settled levels at once, three one by one: thirty lists each, and the hashes around.
      assert(server.requests - subscribed < 200, `${server.requests - subscribed} requests`);
    } finally {
      await server.close();
    }
  });
});
