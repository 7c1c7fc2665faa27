/** The tick replay of Lighter: every minute a whole book, and each change of a level up to the next one. */
import type { Item } from '../../simulator/json.ts';
import { granularities } from '../archive-rows.ts';
import type { Channel } from '../channels.ts';
import { blockAt, blockTimeMs } from '../history/block-time.ts';
import { bookAfter } from '../history/book.ts';
import { archivedBookRow } from '../rows/book-rows.ts';
import { levelChanges } from '../rows/order-rows.ts';
import { naming } from './frames.ts';
import type { ReplayFrame, ReplaySource } from './replay-frame.ts';
import type { ReplayRequest } from './requests.ts';

/** Sequence numbers of a minute; within it they have no gap. */
const sequencesPerMinute = 100_000;
const minutesBelow = 28_000_000;

/** The frames of a window. */
export function* tickFrames(
  channel: Channel,
  { listing, startMs, endMs }: ReplayRequest,
  { exchange, isLegacy }: ReplaySource,
): Generator<ReplayFrame> {
  const { market, history } = listing;
  const periodMs = granularities.tick;
  const { profile } = exchange;
  for (const part of exchange.archived(channel, listing, { fromMs: startMs, toMs: endMs })) {
    const first = Math.floor(part.fromMs / periodMs) * periodMs;
    for (let atMs = first; atMs <= part.toMs; atMs += periodMs) {
      const untilMs = Math.min(atMs + periodMs, part.toMs);
      const book = bookAfter(history, blockAt(atMs));
      const checkpoint = archivedBookRow(market, book, { timeMs: atMs, profile, isLegacy });
      let sequence = (Math.floor(atMs / periodMs) - minutesBelow) * sequencesPerMinute;
      const deltas: Item[] = [];
      for (const events of history.eventsBetween(blockAt(atMs) + 1, blockAt(untilMs))) {
        for (const { side, px, sz } of levelChanges(history, events)) {
          deltas.push({
            timestamp: blockTimeMs(events.block),
            side: side === 'B' ? 'bid' : 'ask',
            price: px,
            size: sz,
            sequence,
          });
          sequence += 1;
        }
      }
      const names = naming(channel.name, market.symbol);
      const frame = { type: 'historical_tick_data', ...names, checkpoint, deltas };
      yield { timeMs: Math.max(atMs, startMs), frame, isRow: true };
    }
  }
}
