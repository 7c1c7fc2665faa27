/**
 * The history of a source's markets: one replay after the other, in slices of time, so that the time
 * reached is that of all of them (reference section 7).
 */
import { tokenCursor } from '../../../model/cursor.ts';
import type { MarketUpdate, SourceUpdate } from '../../../model/update.ts';
import type { HistoryCommand, HistoryOptions, SourceRuntime, TimeRange } from '../../source.ts';
import { repaired } from '../archive/repaired.ts';
import { marketsOf, type OxarchiveConfig } from '../config.ts';
import type { BackfillReader, Stretch } from '../holes/backfill.ts';
import type { OxarchiveDataset, OxarchiveMessage } from '../messages.ts';
import { isRowsFrame, type ServerFrame } from '../stream/frames.ts';
import { historyPlan, type ReplayPlan } from './replay-plan.ts';
import { isBulk, runReplay, stopReplay } from './replay-run.ts';
import { type ReplayedFrame, ReplaySocket } from './replay-socket.ts';
import { MarketReplay, type ReplayedRows } from './replayed-rows.ts';

type Update = SourceUpdate<OxarchiveMessage>;

/** What one slice of several replays spans; a single replay has the whole range. */
const sliceMs = 600_000;
const rawBytesMax = 65_536;
/** A frame of ticks may have a minute of a busy book. */
const batchRowsMax = 1_000;

/** Whose history, and how it is told. */
export interface HistoryScope {
  readonly config: OxarchiveConfig;
  readonly runtime: SourceRuntime;
  readonly datasets: readonly OxarchiveDataset[];
  readonly options: HistoryOptions;
  /** Has rows, perhaps, of holes that a replay names. */
  readonly rest: BackfillReader;
}

/** See `Source.history`. */
export async function* replayHistory(
  range: TimeRange,
  scope: HistoryScope,
  signal: AbortSignal,
): AsyncGenerator<Update> {
  const { config, runtime, datasets, options } = scope;
  const markets = marketsOf(config);
  const { replays, lacking } = historyPlan(config, datasets, markets);
  for (const dataset of lacking) {
    for (const { symbol } of markets) yield gapOf(dataset, symbol, range, 'not_replayed');
  }
  if (replays.length === 0) return;
  const socket = await ReplaySocket.open(config, runtime, signal);
  const history = new History(socket, { ...scope, replays, range });
  const release = options.onCommand((command) => history.command(command));
  try {
    yield* history.run(signal);
  } finally {
    release();
    socket.close();
  }
}

interface HistoryParts extends HistoryScope {
  readonly replays: readonly ReplayPlan[];
  readonly range: TimeRange;
}

class History {
  readonly #socket: ReplaySocket;
  readonly #parts: HistoryParts;
  readonly #markets = new Map<string, MarketReplay>();
  readonly #isSingle: boolean;
  #seekMs: number | null = null;
  #isStopped = false;
  #reachedMs: number;

  constructor(socket: ReplaySocket, parts: HistoryParts) {
    this.#socket = socket;
    this.#parts = parts;
    this.#isSingle = parts.replays.length === 1;
    this.#reachedMs = parts.range.fromMs;
    const { config, runtime } = parts;
    const datasets = new Set<string>(parts.datasets);
    for (const { market } of parts.replays) {
      this.#markets.set(market.symbol, new MarketReplay(market, { config, runtime, datasets }));
    }
  }

  command(command: HistoryCommand): void {
    const { fromMs, toMs } = this.#parts.range;
    if (command.kind === 'seek') this.#seekMs = Math.min(toMs, Math.max(fromMs, command.timeMs));
    else if (command.kind === 'stop') this.#isStopped = true;
    else if (command.kind === 'pause') this.#socket.pause();
    else this.#socket.resume();
    this.#socket.ring();
  }

  async *run(signal: AbortSignal): AsyncGenerator<Update> {
    const { range } = this.#parts;
    let fromMs = range.fromMs;
    while (fromMs <= range.toMs && !this.#isStopped) {
      const nextMs = fromMs + sliceMs;
      // The venue refuses a replay of a single millisecond, which would be left at the end.
      const toMs = this.#isSingle || nextMs >= range.toMs ? range.toMs : nextMs - 1;
      const isWhole = yield* this.#slice({ fromMs, toMs }, signal);
      if (isWhole) this.#reachedMs = toMs;
      else if (this.#seekMs !== null) {
        this.#reachedMs = this.#seekMs;
        yield* this.#endBooks('seek');
      }
      fromMs = isWhole ? toMs + 1 : this.#reachedMs;
      this.#seekMs = null;
      yield this.#idle();
    }
    yield* this.#endBooks('replay_ended');
    yield this.#idle();
  }

  /** False when it was left before its end. */
  async *#slice(range: TimeRange, signal: AbortSignal): AsyncGenerator<Update, boolean> {
    for (const plan of this.#parts.replays) {
      const isWhole = yield* this.#replay(plan, range, signal);
      if (!isWhole) return false;
    }
    return true;
  }

  async *#replay(
    plan: ReplayPlan,
    { fromMs, toMs }: TimeRange,
    signal: AbortSignal,
  ): AsyncGenerator<Update, boolean> {
    const startMs = Math.max(fromMs, ...plan.channels.map((each) => each.archiveStartMs ?? 0));
    const before = { fromMs, toMs: Math.min(startMs - 1, toMs) };
    if (startMs > fromMs) yield* this.#gaps(plan, before, 'before_the_archive');
    if (startMs > toMs) return true;
    const range = { fromMs: startMs, toMs };
    const options = { ...this.#parts, ...this.#parts.options };
    for await (const taken of runReplay(this.#socket, { plan, range }, options, signal)) {
      const isLeft = this.#seekMs !== null && (!this.#isSingle || isBulk(plan));
      if (this.#isStopped || isLeft) {
        await stopReplay(this.#socket, this.#parts, signal);
        return false;
      }
      if (this.#seekMs !== null) yield* this.#seek(this.#seekMs);
      else if (taken === undefined) yield this.#idle();
      else if (taken.frame.kind === 'gap_detected') {
        yield* this.#hole(taken.frame, plan, range, signal);
      } else yield* this.#hear(taken, plan, range);
    }
    return true;
  }

  *#seek(timestamp: number): Generator<Update> {
    this.#seekMs = null;
    this.#reachedMs = timestamp;
    this.#socket.send({ op: 'replay.seek', timestamp });
    yield* this.#endBooks('seek');
  }

  *#hear(
    { frame, raw, receivedAtUs }: ReplayedFrame,
    plan: ReplayPlan,
    range: TimeRange,
  ): Generator<Update> {
    if (isRowsFrame(frame)) {
      const { market, interval } = plan;
      const at = { ...range, receivedAtUs, interval };
      const found = this.#markets.get(market.symbol)?.take(frame, at);
      if (this.#isSingle && frame.timeMs !== null) this.#reach(frame.timeMs, range);
      if (found !== undefined) yield* this.#rows(found, raw, receivedAtUs);
    } else if (frame.kind === 'ticks') {
      const found = this.#markets
        .get(plan.market.symbol)
        ?.takeTicks(frame, { ...range, receivedAtUs });
      if (found === undefined) return;
      if (this.#isSingle && found.lastMs !== null) this.#reach(found.lastMs, range);
      yield* this.#rows(found, raw, receivedAtUs);
    } else if (frame.kind === 'unreadable') {
      const reason = `A frame of the replay ${frame.reason}.`;
      const bytes = raw.subarray(0, rawBytesMax);
      yield { kind: 'malformed', raw: bytes, code: 'source.malformed_frame', reason };
    } else if (frame.kind === 'unknown') {
      const reason = `A frame of the type ${frame.type} is not expected in a replay.`;
      const bytes = raw.subarray(0, rawBytesMax);
      yield { kind: 'malformed', raw: bytes, code: 'source.unknown_kind', reason };
    }
  }

  /** Of trades and liquidations REST is asked for it; states are as they are. */
  async *#hole(
    hole: Extract<ServerFrame, { readonly kind: 'gap_detected' }>,
    { channels, market }: ReplayPlan,
    { fromMs, toMs }: TimeRange,
    signal: AbortSignal,
  ): AsyncGenerator<Update> {
    const range = { fromMs: Math.max(fromMs, hole.fromMs), toMs: Math.min(toMs, hole.toMs) };
    for (const { name, kind } of channels) {
      if (hole.channel !== null && hole.channel !== name) continue;
      if (kind === 'trades' || kind === 'liquidations') {
        yield* this.#repaired({ market, dataset: kind, range }, signal);
      } else yield gapOf(kind, market.symbol, range, 'archive_hole');
    }
  }

  async *#repaired(stretch: Stretch, signal: AbortSignal): AsyncGenerator<Update> {
    const { dataset, market } = stretch;
    for await (const page of repaired(this.#parts.rest, stretch, signal)) {
      const { rows: messages, letters, lacking, receivedAtUs } = page;
      for (const letter of letters) yield { kind: 'malformed', ...letter };
      for (const part of lacking) yield gapOf(dataset, market.symbol, part, part.reason);
      const { cursor } = this.#idle();
      if (messages.length > 0)
        yield { kind: 'batch', cursor, messages, isBackfill: true, receivedAtUs };
    }
  }

  *#rows(found: ReplayedRows, raw: Buffer, receivedAtUs: number): Generator<Update> {
    for (const { code, message, raw: bytes } of found.refusals) {
      const bytesOf = (bytes ?? raw).subarray(0, rawBytesMax);
      yield { kind: 'malformed', raw: bytesOf, code, reason: message };
    }
    yield* found.updates;
    const { messages } = found;
    const { cursor } = this.#idle();
    for (let at = 0; at < messages.length; at += batchRowsMax) {
      const part = messages.slice(at, at + batchRowsMax);
      yield { kind: 'batch', cursor, messages: part, isBackfill: true, receivedAtUs };
    }
  }

  *#gaps(
    { channels, market }: ReplayPlan,
    range: TimeRange,
    reason: string,
  ): Generator<MarketUpdate> {
    for (const { kind } of channels) yield gapOf(kind, market.symbol, range, reason);
  }

  *#endBooks(reason: string): Generator<Update> {
    const nowUs = this.#parts.runtime.clock.nowUs();
    for (const market of this.#markets.values()) {
      yield* this.#rows(market.end(reason), Buffer.alloc(0), nowUs);
    }
  }

  /** Rows of one time may still come: they are all there when a later one is. */
  #reach(timeMs: number, { fromMs, toMs }: TimeRange): void {
    this.#reachedMs = Math.min(toMs, Math.max(fromMs, timeMs - 1));
  }

  #idle() {
    return { kind: 'idle', cursor: tokenCursor(String(this.#reachedMs)) } as const;
  }
}

function gapOf(
  dataset: string,
  symbol: string,
  { fromMs, toMs }: TimeRange,
  reason: string,
): MarketUpdate {
  const stretch = { epoch: null, fromMs, toMs, rows: null, reason };
  return { kind: 'market', dataset, symbol, state: 'gap', ...stretch };
}
