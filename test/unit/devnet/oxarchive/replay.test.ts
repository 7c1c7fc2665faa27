import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isItem } from '../../../../src/devnet/simulator/json.ts';
import { openOxarchiveScene } from '../../../support/oxarchive/scene.ts';

const start = 1_789_999_940_000;
const end = 1_789_999_990_000;

describe('timed replay', () => {
  test('trades of a past window come leg by leg, all of them, and are counted', async (t) => {
    const { simulator, open } = await openOxarchiveScene(t);
    const socket = await open();
    const ack = await socket.ask({
      op: 'replay',
      channel: 'trades',
      symbol: 'ETH',
      start,
      end,
      speed: 10,
    });
    assert.equal(
      JSON.stringify(ack),
      `{"type":"replay_started","channel":"trades","coin":"ETH","symbol":"ETH","start":${start},"end":${end},"speed":10,"version":"2026-10-01"}`,
    );
    const frames = await socket.through('replay_completed');
    const completed = frames.at(-1);
    const rows = frames
      .slice(0, -1)
      .map(({ data }) => data)
      .filter(isItem);
    const legs = simulator.trades('hyperliquid', 'ETH', start, end);
    assert.deepEqual(
      rows.map(({ tradeId, side, price, time }) => ({ tradeId, side, price, time })),
      legs.map(({ tid, side, px, time }) => ({ tradeId: tid, side, price: px, time })),
    );
    assert.equal(
      JSON.stringify(completed),
      `{"type":"replay_completed","channel":"trades","coin":"ETH","symbol":"ETH","snapshots_sent":${legs.length}}`,
    );
  });
});

describe('REST', () => {
  test('the trades of a window come page by page, the same as replayed', async (t) => {
    const { simulator, server } = await openOxarchiveScene(t);
    const ids: unknown[] = [];
    let cursor = '';
    for (;;) {
      const url = `${server.http}/v1/hyperliquid/trades/ETH?start=${start}&end=${end}&limit=50${cursor}`;
      const response = await fetch(url, {
        headers: { 'X-API-Key': '0xa_simulator-key', '0xArchive-Version': '2026-10-01' },
      });
      assert.equal(response.status, 200);
      const { data, meta } = (await response.json()) as {
        data: { trade_id: number; side: string }[];
        meta: { next_cursor?: string; has_more: boolean; count: number };
      };
      assert.equal(meta.count, data.length);
      ids.push(...data.map(({ trade_id, side }) => `${trade_id} ${side}`));
      if (!meta.has_more) break;
      cursor = `&cursor=${meta.next_cursor}`;
    }
    const legs = simulator.trades('hyperliquid', 'ETH', start, end);
    assert.deepEqual(
      ids,
      legs.map(({ tid, side }) => `${tid} ${side}`),
    );
  });
});
