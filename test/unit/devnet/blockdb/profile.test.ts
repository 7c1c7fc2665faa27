/** The switches for what BlockDB's documents leave open. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Profile } from '../../../../src/devnet/blockdb/profile.ts';
import { type BlockdbServer, openBlockdbServer } from '../../../../src/devnet/blockdb/server.ts';
import { BlockdbSimulator } from '../../../../src/devnet/blockdb/simulator.ts';
import type { Item } from '../../../../src/devnet/simulator/json.ts';
import { RawStream } from '../../../support/blockdb/raw-stream.ts';
import { QuickClock } from '../../../support/tzkt/quick-clock.ts';

interface Scene {
  readonly simulator: BlockdbSimulator;
  readonly server: BlockdbServer;
  readonly stream: RawStream;
}

async function withProfile(
  profile: Partial<Omit<Profile, 'rest'>>,
  use: (scene: Scene) => Promise<void>,
): Promise<void> {
  const simulator = new BlockdbSimulator({ seed: 'profile', historyBlocks: 3, profile });
  const server = await openBlockdbServer(simulator);
  const stream = await RawStream.open(server.ws);
  try {
    await use({ simulator, server, stream });
  } finally {
    await server.close();
  }
}

const rowsOf = (profile: Partial<Omit<Profile, 'rest'>>) =>
  new BlockdbSimulator({ seed: 'profile', historyBlocks: 25, profile }).canonical();
const dataOf = (frame: Item | undefined): Item => (frame?.['data'] ?? {}) as Item;

describe('a profile of BlockDB', () => {
  test('the flag of a reorg is on the envelope, in the row, on both or nowhere', async () => {
    const seen = {
      envelope: [true, undefined],
      data: [undefined, true],
      both: [true, true],
      neither: [undefined, undefined],
    };
    for (const [reorgFlag, expected] of Object.entries(seen)) {
      await withProfile(
        { reorgFlag: reorgFlag as Profile['reorgFlag'] },
        async ({ simulator, stream }) => {
          await stream.subscribe('0101');
          simulator.reorganize({ depth: 1 });
          const [frame] = await stream.take(1);
          assert.deepEqual([frame?.['is_reorg'], dataOf(frame)['_is_reorg']], expected);
        },
      );
    }
  });

  test('ids are those of the newest pages or of the oldest', async () => {
    await withProfile({ ids: 'newest' }, async ({ simulator, stream }) => {
      await stream.subscribe('0701');
      simulator.produce(30);
      const frames = await stream.drain();
      assert.ok(frames.length > 0);
      assert.ok(
        frames.every((frame) => frame['dataset_id'] === '0701' && 'token_amounts' in dataOf(frame)),
      );
      const refused = { action: 'subscribe', chain_id: 1, dataset_id: '0501', params: {} };
      assert.match(await stream.ask(refused), /Unknown dataset/);
    });
    await withProfile({ ids: 'oldest' }, async ({ simulator, stream }) => {
      await stream.subscribe('0203');
      simulator.produce(30);
      const frames = await stream.drain();
      assert.ok(frames.length > 0 && frames.every((frame) => 'factory' in dataOf(frame)));
    });
  });

  test('a reorganization onto the same content sends only the block, or everything', async () => {
    for (const [resendsIdentical, datasets] of [
      [true, ['0101', '0102']],
      [false, ['0101']],
    ] as const) {
      await withProfile({ resendsIdentical }, async ({ simulator, stream }) => {
        const content = { isEmpty: false, transactions: 0 };
        simulator.produce(1, { ...content, transactions: 1, keeps: 'none' });
        for (const id of ['0101', '0102']) await stream.subscribe(id);
        simulator.reorganize({ depth: 1, newBlocks: 1, content: { ...content, keeps: 'all' } });
        const ids = (await stream.drain()).map((frame) => String(frame['dataset_id']));
        assert.deepEqual(ids.sort(), datasets);
      });
    }
  });

  test('the block above the replaced range is flagged too', async () => {
    await withProfile({ flagsNextBlock: true }, async ({ simulator, stream }) => {
      await stream.subscribe('0101');
      simulator.reorganize({ depth: 1, newBlocks: 3 });
      const flags = (await stream.drain()).map((frame) => frame['is_reorg']);
      assert.deepEqual(flags, [true, true, false]);
    });
  });

  test('corrections of derived datasets come later, in the order of their dataset', async () => {
    const clock = new QuickClock();
    const simulator = new BlockdbSimulator({
      seed: 'late',
      clock,
      historyBlocks: 30,
      profile: { correctionDelayMs: { min: 100, max: 2000 } },
    });
    const server = await openBlockdbServer(simulator);
    const stream = await RawStream.open(server.ws);
    for (const id of ['0101', '0103', '0304']) await stream.subscribe(id);
    simulator.reorganize({ depth: 6, content: { isEmpty: false, transactions: 5, keeps: 'all' } });
    const { '0101': blocks, '0103': logs, '0304': transfers } = simulator.canonical();
    const fork = simulator.head.height - 7;
    const own = [...blocks, ...logs, ...transfers].filter(
      (row) => Number(row['block_number']) > fork,
    );
    const frames = await stream.take(own.length);
    const order = frames.map((frame) => String(frame['dataset_id']));
    assert.ok(order.lastIndexOf('0101') < order.indexOf('0304'));
    assert.ok(order.lastIndexOf('0103') < order.indexOf('0304'));
    const late = frames.filter((frame) => frame['dataset_id'] === '0304').map(dataOf);
    assert.deepEqual(
      late,
      transfers.filter((row) => Number(row['block_number']) > fork),
    );
    await server.close();
  });

  test('datasets come in any order between each other, or one after the other', async () => {
    const orderOf = async (isInterleaved: boolean): Promise<readonly string[]> => {
      let order: readonly string[] = [];
      await withProfile({ isInterleaved }, async ({ simulator, stream }) => {
        for (const id of ['0101', '0102', '0103']) await stream.subscribe(id);
        simulator.produce(1, { isEmpty: false, transactions: 6 });
        const frames = await stream.drain();
        order = frames.map((frame) => String(frame['dataset_id']));
        const indexes = frames
          .filter((frame) => frame['dataset_id'] === '0103')
          .map((frame) => Number(dataOf(frame)['log_index']));
        assert.deepEqual(
          indexes,
          indexes.map((_, n) => n),
        );
      });
      return order;
    };
    const sorted = await orderOf(false);
    assert.deepEqual(sorted, [...sorted].sort());
    const mixed = await orderOf(true);
    assert.deepEqual([...mixed].sort(), sorted);
    assert.notDeepEqual(mixed, sorted);
  });

  test('a second subscription replaces, merges or is refused', async () => {
    for (const [repeatedSubscribe, count] of [
      ['replace', 0],
      ['merge', 1],
      ['error', 1],
    ] as const) {
      await withProfile({ repeatedSubscribe }, async ({ simulator, stream }) => {
        const { tokens } = simulator.cast;
        const pair = (a = 0, b = 0) => ({
          base_token_address: tokens[a]?.address ?? '',
          quote_token_address: tokens[b]?.address ?? '',
        });
        await stream.subscribe('0302', pair(0, 1));
        const again = { action: 'subscribe', chain_id: 1, dataset_id: '0302', params: pair(1, 4) };
        const ack = await stream.ask(again);
        assert.equal(ack.includes('"status":"error"'), repeatedSubscribe === 'error');
        simulator.produce(25);
        const first = (await stream.drain())
          .map(dataOf)
          .filter((row) => [row['token_in'], row['token_out']].includes(tokens[0]?.address));
        assert.equal(first.length > 0, count === 1, repeatedSubscribe);
      });
    }
  });

  test('unknown parameters are ignored', async () => {
    await withProfile({ unknownParameters: 'ignore' }, async ({ stream }) => {
      await stream.subscribe('0101', { from_block: 1 });
    });
  });

  test('acknowledgements that take their time keep their order', async () => {
    await withProfile({ ackDelayMs: 5 }, async ({ stream }) => {
      for (const id of ['0103', '0101']) {
        stream.sendRaw(`{"action":"subscribe","chain_id":1,"dataset_id":"${id}"}`);
      }
      const ids = (await stream.take(2)).map((frame) => frame['dataset_id']);
      assert.deepEqual(ids, ['0103', '0101']);
    });
  });

  test('amounts are raw, or adjusted with their raw twins', () => {
    const [raw] = rowsOf({})['0302'];
    const [adjusted] = rowsOf({ amounts: 'adjusted' })['0302'];
    assert.match(String(raw?.['amount_in']), /^\d+$/);
    assert.match(String(adjusted?.['amount_in']), /^\d+\.\d{18}$/);
    assert.equal(adjusted?.['amount_in_raw'], raw?.['amount_in']);
    assert.equal('amount_in_raw' in (raw ?? {}), false);
  });

  test('bars may have anchors, times no fraction, rows no null and no time of writing', () => {
    const bars = rowsOf({ hasBarAnchors: true })['0404'];
    assert.ok(bars.every((bar) => typeof bar['last_block_number'] === 'number'));
    assert.ok(rowsOf({})['0404'].every((bar) => bar['last_block_number'] === undefined));
    const [short] = rowsOf({ timeDigits: 0 })['0101'];
    assert.match(String(short?.['timestamp_utc']), /:\d\dZ$/);
    assert.match(String(short?.['_created_at']), /:\d\dZ$/);
    const sparse = Object.values(rowsOf({ nulls: 'absent', hasUpdatedAt: false })).flat();
    assert.ok(sparse.every((row) => !Object.values(row).includes(null) && !('_updated_at' in row)));
  });
});
