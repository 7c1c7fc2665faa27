/**
 * One session: whatever the hub says, and time, lead to the same question: what is the next thing to
 * do to bring our position and the indexer's chain together? In this order: doubt is settled by
 * comparing hashes, an announced block is reported, missing levels are read, the newest are compared.
 */
import type { BlockRef } from '../../model/block.ts';
import { blockCursor } from '../../model/cursor.ts';
import { DataError, type ErrorCode, type TransientError } from '../../model/errors.ts';
import type { SourceUpdate } from '../../model/update.ts';
import { TzktHub } from './hub.ts';
import { LiveLevels } from './live-levels.ts';
import type { ReadBlock, TzktMessage } from './messages.ts';
import { Patience } from './patience.ts';
import { Position } from './position.ts';
import { PositionAudit } from './position-audit.ts';
import { rangesOf, readAhead } from './read-ahead.ts';
import { contradiction, lagging, neverStated, unsettled, wentBack } from './session-errors.ts';
import type { SessionScope } from './session-scope.ts';
import { subscriptionsOf } from './subscriptions.ts';

type Update = SourceUpdate<TzktMessage>;
/** What a step leaves: something may be left to do, or only time and the hub can change anything. */
type Outcome = 'again' | 'wait';

/** Reads of a moving chain in a row before the session gives up. */
const restartsMax = 50;
const restartPauseMs = 50;
const doubtPauseMs = 100;
const idleIntervalMs = 1_000;
/** For so long an announced head waits for its block before REST is asked. */
const blockGraceMs = 500;

/** Runs until aborted or until something is thrown. */
export async function* runSession(
  scope: SessionScope,
  tip: BlockRef | null,
  signal: AbortSignal,
): AsyncGenerator<Update> {
  const { config, runtime, datasets } = scope;
  const subscriptions = subscriptionsOf(config, datasets);
  // Subscribing comes before the first look, so that nothing can happen unseen in between.
  const { clock, onFrame } = runtime;
  const hub = await TzktHub.open(config, { clock, onFrame, subscriptions, signal });
  try {
    const session = new TzktSession(scope, hub, tip);
    for (;;) {
      yield* session.settle(signal);
      await hub.wait(session.pauseMs, signal);
    }
  } finally {
    await hub.close();
  }
}

class TzktSession {
  readonly #scope: SessionScope;
  readonly #hub: TzktHub;
  readonly #live = new LiveLevels();
  readonly #position: Position;
  readonly #patience: Patience;
  readonly #auditor: PositionAudit;
  /** What was warned of: once is enough. */
  readonly #warned = new Set<string>();
  #pauseMs = 0;
  #restarts = 0;
  #idleAtMs = 0;

  constructor(scope: SessionScope, hub: TzktHub, tip: BlockRef | null) {
    this.#scope = scope;
    this.#hub = hub;
    this.#position = new Position(
      scope.runtime,
      { ...scope.config, datasets: scope.datasets },
      tip,
    );
    this.#patience = new Patience(scope.runtime.clock);
    this.#auditor = new PositionAudit(scope, {
      live: this.#live,
      position: this.#position,
      patience: this.#patience,
    });
    this.#live.subscribed(hub.subscribedLevel);
  }

  /** How long to wait for the hub before looking without a reason. */
  get pauseMs(): number {
    return this.#pauseMs;
  }

  /** Does all that can be done now. */
  async *settle(signal: AbortSignal): AsyncGenerator<Update> {
    for (;;) {
      yield* this.#hear();
      this.#pauseMs = Math.min(idleIntervalMs, this.#scope.config.auditIntervalMs);
      const outcome = yield* this.#step(signal);
      this.#live.prune(this.#position.tip?.height ?? -1);
      if (outcome === 'wait') break;
    }
    yield* this.#idle();
  }

  /** Takes in what the hub has said. */
  *#hear(): Generator<Update> {
    for (let event = this.#hub.take(); event !== undefined; event = this.#hub.take()) {
      this.#auditor.heard();
      if (event.kind === 'malformed') {
        yield malformedFrame(event.raw, event.reason, event.code);
        continue;
      }
      try {
        const setback = this.#live.take(event, this.#position);
        if (setback !== undefined) this.#warn(`back/${setback.dataset}`, wentBack(setback));
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        this.#live.doubt(event.dataset);
        yield malformedFrame(error.raw ?? new Uint8Array(), error.message);
      }
    }
    const { unstated } = this.#hub;
    if (unstated.length > 0) this.#warn('state', neverStated(unstated));
  }

  #warn(topic: string, err: TransientError): void {
    if (this.#warned.has(topic)) return;
    this.#warned.add(topic);
    this.#scope.runtime.logger.warn({ err }, 'hub not as expected');
  }

  async *#step(signal: AbortSignal): AsyncGenerator<Update, Outcome> {
    const { tip } = this.#position;
    if (this.#position.nextLevel === undefined) await this.#begin(signal);
    const next = this.#position.nextLevel ?? 0;
    if (tip !== null && this.#auditor.isDue) return yield* this.#audit(tip, signal);
    const announced = this.#live.announced(next, this.#scope.reader.datasets);
    if (announced !== undefined) return yield* this.#follow(announced, signal);
    if (this.#live.headLevel >= next) return yield* this.#catchUp(next, signal);
    if (tip !== null && !this.#auditor.isDone(tip)) return yield* this.#audit(tip, signal);
    return 'wait';
  }

  async #begin(signal: AbortSignal): Promise<void> {
    const { reader, config } = this.#scope;
    const lowest = await reader.lowestLevel(signal);
    const start = config.start === 'latest' ? this.#live.headLevel : config.start;
    this.#position.startAt(start === 'earliest' ? lowest : Math.max(lowest, start));
  }

  /** Reports an announced block, once all channels have spoken or REST has said what they did not. */
  async *#follow(announced: ReadBlock, signal: AbortSignal): AsyncGenerator<Update, Outcome> {
    const { reader, config, datasets, runtime } = this.#scope;
    const wanted = datasets.includes('head')
      ? [...reader.datasets, 'head' as const]
      : reader.datasets;
    const isWhole = wanted.every((dataset) => announced.items[dataset] !== undefined);
    const waitedMs = (runtime.clock.nowUs() - announced.receivedAtUs) / 1000;
    if (!isWhole && waitedMs < config.silenceMs) {
      this.#pauseMs = Math.max(1, config.silenceMs - waitedMs);
      return 'wait';
    }
    const outcome = await reader.completed(announced, this.#position.tip, signal);
    if (outcome.kind === 'lagging') return this.#lags(announced.block.level);
    if (outcome.kind === 'moved') return this.#moved(signal);
    this.#progressed();
    yield* this.#position.report(outcome, this.#live.headLevel);
    return 'again';
  }

  /** Reads missing levels over REST: far ones in large pieces, those that may still change alone. */
  async *#catchUp(from: number, signal: AbortSignal): AsyncGenerator<Update, Outcome> {
    const { reader, config, runtime } = this.#scope;
    const target = this.#live.headLevel;
    const waitedMs = (runtime.clock.nowUs() - this.#live.headAtUs) / 1000;
    // What was there when we subscribed will not be announced.
    if (from > this.#hub.subscribedLevel && from === target && waitedMs < blockGraceMs) {
      this.#pauseMs = Math.max(1, blockGraceMs - waitedMs);
      return 'wait';
    }
    const settledLevel = target - config.finalityDepth - 1;
    const isFar = from <= settledLevel;
    const levelsMax = isFar ? config.levelsPerFetch : 1;
    const ranges = rangesOf({ from, to: isFar ? settledLevel : from }, levelsMax);
    const fetch = (range: { from: number; to: number }, own: AbortSignal) =>
      reader.levels(range, own);
    const options = { concurrency: isFar ? 2 : 1, fetch, signal };
    for await (const { range, result } of readAhead(ranges, options)) {
      if (result.kind === 'lagging') return this.#lags(range.to);
      if (!this.#position.continues(result)) return this.#moved(signal);
      this.#progressed();
      yield* this.#position.report(result, target);
      if (isFar) yield* this.#position.finalize(range.to + config.finalityDepth);
      yield* this.#hear();
      // A catch-up may take hours, in which the hub goes on announcing.
      this.#live.prune(range.to);
      if (this.#live.isSuspicious) break;
    }
    return 'again';
  }

  async *#audit(tip: BlockRef, signal: AbortSignal): AsyncGenerator<Update, Outcome> {
    const outcome = yield* this.#auditor.run(tip, signal);
    switch (outcome.kind) {
      case 'sound':
        return outcome.hasMore ? 'again' : 'wait';
      case 'switched':
        this.#progressed();
        return 'again';
      case 'doubts':
        return this.#doubts();
      case 'moved':
        return this.#moved(signal);
      case 'lags':
        return this.#lags(outcome.level);
      default:
        return outcome satisfies never;
    }
  }

  #lags(level: number): Outcome {
    const waitedMs = this.#patience.waitedMs('lag', 'rest');
    if (waitedMs >= this.#scope.config.restLagMaxMs) throw lagging(level, waitedMs);
    // What is announced and not there may have been voided: the position is looked at again.
    if (this.#position.tip !== null) this.#live.suspect();
    return this.#doubts();
  }

  #doubts(): Outcome {
    this.#pauseMs = doubtPauseMs;
    return 'wait';
  }

  async #moved(signal: AbortSignal): Promise<Outcome> {
    const { config, reader, runtime } = this.#scope;
    const next = this.#position.nextLevel ?? 0;
    const announced = this.#live.announced(next, [])?.block.hash;
    const waitedMs = this.#patience.waitedMs('moved', `${announced}`);
    const isOver = waitedMs >= config.restLagMaxMs;
    this.#restarts += 1;
    this.#live.suspect();
    if (this.#restarts <= restartsMax && !isOver) {
      await runtime.clock.sleep(restartPauseMs, signal);
      return 'again';
    }
    const { hashes } = await reader.hashes({ from: next, to: next }, signal);
    const theirs = hashes.get(next);
    // Where the hub keeps to a block that REST has another for, they disagree: that may settle.
    const isDisputed = announced !== undefined && theirs !== undefined && theirs !== announced;
    if (isDisputed && isOver) throw contradiction([next, announced], theirs);
    if (!isDisputed && this.#restarts > restartsMax) {
      throw unsettled(this.#live.headLevel, restartsMax);
    }
    return this.#doubts();
  }

  #progressed(): void {
    this.#restarts = 0;
    this.#patience.forget('lag');
    this.#patience.forget('moved');
  }

  *#idle(): Generator<Update> {
    const { tip } = this.#position;
    const nowMs = this.#scope.runtime.clock.nowMs();
    if (tip === null || nowMs - this.#idleAtMs < idleIntervalMs) return;
    this.#idleAtMs = nowMs;
    yield { kind: 'idle', cursor: blockCursor(tip) };
  }
}

function malformedFrame(
  raw: Uint8Array,
  reason: string,
  code: ErrorCode = 'source.malformed_frame',
): Update {
  return { kind: 'malformed', raw, code, reason };
}
