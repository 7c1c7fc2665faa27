/**
 * One session: looks at the chain whenever there is a reason to, and reports how it continues the
 * position it began with, or which branch replaced it. It holds nothing but that position; what was
 * published before is asked of the pipeline.
 */
import type { BlockRef } from '../../model/block.ts';
import { blockCursor } from '../../model/cursor.ts';
import { FatalError, PipelineError, TransientError } from '../../model/errors.ts';
import type { SourceUpdate } from '../../model/update.ts';
import type { BlockMessage, ChainNode, ChainScope, HeadView } from './chain.ts';
import { type AnnouncedHead, HeadWatcher, type Wake } from './head-watcher.ts';
import { Reconciler } from './reconciler.ts';

/** What a kind brings to a session. `V` is a node's view of its chain, with what finality needs. */
export interface Following<N extends ChainNode, M extends BlockMessage, V extends HeadView> {
  readonly scope: ChainScope<N, M> & { readonly config: SessionConfig };
  /** Opens the announcements; throws where none can be had now. */
  openWatcher(signal: AbortSignal): Promise<HeadWatcher>;
  /** A node's view of its chain now. */
  look(request: LookRequest, signal: AbortSignal): Promise<{ readonly node: N; readonly tips: V }>;
  /** Height of the first block to publish when there is no position. */
  startHeight(tips: V): number;
  /** The block that may be called final with this view, or null where that did not move. */
  advanceFinality(tips: V, tip: BlockRef | null): BlockRef | null;
  /** The view that an announced block gives once it was read. Without it the head is looked at. */
  viewOf?(head: AnnouncedHead, receivedAtUs: number): V;
  /** Asked when a block above our position cannot be had: null while that may pass. */
  gapAt?(hole: Hole, signal: AbortSignal): Promise<Gap | null>;
}

/** Why the head is looked at. */
export interface LookRequest {
  readonly tip: BlockRef | null;
  /** Height of the head that was announced; a node below it is behind. */
  readonly announcedHeight?: number;
}

/** The first block that is missing. */
export interface Hole {
  readonly height: number;
}

/** Blocks that cannot be had again. */
export interface Gap {
  /** The last one of them: the parent of the block that comes next. */
  readonly resumedAt: BlockRef;
  readonly reason: string;
}

/** How patient a session is. */
export interface SessionConfig {
  readonly ws: readonly string[];
  readonly blockTimeMs: number;
  /** Pause between two looks without announcements, and with them. */
  readonly pollIntervalMs: number;
  readonly silenceMs: number;
  readonly rewindConfirmMs: number;
  readonly webSocketRetryMs: number;
}

/** Looks at an unsettled chain in a row before the session gives up. */
const restartsMax = 20;
const restartPauseMs = 100;
const idleIntervalMs = 1_000;

/** Runs until aborted or until something is thrown. */
export async function* followChain<N extends ChainNode, M extends BlockMessage, V extends HeadView>(
  following: Following<N, M, V>,
  tip: BlockRef | null,
  signal: AbortSignal,
): AsyncGenerator<SourceUpdate<M>> {
  // Subscribing comes before the first look, so that nothing can happen unseen in between.
  const watcher = await openWatcher(following, signal);
  try {
    const session = new ChainSession(following, watcher, tip);
    let wake: Wake = { kind: 'poll' };
    for (;;) {
      yield* session.handle(wake, signal);
      wake = await watcher.next(session.pauseMs(), signal);
    }
  } finally {
    watcher.close();
  }
}

class ChainSession<N extends ChainNode, M extends BlockMessage, V extends HeadView> {
  readonly #following: Following<N, M, V>;
  readonly #watcher: HeadWatcher;
  readonly #reconciler: Reconciler<N, M>;
  readonly #startedAtMs: number;
  #reportedAtMs = 0;

  constructor(following: Following<N, M, V>, watcher: HeadWatcher, tip: BlockRef | null) {
    this.#following = following;
    this.#watcher = watcher;
    this.#reconciler = new Reconciler(following.scope, tip);
    this.#startedAtMs = following.scope.runtime.clock.nowMs();
  }

  /** How long to wait for a hint before looking without one. */
  pauseMs(): number {
    const { config } = this.#following.scope;
    const usualMs = this.#watcher.isSubscribed ? config.silenceMs : config.pollIntervalMs;
    const doubtMs = Math.max(50, config.rewindConfirmMs / 2);
    return this.#reconciler.isInDoubt ? Math.min(usualMs, doubtMs) : usualMs;
  }

  async *handle(wake: Wake, signal: AbortSignal): AsyncGenerator<SourceUpdate<M>> {
    if (wake.kind === 'malformed') {
      const { bytes } = wake.frame;
      const code = 'source.malformed_frame';
      yield { kind: 'malformed', raw: bytes, code, reason: `A frame ${wake.reason}.` };
      return;
    }
    if (wake.kind === 'announced') {
      const { head, receivedAtUs } = wake;
      if (head.hash === this.#reconciler.tip?.hash) return;
      yield* this.#reconciler.follow(head, receivedAtUs, signal);
      const view = this.#following.viewOf?.(head, receivedAtUs);
      if (view !== undefined && this.#reconciler.tip?.hash === head.hash) {
        yield* this.#finalized(view);
        return;
      }
    }
    yield* this.#settle(wake, signal);
  }

  /** Looks at the head until our position is the head, or until there is reason to wait. */
  async *#settle(wake: Wake, signal: AbortSignal): AsyncGenerator<SourceUpdate<M>> {
    this.#endStandIn();
    let restarts = 0;
    for (;;) {
      const { tips, node } = await this.#look(wake, signal);
      const before = this.#reconciler.tip;
      const isSettled = yield* this.#step(tips, node, signal);
      const { tip } = this.#reconciler;
      if (wake.kind === 'poll' && before !== null && tip !== null && tip.height > before.height) {
        const { blockTimeMs } = this.#following.scope.config;
        this.#watcher.found(tip.height - before.height, blockTimeMs);
      }
      if (isSettled) {
        if (tip?.hash === tips.head.hash) yield* this.#finalized(tips);
        yield* this.#idle();
        return;
      }
      restarts = tip === before ? restarts + 1 : 0;
      if (restarts === 0) continue;
      if (restarts > restartsMax) throw unsettled(tips);
      await this.#following.scope.runtime.clock.sleep(restartPauseMs, signal);
    }
  }

  /** Like the reconciler's step; but what is lost for good becomes a gap. */
  async *#step(tips: V, node: N, signal: AbortSignal): AsyncGenerator<SourceUpdate<M>, boolean> {
    const context = { mark: () => this.#finalized(tips), signal };
    try {
      return yield* this.#reconciler.step(tips, node, context);
    } catch (error) {
      const height = missingHeight(error);
      const next = this.#reconciler.nextHeight;
      if (height === undefined || next === null || height < next) throw error;
      // The blocks before the missing one are taken first, so that the gap begins where they end.
      const head = { height: height - 1, hash: '' };
      if (height > next) return yield* this.#reconciler.step({ ...tips, head }, node, context);
      const gap = (await this.#following.gapAt?.({ height }, signal)) ?? null;
      if (gap === null) throw error;
      yield* this.#reconciler.skipTo(gap.resumedAt, gap.reason);
      return false;
    }
  }

  async #look(wake: Wake, signal: AbortSignal) {
    const { tip } = this.#reconciler;
    const announced = wake.kind === 'announced' ? { announcedHeight: wake.head.height } : {};
    const look = await this.#following.look({ tip, ...announced }, signal);
    if (this.#reconciler.needsStart) {
      this.#reconciler.startAt(this.#following.startHeight(look.tips));
    }
    return look;
  }

  *#finalized(tips: V): Generator<SourceUpdate<M>> {
    const block = this.#following.advanceFinality(tips, this.#reconciler.tip);
    if (block !== null) yield { kind: 'finalized', block };
  }

  *#idle(): Generator<SourceUpdate<M>> {
    const { tip } = this.#reconciler;
    const nowMs = this.#following.scope.runtime.clock.nowMs();
    if (tip === null || nowMs - this.#reportedAtMs < idleIntervalMs) return;
    this.#reportedAtMs = nowMs;
    yield { kind: 'idle', cursor: blockCursor(tip) };
  }

  /** Ends a session that polls only because no WebSocket could be opened, so that one is tried again. */
  #endStandIn(): void {
    const { config, runtime } = this.#following.scope;
    if (this.#watcher.isSubscribed || config.ws.length === 0) return;
    const polledMs = runtime.clock.nowMs() - this.#startedAtMs;
    if (polledMs < config.webSocketRetryMs) return;
    throw new TransientError('source.session_lost', {
      stage: 'sources',
      message: `This session polled for ${polledMs} ms because no WebSocket could be opened. A new session tries again.`,
      context: { polledMs },
    });
  }
}

/** Without a usable WebSocket the session polls instead; a wrong configuration of it still shows. */
async function openWatcher<N extends ChainNode, M extends BlockMessage, V extends HeadView>(
  following: Following<N, M, V>,
  signal: AbortSignal,
): Promise<HeadWatcher> {
  const { config, runtime } = following.scope;
  if (config.ws.length === 0) return new HeadWatcher(runtime.clock);
  try {
    return await following.openWatcher(signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof PipelineError) || error instanceof FatalError) throw error;
    runtime.logger.warn({ err: error }, 'no websocket, polling instead');
    return new HeadWatcher(runtime.clock);
  }
}

/** Of the block that an error says to be missing. */
function missingHeight(error: unknown): number | undefined {
  if (!(error instanceof PipelineError) || error.code !== 'source.missing_block') return undefined;
  const { height } = error.context;
  return typeof height === 'number' ? height : undefined;
}

function unsettled({ head }: HeadView): TransientError {
  return new TransientError('source.missing_block', {
    stage: 'sources',
    message: `The blocks up to the head at ${head.height} could not be read in ${restartsMax} attempts: they vanish while they are read, or the endpoints disagree. A new session tries again.`,
    context: { height: head.height, hash: head.hash },
  });
}
