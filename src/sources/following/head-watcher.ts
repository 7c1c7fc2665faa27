/**
 * Tells a session when to look at the chain: a new head announced over WebSocket, or time to poll.
 * Announcements are hints; nothing is believed because of them.
 */
import { settlesWithin } from '../../model/deadline.ts';
import { TransientError } from '../../model/errors.ts';
import type { Clock } from '../../model/runtime.ts';
import type { Frame } from '../../transport/frame.ts';
import type { WebSocketConnection } from '../../transport/websocket.ts';

/** A header as a hint: only what all nodes send. */
export interface AnnouncedHead {
  readonly height: number;
  readonly hash: string;
  readonly parentHash: string;
}

/** Why the session wakes up. Of several announced heads only the newest counts. */
export type Wake =
  | { readonly kind: 'announced'; readonly head: AnnouncedHead; readonly receivedAtUs: number }
  | { readonly kind: 'poll' }
  | { readonly kind: 'malformed'; readonly frame: Frame; readonly reason: string };

/** Reads one frame; undefined for frames that are fine but say nothing about heads. */
export type ReadWake = (frame: Frame) => Wake | undefined;

/** A subscription this silent, in time and in blocks, is taken for dead. */
const silentMinMs = 60_000;
const silentBlocksMax = 10;

/** An open connection that announces heads, and how its frames are read. */
export interface HeadFeed {
  readonly connection: WebSocketConnection;
  readonly read: ReadWake;
}

/** With or without a feed; one reader. */
export class HeadWatcher {
  readonly #clock: Clock;
  readonly #feed: HeadFeed | undefined;
  #early: Wake[] = [];
  #announcedAtMs: number;
  #blocksUnannounced = 0;

  constructor(clock: Clock, feed?: HeadFeed) {
    this.#clock = clock;
    this.#feed = feed;
    this.#announcedAtMs = clock.nowMs();
  }

  get isSubscribed(): boolean {
    return this.#feed !== undefined;
  }

  /** Waits until `hasConfirmed` says so of a frame; heads that come before it are kept. */
  async confirmed(
    hasConfirmed: (frame: Frame) => boolean,
    untilMs: number,
    signal: AbortSignal,
  ): Promise<boolean> {
    for (;;) {
      for (let frame = this.#takeFrame(); frame !== undefined; frame = this.#takeFrame()) {
        if (hasConfirmed(frame)) return true;
        const wake = this.#feed?.read(frame);
        if (wake !== undefined) this.#early.push(wake);
      }
      const leftMs = untilMs - this.#clock.nowMs();
      if (leftMs <= 0) return false;
      await this.#wait(leftMs, signal);
    }
  }

  /**
   * The next reason to look, at the latest after `pollMs`. Throws the connection's ending when it
   * is lost, and the signal's reason on abort.
   */
  async next(pollMs: number, signal: AbortSignal): Promise<Wake> {
    const waiting = this.#takeNewest();
    if (waiting !== undefined) return waiting;
    await this.#wait(pollMs, signal);
    return this.#takeNewest() ?? { kind: 'poll' };
  }

  /**
   * A poll found blocks that were not announced. Throws `source.session_lost` when that goes on: the
   * socket is open, but its subscription is dead.
   */
  found(blocks: number, blockTimeMs: number): void {
    if (this.#feed === undefined) return;
    this.#blocksUnannounced += blocks;
    const silentMs = this.#clock.nowMs() - this.#announcedAtMs;
    const isDead =
      this.#blocksUnannounced >= silentBlocksMax &&
      silentMs > Math.max(silentMinMs, silentBlocksMax * blockTimeMs);
    if (!isDead) return;
    const { origin } = this.#feed.connection;
    throw new TransientError('source.session_lost', {
      stage: 'sources',
      message: `${origin} has announced nothing for ${silentMs} ms while its chain grew by ${this.#blocksUnannounced} blocks. A new session will subscribe again.`,
      context: { origin, silentMs },
    });
  }

  close(): void {
    this.#feed?.connection.close();
  }

  /** A malformed frame is handed out by itself, so that each one gets its dead letter. */
  #takeNewest(): Wake | undefined {
    let newest: Wake | undefined;
    for (;;) {
      const wake = this.#early.shift() ?? this.#takeWake();
      if (wake === undefined) return newest;
      if (wake.kind === 'announced') {
        this.#announcedAtMs = this.#clock.nowMs();
        this.#blocksUnannounced = 0;
      }
      if (wake.kind === 'malformed') {
        if (newest !== undefined) this.#early.unshift(newest);
        return wake;
      }
      newest = isBelow(wake, newest) ? { kind: 'poll' } : wake;
    }
  }

  #takeWake(): Wake | undefined {
    for (;;) {
      const frame = this.#takeFrame();
      if (frame === undefined) return undefined;
      const wake = this.#feed?.read(frame);
      if (wake !== undefined) return wake;
    }
  }

  #takeFrame(): Frame | undefined {
    return this.#feed?.connection.frames.take();
  }

  async #wait(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const frames = this.#feed?.connection.frames;
    if (frames === undefined) return this.#clock.sleep(ms, signal);
    await settlesWithin(frames.ready(), { clock: this.#clock, ms, signal });
    signal.throwIfAborted();
  }
}

/** A head below one that came just before: late, or a chain that went back. The head itself tells. */
function isBelow(wake: Wake, before: Wake | undefined): boolean {
  if (before === undefined || wake.kind !== 'announced') return false;
  return (
    before.kind === 'poll' || (before.kind === 'announced' && wake.head.height < before.head.height)
  );
}

/** The value of a frame of JSON text; undefined, which is no JSON value, when it is none. */
export function parseFrame(frame: Frame): unknown {
  try {
    return JSON.parse(frame.bytes.toString('utf8'));
  } catch {
    // Not JSON: the caller tells it by `undefined`.
    return undefined;
  }
}
