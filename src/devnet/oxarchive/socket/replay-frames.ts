/** The frames of a replay in their order: states at the start, rows, holes of the archive, batches. */
import type { Item } from '../../simulator/json.ts';
import { type ArchiveRow, archiveRows, stateBefore } from '../archive-rows.ts';
import { batchFrame, batchRows, snapshotFrame } from '../bulk-rows.ts';
import type { Channel } from '../channels.ts';
import type { Exchange } from '../exchange.ts';
import { blockAt, blockTimeMs } from '../history/block-time.ts';
import { candleIntervals } from '../history/candles.ts';
import type { Profile } from '../profile.ts';
import { gapFrame, naming } from './frames.ts';
import type { ReplayFrame, ReplaySource } from './replay-frame.ts';
import type { ReplayRequest } from './requests.ts';
import { tickFrames } from './tick-frames.ts';

const batchEventsMax = 5000;

/** The frames from the start of a request on. */
export function replayFrames(request: ReplayRequest, source: ReplaySource): Generator<ReplayFrame> {
  const [channel] = request.channels;
  if (channel?.replay === 'bulk') return bulkFrames(channel, request, source.exchange);
  if (channel?.kind === 'orderbook' && request.granularity === 'tick') {
    return tickFrames(channel, request, source);
  }
  return timedFrames(request, source);
}

function* timedFrames(
  request: ReplayRequest,
  { exchange, isLegacy }: ReplaySource,
): Generator<ReplayFrame> {
  const { channels, listing, startMs, endMs, isMulti } = request;
  const window = { ...request, fromMs: startMs, toMs: endMs, isLegacy };
  const symbol = listing.market.symbol;
  const frameOf = (type: string, channel: Channel, { timeMs, data }: ArchiveRow): Item => ({
    type,
    ...naming(channel.name, symbol),
    timestamp: timeMs,
    data,
  });
  for (const channel of isMulti ? channels : []) {
    const row = stateBefore(exchange, channel, listing, window);
    if (row === undefined) continue;
    const frame = frameOf('replay_snapshot', channel, row);
    yield { timeMs: startMs, frame, isRow: false };
  }
  const lanes = channels.map((channel) => ({
    channel,
    rows: archiveRows(exchange, channel, listing, window),
    lastMs: startMs,
  }));
  for (const { lane, row } of merged(lanes)) {
    const { channel, lastMs } = lane;
    if (row.timeMs - lastMs > gapMsOf(channel, request, exchange.profile)) {
      const frame = gapFrame(channel.name, symbol, { fromMs: lastMs, toMs: row.timeMs });
      yield { timeMs: row.timeMs, frame, isRow: false };
    }
    lane.lastMs = row.timeMs;
    yield { timeMs: row.timeMs, frame: frameOf('historical_data', channel, row), isRow: true };
  }
}

interface Lane {
  readonly channel: Channel;
  readonly rows: Generator<ArchiveRow>;
  lastMs: number;
}

/** The rows of all lanes by time; at the same time in the order of the lanes. */
function* merged(
  lanes: readonly Lane[],
): Generator<{ readonly lane: Lane; readonly row: ArchiveRow }> {
  const heads = lanes.map((lane) => ({ lane, next: lane.rows.next() }));
  for (;;) {
    let first: (typeof heads)[number] | undefined;
    for (const head of heads) {
      if (head.next.done === true) continue;
      const isEarlier = first === undefined || head.next.value.timeMs < timeOfHead(first.next);
      if (isEarlier) first = head;
    }
    if (first === undefined || first.next.done === true) return;
    yield { lane: first.lane, row: first.next.value };
    first.next = first.lane.rows.next();
  }
}

function timeOfHead(next: IteratorResult<ArchiveRow>): number {
  return next.done === true ? Number.POSITIVE_INFINITY : next.value.timeMs;
}

/** Holes up to this length are not announced; of candles, two are missed at least. */
function gapMsOf({ kind }: Channel, { interval }: ReplayRequest, profile: Profile): number {
  if (kind === 'trades') return profile.tradeGapMs;
  if (kind === 'liquidations') return profile.liquidationGapMs;
  if (kind !== 'candles') return profile.stateGapMs;
  return Math.max(profile.stateGapMs, 2 * candleIntervals[interval]);
}

/** The checkpoint at or before the start, and everything from there to the end. */
function* bulkFrames(
  channel: Channel,
  { listing, startMs, endMs }: ReplayRequest,
  exchange: Exchange,
): Generator<ReplayFrame> {
  const { profile } = exchange;
  const { symbol } = listing.market;
  const checkpointMs = Math.floor(startMs / profile.checkpointMs) * profile.checkpointMs;
  const block = blockAt(checkpointMs);
  const frame = snapshotFrame(channel, listing, { block, profile });
  yield { timeMs: startMs, frame, isRow: true };
  let batch: Item[] = [];
  let timeMs = startMs;
  const take = (): ReplayFrame => {
    const taken = { timeMs, frame: batchFrame(channel, symbol, batch), isRow: true };
    batch = [];
    return taken;
  };
  const window = { fromMs: blockTimeMs(block + 1), toMs: endMs };
  for (const { fromMs, toMs } of exchange.archived(channel, listing, window)) {
    for (const events of listing.history.eventsBetween(blockAt(fromMs - 1) + 1, blockAt(toMs))) {
      const rows = batchRows(channel, listing, { events, profile });
      const isFull = batch.length + rows.length > batchEventsMax;
      if (batch.length > 0 && (isFull || channel.kind === 'orderbook_full')) yield take();
      timeMs = blockTimeMs(events.block);
      batch.push(...rows);
    }
  }
  if (batch.length > 0) yield take();
}
