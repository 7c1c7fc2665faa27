/**
 * One session: rows of the stream and blocks of REST go to the assembly, and what the reporter makes
 * of them goes out. In this order: what was said is taken in, REST's answer is, blocks are reported,
 * what is certain becomes final, REST is asked for more.
 */
import type { BlockRef } from '../../model/block.ts';
import { blockCursor, tokenCursor } from '../../model/cursor.ts';
import { TransientError } from '../../model/errors.ts';
import type { SourceUpdate } from '../../model/update.ts';
import { Bell } from '../bell.ts';
import { Assembler } from './assembly/assembler.ts';
import { Reporter } from './assembly/reporter.ts';
import { Audit } from './audit.ts';
import { Comparison } from './comparison.ts';
import { confirmationsOf } from './config.ts';
import { Intake, malformed } from './intake.ts';
import type { BlockdbRow } from './messages.ts';
import type { SessionScope } from './session-scope.ts';
import { BlockdbStream } from './stream/stream.ts';
import { subscriptionPlan } from './stream/subscriptions.ts';

type Update = SourceUpdate<BlockdbRow>;

const idleIntervalMs = 1_000;
const pauseMinMs = 5;

/** Runs until aborted or until something is thrown. */
export async function* runSession(
  scope: SessionScope,
  tip: BlockRef | null,
  signal: AbortSignal,
): AsyncGenerator<Update> {
  const { config, runtime, datasets, ids } = scope;
  const bell = new Bell();
  const plan = subscriptionPlan(config, datasets, ids);
  // Subscribing comes before the first look, so that nothing can happen unseen in between.
  const stream = await BlockdbStream.open({ config, runtime, plan, bell, signal });
  const audit = new Audit(scope, bell);
  try {
    const session = new BlockdbSession(scope, { stream, audit, tip });
    for (;;) {
      yield* session.settle();
      await bell.wait(session.pauseMs, { clock: runtime.clock, signal });
    }
  } finally {
    stream.close();
    bell.close();
    await audit.stop();
  }
}

class BlockdbSession {
  readonly #scope: SessionScope;
  readonly #stream: BlockdbStream;
  readonly #intake: Intake;
  readonly #comparison: Comparison;
  readonly #assembler: Assembler;
  readonly #reporter: Reporter;
  /** The height below the first block, which counts while nothing is final. */
  #base: number;
  #idleAtMs = 0;
  #waitingSinceMs: number | undefined;

  constructor(
    scope: SessionScope,
    parts: {
      readonly stream: BlockdbStream;
      readonly audit: Audit;
      readonly tip: BlockRef | null;
    },
  ) {
    const { config, runtime } = scope;
    this.#scope = scope;
    this.#stream = parts.stream;
    this.#base = lowestKnown(scope, parts.tip);
    const published = {
      canonicalHash: (height: number) => runtime.canonicalHash(height),
      floor: () => this.#floor(),
    };
    const view = {
      canonicalHash: published.canonicalHash,
      get floor() {
        return published.floor();
      },
    };
    this.#assembler = new Assembler(view, {
      auditedTo: this.#floor().height,
      confirmations: confirmationsOf(config),
    });
    this.#intake = new Intake(scope, parts.stream, this.#assembler);
    this.#comparison = new Comparison(scope, parts.audit, this.#assembler);
    this.#reporter = new Reporter(this.#assembler, {
      published: view,
      settleMs: config.settleMs,
      tip: parts.tip,
    });
  }

  /** How long to wait for news before looking without any. */
  get pauseMs(): number {
    const { settleMs, auditPollMs, auditIntervalMs } = this.#scope.config;
    const shortestMs = Math.min(settleMs, auditPollMs, auditIntervalMs, idleIntervalMs);
    return Math.max(pauseMinMs, shortestMs);
  }

  /** Does all that can be done now. */
  async *settle(): AsyncGenerator<Update> {
    yield* this.#intake.hear();
    this.#scope.onNewest(this.#assembler.newestHeight);
    this.#begin();
    const settled = this.#comparison.take(this.#floor().height);
    if (settled?.hasSettled) this.#waitingSinceMs = undefined;
    for (const letter of settled?.letters ?? []) yield malformed(letter);
    this.#bound();
    // The next range is read while this one is reported.
    this.#ask();
    yield* this.#report();
    yield* this.#letters();
    this.#watchLag();
    yield* this.#idle();
    this.#ask();
  }

  #begin(): void {
    if (this.#reporter.nextHeight !== undefined || !this.#stream.isSettled) return;
    const { start, identityHeight } = this.#scope.config;
    const { newestHeight } = this.#assembler;
    // What was announced before the last subscription was accepted may lack rows.
    if (start === 'latest' && newestHeight < 0) return;
    const from = start === 'latest' ? newestHeight : start === 'earliest' ? identityHeight : start;
    this.#base = from - 1;
    this.#reporter.startAt(from);
  }

  *#report(): Generator<Update> {
    const { clock } = this.#scope.runtime;
    const reporter = this.#reporter;
    for (;;) {
      const update = reporter.next(clock.nowMs());
      if (update === undefined) break;
      yield update;
    }
    yield* reporter.finalize(confirmationsOf(this.#scope.config));
    yield* this.#tellUngiven();
    if (this.#scope.reader.ungiven.size === 0) reporter.release();
  }

  *#tellUngiven(): Generator<Update> {
    const { tip } = this.#reporter;
    if (tip === null) return;
    for (const ungiven of this.#scope.reader.ungiven.values()) {
      if (!this.#scope.isNews(ungiven)) continue;
      const { dataset, code, message } = ungiven;
      this.#scope.runtime.logger.warn({ dataset, code }, 'rest does not give this dataset');
      const reason = `Rows of ${dataset} cannot be filled in or compared: ${message}`;
      // The blocks go on: it is a gap of one dataset, which ends nowhere.
      const resumedAt = tokenCursor(`rest/${dataset}`);
      yield { kind: 'gap', after: blockCursor(tip), resumedAt, reason };
    }
  }

  *#letters(): Generator<Update> {
    const { runtime, config } = this.#scope;
    this.#assembler.expire(runtime.clock.nowMs(), config.restLagMaxMs);
    const { letters, dropped } = this.#assembler.discards;
    for (const letter of letters.splice(0)) yield malformed(letter);
    for (const [reason, count] of dropped) {
      runtime.metrics.add('dropped', { source: runtime.name, reason }, count);
    }
    dropped.clear();
  }

  #ask(): void {
    if (this.#reporter.nextHeight === undefined) return;
    this.#comparison.ask(this.#reporter.isBlocked);
  }

  #bound(): void {
    const { heldRowsMax } = this.#scope.config;
    const { heldRows } = this.#assembler;
    if (heldRows <= heldRowsMax) return;
    throw new TransientError('transport.queue_overflow', {
      stage: 'sources',
      message: `${heldRows} rows wait to be published or confirmed, more than heldRowsMax (${heldRowsMax}): REST has come to ${this.#assembler.auditedTo}, the stream to ${this.#assembler.newestHeight}. The session ends so that nothing is lost unseen; raise heldRowsMax if REST lags that far.`,
      context: { rows: heldRows, auditedTo: this.#assembler.auditedTo },
    });
  }

  #watchLag(): void {
    const { clock } = this.#scope.runtime;
    if (!this.#reporter.isBlocked) {
      this.#waitingSinceMs = undefined;
      return;
    }
    this.#waitingSinceMs ??= clock.nowMs();
    const waitedMs = clock.nowMs() - this.#waitingSinceMs;
    if (waitedMs < this.#scope.config.restLagMaxMs) return;
    const height = this.#assembler.auditedTo + 1;
    throw new TransientError('source.missing_block', {
      stage: 'sources',
      message: `REST has not shown block ${height} for ${waitedMs} ms, and the stream did not announce it. Nothing was retracted. A new session looks again; check the service if this goes on.`,
      context: { height, waitedMs },
    });
  }

  *#idle(): Generator<Update> {
    const { tip } = this.#reporter;
    const nowMs = this.#scope.runtime.clock.nowMs();
    if (tip === null || nowMs - this.#idleAtMs < idleIntervalMs) return;
    this.#idleAtMs = nowMs;
    yield { kind: 'idle', cursor: blockCursor(tip) };
  }

  #floor(): { readonly height: number; readonly isFinal: boolean } {
    const finalized = this.#scope.runtime.finalizedHeight();
    return finalized === undefined
      ? { height: this.#base, isFinal: false }
      : { height: finalized, isFinal: true };
  }
}

/** The lowest height of which the pipeline knows a block, going down from the tip without a hole. */
function lowestKnown({ runtime }: SessionScope, tip: BlockRef | null): number {
  if (tip === null) return -1;
  let { height } = tip;
  while (runtime.canonicalHash(height - 1) !== undefined) height -= 1;
  return height;
}
