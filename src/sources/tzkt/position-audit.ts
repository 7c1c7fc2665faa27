/**
 * Settles doubt: compares our position with REST's branch and says what comes of a difference. What
 * only one of hub and REST says must last before it counts; nothing is taken back on doubt.
 */
import type { BlockRef } from '../../model/block.ts';
import type { SourceUpdate } from '../../model/update.ts';
import { auditChain, type Fork, type Verdict } from './chain-audit.ts';
import type { LiveLevels } from './live-levels.ts';
import type { TzktMessage } from './messages.ts';
import type { Patience } from './patience.ts';
import type { Position } from './position.ts';
import { contradiction, lagging, silentHub } from './session-errors.ts';
import type { SessionScope } from './session-scope.ts';

type Update = SourceUpdate<TzktMessage>;

/**
 * - `sound`: nothing is wrong; `hasMore` when levels are announced that we have not reported.
 * - `switched`: our position is another one now.
 * - `doubts`: only time can tell.
 * - `moved`: the branch changed while it was read.
 * - `lags`: REST has not come to this level.
 */
export type AuditOutcome =
  | { readonly kind: 'sound'; readonly hasMore: boolean }
  | { readonly kind: 'switched' | 'doubts' | 'moved' }
  | { readonly kind: 'lags'; readonly level: number };

/** REST may know a level for so long before the hub must have said it. */
const unsaidMs = 2_000;
/** A hub that has announced nothing for so long, while REST moved on, has lost our subscriptions. */
const silentHubMs = 60_000;

/** One per session. */
export class PositionAudit {
  readonly #scope: SessionScope;
  readonly #live: LiveLevels;
  readonly #position: Position;
  readonly #patience: Patience;
  #heardAtMs: number;
  #doneAtMs = 0;
  #doneHash: string | undefined;

  constructor(
    scope: SessionScope,
    parts: { readonly live: LiveLevels; readonly position: Position; readonly patience: Patience },
  ) {
    this.#scope = scope;
    this.#live = parts.live;
    this.#position = parts.position;
    this.#patience = parts.patience;
    this.#heardAtMs = scope.runtime.clock.nowMs();
  }

  /** The hub has said something. */
  heard(): void {
    this.#heardAtMs = this.#scope.runtime.clock.nowMs();
  }

  /** True when the position must be compared before anything else is done. */
  get isDue(): boolean {
    const { config, runtime } = this.#scope;
    return (
      this.#live.isSuspicious || runtime.clock.nowMs() - this.#doneAtMs >= config.auditIntervalMs
    );
  }

  /** True when this block was compared last and found to be canonical. */
  isDone({ hash }: BlockRef): boolean {
    return hash === this.#doneHash;
  }

  async *run(tip: BlockRef, signal: AbortSignal): AsyncGenerator<Update, AuditOutcome> {
    const { reader, runtime } = this.#scope;
    const verdict = await auditChain(reader, { tip, runtime }, signal);
    this.#doneAtMs = runtime.clock.nowMs();
    if (verdict.kind === 'forked') return yield* this.#forked(tip, verdict, signal);
    if (verdict.kind === 'behind') return yield* this.#behind(tip, verdict.block);
    return yield* this.#sound(tip, verdict);
  }

  /** REST has all we published. */
  *#sound(
    tip: BlockRef,
    { serverLevel }: Extract<Verdict, { kind: 'sound' }>,
  ): Generator<Update, AuditOutcome> {
    const { config } = this.#scope;
    const rollback = `${this.#live.rollbackTo}`;
    const isAnnounced = this.#live.rollbackTo < tip.height;
    if (isAnnounced && this.#patience.waitedMs('announced', rollback) < config.rewindConfirmMs) {
      // The hub says that blocks are void, and REST still has them: it may be about to learn.
      return { kind: 'doubts' };
    }
    this.#live.clear(this.#position);
    this.#settled();
    this.#doneHash = tip.hash;
    yield* this.#position.finalize(Math.max(tip.height, serverLevel ?? 0));
    const isUnsaid = this.#isUnsaid(serverLevel);
    const [other] = this.#live.contradictions;
    if (other === undefined) {
      this.#patience.forget('contradiction');
      const hasMore = this.#live.headLevel > tip.height;
      return isUnsaid && !hasMore ? { kind: 'doubts' } : { kind: 'sound', hasMore };
    }
    if (this.#patience.waitedMs('contradiction', other.join()) >= config.restLagMaxMs) {
      throw contradiction(other, this.#position.canonicalHash(other[0]));
    }
    return { kind: 'doubts' };
  }

  /** REST ends below our position, on our chain. Only with the hub's word that is a rollback. */
  *#behind(tip: BlockRef, block: BlockRef | null): Generator<Update, AuditOutcome> {
    const { config } = this.#scope;
    const isAnnounced = block !== null && this.#live.rollbackTo <= block.height;
    const waitedMs = this.#patience.waitedMs('behind', `${block?.height} ${isAnnounced}`);
    if (isAnnounced && waitedMs >= config.rewindConfirmMs) {
      yield* this.#position.switchTo(block, null, 'announced');
      return this.#switched();
    }
    if (waitedMs >= config.restLagMaxMs) throw lagging(tip.height, waitedMs);
    return { kind: 'doubts' };
  }

  /** REST has another branch. It counts with the hub's word, or when it stays. */
  async *#forked(
    tip: BlockRef,
    { fork, serverLevel }: Extract<Verdict, { kind: 'forked' }>,
    signal: AbortSignal,
  ): AsyncGenerator<Update, AuditOutcome> {
    const { reader, config } = this.#scope;
    const { ancestor, restLevel } = fork;
    const waitedMs = this.#patience.waitedMs('forked', `${ancestor.height} ${fork.firstHash}`);
    const hasWord = this.#hasWordOf(fork);
    if (!hasWord && waitedMs < config.rewindConfirmMs) return { kind: 'doubts' };
    // A server behind the hub may show the branch that the hub has left.
    if (!hasWord && (serverLevel ?? tip.height) < this.#live.headLevel) {
      if (waitedMs >= config.restLagMaxMs) throw lagging(tip.height, waitedMs);
      return { kind: 'doubts' };
    }
    if (!fork.isAncestorKnown) {
      // It may be no reorg at all, but another network behind the same address.
      await this.#scope.assertSameChain(signal);
    }
    const from = ancestor.height + 1;
    const branch = await reader.levels({ from, to: Math.max(from, restLevel) }, signal);
    if (branch.kind === 'lagging') return { kind: 'lags', level: restLevel };
    if (branch.kind === 'moved' || branch.parentHash !== ancestor.hash) return { kind: 'moved' };
    yield* this.#position.switchTo(ancestor, branch, hasWord ? 'announced' : 'hash_audit');
    return this.#switched();
  }

  #hasWordOf({ ancestor, hashes }: Fork): boolean {
    return (
      this.#live.rollbackTo <= ancestor.height ||
      [...this.#live.contradictions].some(([level, hash]) => hashes.get(level) === hash)
    );
  }

  /**
   * True while REST knows a level that the hub has not said, for a while. A lost subscription looks
   * like a quiet chain; only REST shows the difference.
   */
  #isUnsaid(serverLevel: number | null): boolean {
    const { clock } = this.#scope.runtime;
    if (serverLevel === null || serverLevel <= this.#live.headLevel) {
      this.#patience.forget('unsaid');
      return false;
    }
    const silentMs = clock.nowMs() - this.#heardAtMs;
    if (silentMs >= silentHubMs) throw silentHub(silentMs, serverLevel);
    if (this.#patience.waitedMs('unsaid', 'level') < unsaidMs) return true;
    this.#live.raise(serverLevel, clock.nowUs());
    return false;
  }

  #settled(): void {
    for (const topic of ['announced', 'behind', 'forked']) this.#patience.forget(topic);
  }

  #switched(): AuditOutcome {
    this.#settled();
    this.#live.clear(this.#position);
    return { kind: 'switched' };
  }
}
