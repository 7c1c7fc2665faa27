/**
 * One session: looks at the chain whenever there is a reason to, and reports how it continues the
 * position it began with, or which branch replaced it. It holds nothing but that position; what was
 * published before is asked of the pipeline.
 */
import type { BlockRef } from '../../model/block.ts';
import { blockCursor, type Cursor, parseCursor } from '../../model/cursor.ts';
import { FatalError, PipelineError, TransientError } from '../../model/errors.ts';
import type { SourceUpdate } from '../../model/update.ts';
import { Finality } from './finality.ts';
import { HeadWatcher, openHeadWatcher, type Wake } from './head-watcher.ts';
import type { EvmMessage } from './messages.ts';
import type { Tips } from './node.ts';
import { Reconciler } from './reconciler.ts';
import type { SessionScope } from './session-scope.ts';
import { startHeight } from './start.ts';

type Update = SourceUpdate<EvmMessage>;

/** Looks at an unsettled chain in a row before the session gives up. */
const restartsMax = 20;
const restartPauseMs = 100;
const idleIntervalMs = 1_000;

/** Runs until aborted or until something is thrown. */
export async function* runSession(
  scope: SessionScope,
  after: Cursor | null,
  signal: AbortSignal,
): AsyncGenerator<Update> {
  // Subscribing comes before the first look, so that nothing can happen unseen in between.
  const watcher = await openWatcher(scope, signal);
  try {
    const session = new EvmSession(scope, watcher, positionOf(after));
    let wake: Wake = { kind: 'poll' };
    for (;;) {
      yield* session.handle(wake, signal);
      wake = await watcher.next(session.pauseMs(), signal);
    }
  } finally {
    watcher.close();
  }
}

class EvmSession {
  readonly #scope: SessionScope;
  readonly #watcher: HeadWatcher;
  readonly #reconciler: Reconciler;
  readonly #finality: Finality;
  readonly #startedAtMs: number;
  #reportedAtMs = 0;

  constructor(scope: SessionScope, watcher: HeadWatcher, tip: BlockRef | null) {
    this.#scope = scope;
    this.#watcher = watcher;
    this.#reconciler = new Reconciler(scope, tip);
    this.#finality = new Finality(scope.config, scope.runtime);
    this.#startedAtMs = scope.runtime.clock.nowMs();
  }

  /** How long to wait for a hint before looking without one. */
  pauseMs(): number {
    const { config } = this.#scope;
    const usualMs = this.#watcher.isSubscribed ? config.blockTimeMs : config.pollIntervalMs;
    const doubtMs = Math.max(50, config.rewindConfirmMs / 2);
    return this.#reconciler.isInDoubt ? Math.min(usualMs, doubtMs) : usualMs;
  }

  async *handle(wake: Wake, signal: AbortSignal): AsyncGenerator<Update> {
    if (wake.kind === 'malformed') {
      const { bytes } = wake.frame;
      const code = 'source.malformed_frame';
      yield { kind: 'malformed', raw: bytes, code, reason: `A frame ${wake.reason}.` };
      return;
    }
    if (wake.kind === 'announced') {
      if (wake.head.hash === this.#reconciler.tip?.hash) return;
      yield* this.#reconciler.follow(wake.head, wake.receivedAtUs, signal);
    }
    yield* this.#settle(wake, signal);
  }

  /** Looks at the head until our position is the head, or until there is reason to wait. */
  async *#settle(wake: Wake, signal: AbortSignal): AsyncGenerator<Update> {
    this.#endStandIn();
    let restarts = 0;
    for (;;) {
      const { tips, node } = await this.#look(signal);
      const before = this.#reconciler.tip;
      const isSettled = yield* this.#reconciler.step(tips, node, {
        mark: () => this.#finalized(tips),
        signal,
      });
      const { tip } = this.#reconciler;
      if (wake.kind === 'poll' && before !== null && tip !== null && tip.height > before.height) {
        this.#watcher.found(tip.height - before.height, this.#scope.config.blockTimeMs);
      }
      if (isSettled) {
        if (tip?.hash === tips.head.hash) yield* this.#finalized(tips);
        yield* this.#idle();
        return;
      }
      restarts = tip === before ? restarts + 1 : 0;
      if (restarts === 0) continue;
      if (restarts > restartsMax) throw unsettled(tips);
      await this.#scope.runtime.clock.sleep(restartPauseMs, signal);
    }
  }

  async #look(signal: AbortSignal) {
    const { nodes, config } = this.#scope;
    const wantsTag = this.#finality.usesTag || config.start === 'finalized';
    const look = await nodes.run(
      async (node) => ({ node, tips: await node.tips(wantsTag, signal) }),
      signal,
    );
    if (this.#reconciler.needsStart) {
      this.#reconciler.startAt(startHeight(config, look.tips));
    }
    return look;
  }

  *#finalized(tips: Tips): Generator<Update> {
    const block = this.#finality.advance(tips, this.#reconciler.tip);
    if (block !== null) yield { kind: 'finalized', block };
  }

  *#idle(): Generator<Update> {
    const { tip } = this.#reconciler;
    const nowMs = this.#scope.runtime.clock.nowMs();
    if (tip === null || nowMs - this.#reportedAtMs < idleIntervalMs) return;
    this.#reportedAtMs = nowMs;
    yield { kind: 'idle', cursor: blockCursor(tip) };
  }

  /** Ends a session that polls only because no WebSocket could be opened, so that one is tried again. */
  #endStandIn(): void {
    const { config, runtime } = this.#scope;
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
async function openWatcher(scope: SessionScope, signal: AbortSignal): Promise<HeadWatcher> {
  const { config, runtime } = scope;
  if (config.ws.length === 0) return new HeadWatcher(runtime.clock);
  try {
    return await openHeadWatcher(config, runtime, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof PipelineError) || error instanceof FatalError) throw error;
    runtime.logger.warn({ err: error }, 'no websocket, polling instead');
    return new HeadWatcher(runtime.clock);
  }
}

function positionOf(after: Cursor | null): BlockRef | null {
  if (after === null) return null;
  const position = parseCursor(after);
  if (position.kind === 'block') return position.block;
  throw new FatalError('cursor.unreadable', {
    stage: 'sources',
    message: `Cursor "${after}" names no block, so it is not of an EVM source. Reset the checkpoint of this source, or give the source its old name back.`,
    context: { cursor: after },
  });
}

function unsettled(tips: Tips): TransientError {
  return new TransientError('source.missing_block', {
    stage: 'sources',
    message: `The blocks up to the head at ${tips.head.height} could not be read in ${restartsMax} attempts: they vanish while they are read, or the endpoints disagree. A new session tries again.`,
    context: { height: tips.head.height, hash: tips.head.hash },
  });
}
