/**
 * Reads REST beside the live stream: one range at a time, from the first block that was not compared
 * with it yet. It decides when to ask; what is found is taken over by the session in its own time.
 */
import type { BlockHeader } from '../../model/block.ts';
import { type PipelineError, TransientError } from '../../model/errors.ts';
import type { Bell } from '../bell.ts';
import type { RangeOutcome, RangeReader, ServedFrom } from './archive/range-reader.ts';
import type { Recheck } from './assembly/recheck.ts';
import type { BlockdbConfig } from './config.ts';
import type { SessionScope } from './session-scope.ts';

/** What was asked and what came of it. */
export interface Audited {
  readonly outcome: RangeOutcome;
  /** Undefined where no block was due for it. */
  readonly recheck: Recheck | undefined;
  readonly askedAtMs: number;
}

/** What to ask REST for. */
export interface AuditQuestion {
  /** Blocks are missing. */
  readonly isUrgent: boolean;
  /** Is asked when the answer is on its way. */
  readonly servedFrom: ServedFrom;
  /** Blocks whose bars are to be compared once more. */
  readonly due: readonly BlockHeader[];
}

/** One range is under way at most. `stop` must follow. */
export class Audit {
  readonly #scope: SessionScope;
  readonly #reader: RangeReader;
  readonly #config: BlockdbConfig;
  readonly #bell: Bell;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #found: Audited | undefined;
  #error: unknown;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #hasMore = true;
  #failingSinceMs: number | undefined;

  constructor(scope: SessionScope, bell: Bell) {
    this.#scope = scope;
    this.#reader = scope.reader;
    this.#config = scope.config;
    this.#bell = bell;
  }

  /** Asks from this height on, if it is time to. */
  ask(from: number, { isUrgent, servedFrom, due }: AuditQuestion): void {
    if (this.#running !== undefined || this.#found !== undefined) return;
    const { auditPollMs, auditIntervalMs } = this.#config;
    const nowMs = this.#scope.runtime.clock.nowMs();
    const pauseMs = isUrgent ? Math.min(auditPollMs, auditIntervalMs) : auditIntervalMs;
    if (!this.#hasMore && nowMs - this.#askedAtMs < pauseMs) return;
    this.#askedAtMs = nowMs;
    this.#hasMore = false;
    this.#running = this.#read({ from, servedFrom, due }, nowMs).finally(() => {
      this.#running = undefined;
      this.#bell.ring();
    });
  }

  /** What was found since; throws what no later try would mend, and a failure that lasts too long. */
  take(): Audited | undefined {
    const error = this.#error;
    this.#error = undefined;
    if (error !== undefined) this.#failed(error);
    const found = this.#found;
    this.#found = undefined;
    return found;
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** REST must come further first: the next question waits for its time. */
  pause(): void {
    this.#hasMore = false;
  }

  async #read(
    { from, servedFrom, due }: Omit<AuditQuestion, 'isUrgent'> & { readonly from: number },
    askedAtMs: number,
  ): Promise<void> {
    const { signal } = this.#stopping;
    const to = from + this.#config.blocksPerFetch - 1;
    try {
      const outcome = await this.#reader.read({ from, to }, signal, servedFrom);
      const recheck = due.length === 0 ? undefined : await this.#reader.bars(due, signal);
      this.#found = { outcome, recheck, askedAtMs };
      this.#hasMore = outcome.kind === 'read' && outcome.isFull;
      this.#failingSinceMs = undefined;
    } catch (error) {
      if (!signal.aborted) this.#error = error;
    }
  }

  /** The stream goes on while REST is away: nothing is final then, and holes stay open. */
  #failed(error: unknown): void {
    const { clock, logger, metrics, name: source } = this.#scope.runtime;
    if (!(error instanceof TransientError) || error.code === 'source.key_refused') throw error;
    const nowMs = clock.nowMs();
    if (this.#failingSinceMs === undefined) {
      this.#failingSinceMs = nowMs;
      logger.warn({ err: error }, 'rest does not answer, the stream goes on');
    }
    metrics.add('errors', { source, stage: 'sources', code: (error as PipelineError).code });
    if (nowMs - this.#failingSinceMs >= this.#config.restLagMaxMs) throw error;
  }
}
