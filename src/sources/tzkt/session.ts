/**
 * One session: whatever the hub says, and time, lead to the same question: what is the next thing to
 * do to bring our position and the indexer's chain together? In this order: doubt is settled by
 * comparing hashes, an announced block is reported, missing levels are read, the newest are compared.
 */
import type { BlockRef } from '../../model/block.ts';
import { blockCursor } from '../../model/cursor.ts';
import { DataError, TransientError } from '../../model/errors.ts';
import type { SourceUpdate } from '../../model/update.ts';
import { auditChain, type Fork, type Verdict } from './chain-audit.ts';
import { TzktHub } from './hub.ts';
import { LiveLevels } from './live-levels.ts';
import type { ReadBlock, TzktMessage } from './messages.ts';
import { Patience } from './patience.ts';
import { Position } from './position.ts';
import { rangesOf, readAhead } from './read-ahead.ts';
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
/** REST may know a level for so long before the hub must have said it. */
const unsaidMs = 2_000;
/** A hub that has announced nothing for so long, while REST moved on, has lost our subscriptions. */
const silentHubMs = 60_000;

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
  #pauseMs = 0;
  #restarts = 0;
  #heardAtMs: number;
  #auditedAtMs = 0;
  #auditedHash: string | undefined;
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
    this.#heardAtMs = scope.runtime.clock.nowMs();
    this.#live.raise(hub.subscribedLevel, 0);
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
      this.#heardAtMs = this.#scope.runtime.clock.nowMs();
      if (event.kind === 'malformed') {
        yield malformedFrame(event.raw, event.reason);
        continue;
      }
      try {
        this.#live.take(event, this.#position);
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        this.#live.doubt(event.dataset);
        yield malformedFrame(error.raw ?? new Uint8Array(), error.message);
      }
    }
  }

  async *#step(signal: AbortSignal): AsyncGenerator<Update, Outcome> {
    const { config, runtime } = this.#scope;
    const { tip } = this.#position;
    if (this.#position.nextLevel === undefined) await this.#begin(signal);
    const next = this.#position.nextLevel ?? 0;
    const isDue = runtime.clock.nowMs() - this.#auditedAtMs >= config.auditIntervalMs;
    if (tip !== null && (this.#live.isSuspicious || isDue)) return yield* this.#audit(tip, signal);
    const announced = this.#live.announced(next, this.#scope.reader.datasets);
    if (announced !== undefined) return yield* this.#follow(announced, signal);
    if (this.#live.headLevel >= next) return yield* this.#catchUp(next, signal);
    if (tip !== null && tip.hash !== this.#auditedHash) return yield* this.#audit(tip, signal);
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
    const { reader, runtime } = this.#scope;
    const verdict = await auditChain(reader, { tip, runtime }, signal);
    this.#auditedAtMs = runtime.clock.nowMs();
    if (verdict.kind === 'forked') return yield* this.#forked(verdict.fork, signal);
    if (verdict.kind === 'behind') return yield* this.#behind(tip, verdict.block);
    return yield* this.#sound(tip, verdict);
  }

  /** REST has all we published. */
  *#sound(
    tip: BlockRef,
    { serverLevel }: Extract<Verdict, { kind: 'sound' }>,
  ): Generator<Update, Outcome> {
    const { config } = this.#scope;
    const rollback = `${this.#live.rollbackTo}`;
    const isAnnounced = this.#live.rollbackTo < tip.height;
    if (isAnnounced && this.#patience.waitedMs('announced', rollback) < config.rewindConfirmMs) {
      // The hub says that blocks are void, and REST still has them: it may be about to learn.
      return this.#doubts();
    }
    this.#live.clear(this.#position);
    this.#settled();
    this.#auditedHash = tip.hash;
    yield* this.#position.finalize(Math.max(tip.height, serverLevel ?? 0));
    this.#watchHub(serverLevel);
    const [other] = this.#live.contradictions;
    if (other === undefined) {
      this.#patience.forget('contradiction');
      return this.#live.headLevel > tip.height ? 'again' : 'wait';
    }
    if (this.#patience.waitedMs('contradiction', other.join()) >= config.restLagMaxMs) {
      throw contradiction(other, this.#position.canonicalHash(other[0]));
    }
    return this.#doubts();
  }

  /** REST ends below our position, on our chain. Only with the hub's word that is a rollback. */
  *#behind(tip: BlockRef, block: BlockRef | null): Generator<Update, Outcome> {
    const { config } = this.#scope;
    const isAnnounced = block !== null && this.#live.rollbackTo <= block.height;
    const waitedMs = this.#patience.waitedMs('behind', `${block?.height} ${isAnnounced}`);
    if (isAnnounced && waitedMs >= config.rewindConfirmMs) {
      yield* this.#position.switchTo(block, null, 'announced');
      this.#switched();
      return 'again';
    }
    if (waitedMs >= config.restLagMaxMs) throw lagging(tip.height, waitedMs);
    return this.#doubts();
  }

  /** REST has another branch. It counts with the hub's word, or when it stays. */
  async *#forked(fork: Fork, signal: AbortSignal): AsyncGenerator<Update, Outcome> {
    const { reader, config } = this.#scope;
    const { ancestor, restLevel } = fork;
    const hasWord =
      this.#live.rollbackTo <= ancestor.height ||
      [...this.#live.contradictions].some(([level, hash]) => fork.hashes.get(level) === hash);
    const waitedMs = this.#patience.waitedMs('forked', `${ancestor.height} ${fork.firstHash}`);
    if (!hasWord && waitedMs < config.rewindConfirmMs) return this.#doubts();
    if (!fork.isAncestorKnown) {
      // It may be no reorg at all, but another network behind the same address.
      await this.#scope.assertSameChain(signal);
    }
    const from = ancestor.height + 1;
    const branch = await reader.levels({ from, to: Math.max(from, restLevel) }, signal);
    if (branch.kind === 'lagging') return this.#lags(restLevel);
    if (branch.kind === 'moved' || branch.parentHash !== ancestor.hash) return this.#moved(signal);
    yield* this.#position.switchTo(ancestor, branch, hasWord ? 'announced' : 'hash_audit');
    this.#switched();
    return 'again';
  }

  /** A lost subscription looks like a quiet chain; only REST shows the difference. */
  #watchHub(serverLevel: number | null): void {
    const { clock } = this.#scope.runtime;
    const isAhead = serverLevel !== null && serverLevel > this.#live.headLevel;
    if (!isAhead) {
      this.#patience.forget('unsaid');
      return;
    }
    const silentMs = clock.nowMs() - this.#heardAtMs;
    if (silentMs >= silentHubMs) throw silentHub(silentMs, serverLevel);
    if (this.#patience.waitedMs('unsaid', 'level') >= unsaidMs) {
      this.#live.raise(serverLevel, clock.nowUs());
    } else this.#pauseMs = Math.min(this.#pauseMs, doubtPauseMs);
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
    this.#restarts += 1;
    if (this.#restarts > restartsMax) throw unsettled(this.#live.headLevel);
    this.#live.suspect();
    await this.#scope.runtime.clock.sleep(restartPauseMs, signal);
    return 'again';
  }

  #progressed(): void {
    this.#restarts = 0;
    this.#patience.forget('lag');
  }

  #settled(): void {
    for (const topic of ['announced', 'behind', 'forked']) this.#patience.forget(topic);
  }

  #switched(): void {
    this.#settled();
    this.#progressed();
    this.#live.clear(this.#position);
  }

  *#idle(): Generator<Update> {
    const { tip } = this.#position;
    const nowMs = this.#scope.runtime.clock.nowMs();
    if (tip === null || nowMs - this.#idleAtMs < idleIntervalMs) return;
    this.#idleAtMs = nowMs;
    yield { kind: 'idle', cursor: blockCursor(tip) };
  }
}

function malformedFrame(raw: Uint8Array, reason: string): Update {
  return { kind: 'malformed', raw, code: 'source.malformed_frame', reason };
}

function lagging(level: number, waitedMs: number): TransientError {
  return new TransientError('source.missing_block', {
    stage: 'sources',
    message: `REST has not shown level ${level} for ${waitedMs} ms: it lags behind the hub, or the chain went back without a word of it. Nothing was retracted. A new session looks again; check the instance if this goes on.`,
    context: { height: level, waitedMs },
  });
}

function contradiction(
  [level, theirs]: readonly [number, string],
  ours: string | undefined,
): TransientError {
  return new TransientError('source.inconsistent_block', {
    stage: 'sources',
    message: `The hub announces block ${theirs} at level ${level}, and REST has ${ours ?? 'another'} there. Nothing was retracted. A new session asks both again; check that one instance serves both.`,
    context: { height: level, hubHash: theirs, restHash: ours ?? null },
  });
}

function silentHub(silentMs: number, serverLevel: number): TransientError {
  return new TransientError('source.session_lost', {
    stage: 'sources',
    message: `The hub has announced nothing for ${silentMs} ms while REST came to level ${serverLevel}. A new session will subscribe again.`,
    context: { silentMs, serverLevel },
  });
}

function unsettled(level: number): TransientError {
  return new TransientError('source.inconsistent_block', {
    stage: 'sources',
    message: `The blocks up to level ${level} could not be read in ${restartsMax} attempts: they change while they are read. A new session tries again.`,
    context: { height: level },
  });
}
