/**
 * One replay of a connection: rows of the archive at the pace asked for, or a bulk channel as fast as
 * the socket takes it. It ends by itself, when it is stopped, or with its socket.
 */
import { once } from 'node:events';
import type { Clock } from '../../../model/runtime.ts';
import { waitOut } from '../../simulator/faults.ts';
import type { Item } from '../../simulator/json.ts';
import type { Exchange } from '../exchange.ts';
import { Failure } from '../failure.ts';
import type { Faults } from '../faults.ts';
import { naming } from './frames.ts';
import type { Outlet } from './outlet.ts';
import type { ReplayFrame } from './replay-frame.ts';
import { replayFrames } from './replay-frames.ts';
import type { ReplayRequest } from './requests.ts';

/** What a replay needs. */
export interface ReplayOptions {
  readonly request: ReplayRequest;
  /** As fast as the plan allows. */
  readonly speed: number;
  readonly outlet: Outlet;
  readonly exchange: Exchange;
  readonly faults: Faults;
  readonly clock: Clock;
  readonly isLegacy: boolean;
  readonly version: Item;
  onEnd(): void;
}

/** Rows between two looks at whether the socket keeps up. */
const rowsPerBreath = 50;

/** A replay. */
export class Replay {
  readonly #options: ReplayOptions;
  #frames: Iterator<ReplayFrame>;
  #state: 'running' | 'paused' | 'ended' = 'running';
  #sent = 0;
  /** The event time at which the pace was last set, and the clock's time then. */
  #anchor: { eventMs: number; wallMs: number };
  #positionMs: number;
  /** Ends the present wait. */
  #wake: AbortController = new AbortController();

  constructor(options: ReplayOptions) {
    this.#options = options;
    const { request, clock } = options;
    this.#frames = this.#framesFrom(request.startMs);
    this.#positionMs = request.startMs;
    this.#anchor = { eventMs: request.startMs, wallMs: clock.nowMs() };
  }

  /** Acknowledges and begins. */
  start(): void {
    const { request, speed, outlet, version } = this.#options;
    const { startMs: start, endMs: end } = request;
    outlet.sendItem({ type: 'replay_started', ...this.#names, start, end, speed, ...version });
    void this.#run();
  }

  pause(): void {
    if (this.#state !== 'running') throw new Failure('invalid_parameter', 'The replay is paused.');
    this.#positionMs = this.#position();
    this.#state = 'paused';
    this.#interrupt();
    this.#tell('replay_paused');
  }

  resume(): void {
    if (this.#state !== 'paused')
      throw new Failure('invalid_parameter', 'The replay is not paused.');
    this.#state = 'running';
    this.#setAnchor(this.#positionMs);
    this.#interrupt();
    this.#tell('replay_resumed');
  }

  seek(timestampMs: number): void {
    const { startMs, endMs } = this.#options.request;
    if (this.#isBulk) throw new Failure('unsupported_for_venue', 'A bulk replay cannot seek.');
    if (timestampMs < startMs || timestampMs > endMs) {
      throw new Failure('invalid_time_range', `${timestampMs} is outside of the replay.`);
    }
    this.#frames = this.#framesFrom(timestampMs);
    this.#positionMs = timestampMs;
    this.#setAnchor(timestampMs);
    this.#interrupt();
  }

  stop(): void {
    this.#end();
    this.#options.outlet.sendItem({ type: 'replay_stopped' });
  }

  /** The socket is gone. */
  abandon(): void {
    this.#end();
  }

  get #isBulk(): boolean {
    return this.#options.request.channels[0]?.replay === 'bulk';
  }

  get #names(): Item {
    const { channels, isMulti, listing } = this.#options.request;
    const { symbol } = listing.market;
    if (!isMulti) return naming(channels[0]?.name ?? '', symbol);
    return { channels: channels.map(({ name }) => name), coin: symbol, symbol };
  }

  #framesFrom(startMs: number): Iterator<ReplayFrame> {
    const { request, exchange, isLegacy } = this.#options;
    return replayFrames({ ...request, startMs }, { exchange, isLegacy });
  }

  #setAnchor(eventMs: number): void {
    this.#anchor = { eventMs, wallMs: this.#options.clock.nowMs() };
  }

  #position(): number {
    const { speed, clock, exchange, request } = this.#options;
    if (!exchange.profile.isPaced || this.#isBulk) return this.#positionMs;
    const { eventMs, wallMs } = this.#anchor;
    const reached = eventMs + Math.floor((clock.nowMs() - wallMs) * speed);
    return Math.min(Math.max(reached, this.#positionMs), request.endMs);
  }

  #tell(type: 'replay_paused' | 'replay_resumed'): void {
    this.#options.outlet.sendItem({ type, current_timestamp: this.#positionMs });
  }

  #interrupt(): void {
    this.#wake.abort();
    this.#wake = new AbortController();
  }

  #end(): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#interrupt();
    this.#options.onEnd();
  }

  async #run(): Promise<void> {
    let rows = 0;
    for (;;) {
      const frames = this.#frames;
      const next = frames.next();
      if (next.done === true) break;
      await this.#reach(next.value.timeMs, frames);
      if (this.#state === 'ended') return;
      if (this.#frames !== frames) continue;
      await this.#send(next.value);
      rows += 1;
      if (rows % rowsPerBreath === 0) {
        await this.#options.outlet.flushed();
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
    }
    const frames = this.#frames;
    await this.#reach(this.#positionMs, frames);
    if (this.#state === 'ended') return;
    if (this.#frames !== frames) {
      await this.#run();
      return;
    }
    this.#options.outlet.sendItem({
      type: 'replay_completed',
      ...this.#names,
      snapshots_sent: this.#sent,
    });
    this.#end();
  }

  /** Waits until a row is due and nobody holds the replay; returns early when it ended or jumped. */
  async #reach(timeMs: number, frames: Iterator<ReplayFrame>): Promise<void> {
    while (this.#frames === frames && this.#state !== 'ended') {
      const waitMs = this.#state === 'paused' ? Number.POSITIVE_INFINITY : this.#dueInMs(timeMs);
      if (waitMs <= 0) return;
      await this.#wait(waitMs);
    }
  }

  #dueInMs(timeMs: number): number {
    const { exchange, speed, clock } = this.#options;
    if (!exchange.profile.isPaced || this.#isBulk) return 0;
    const { eventMs, wallMs } = this.#anchor;
    return wallMs + (timeMs - eventMs) / speed - clock.nowMs();
  }

  async #wait(waitMs: number): Promise<void> {
    const { signal } = this.#wake;
    if (Number.isFinite(waitMs)) {
      await this.#options.clock.sleep(Math.ceil(waitMs), signal).catch(() => undefined);
    } else await once(signal, 'abort');
  }

  async #send({ timeMs, frame, isRow }: ReplayFrame): Promise<void> {
    const { outlet, faults, request } = this.#options;
    const channel = typeof frame['channel'] === 'string' ? frame['channel'] : '';
    const place = { channel, symbol: request.listing.market.symbol };
    this.#positionMs = Math.max(timeMs, request.startMs);
    if (isRow) this.#sent += 1;
    const stalled = faults.take('replay-stalled', place);
    if (stalled !== undefined) await waitOut(stalled);
    if (isRow && faults.take('replay-lost-row', place) !== undefined) return;
    outlet.sendItem(frame);
    if (isRow && faults.take('replay-killed', place) !== undefined) {
      await outlet.flushed();
      outlet.kill();
    }
  }
}
