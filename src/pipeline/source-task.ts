/**
 * Runs one source: takes it over from an older instance, restores what it published, then runs one
 * session after the other until it is stopped or only an operator can help.
 */
import { setMaxListeners } from 'node:events';
import type { Checkpoint } from '../model/checkpoint.ts';
import { DataError, PipelineError, retryAfterMsOf, TransientError } from '../model/errors.ts';
import type { Clock } from '../model/runtime.ts';
import type { Normalize } from '../normalization/normalizer.ts';
import type { PublicationBatch, Publisher } from '../publishing/publisher.ts';
import type { SessionLimits, Source } from '../sources/source.ts';
import { type BackoffLimits, backoffMs } from './backoff.ts';
import { Ledger } from './ledger.ts';
import { type DataErrorPolicy, type LedgerEncoders, rawOf } from './ledger-encoders.ts';
import type { TaskMonitor } from './monitor.ts';
import { type PublicationLimits, PublicationLoop } from './publication-loop.ts';
import { type RestoreReader, restore } from './restore.ts';
import { runHeadWatch, runHeartbeat, runSession } from './session.ts';
import { SessionBudget } from './session-budget.ts';
import type { TableSpec } from './table-spec.ts';

export interface TaskOptions {
  readonly name: string;
  readonly chain: string;
  /** Kind of the source. */
  readonly kind: string;
  readonly delivery: 'exactly_once' | 'low_latency';
  readonly dataErrors: DataErrorPolicy;
  readonly tables: readonly TableSpec[];
  readonly undo: {
    readonly blocksMax: number;
    readonly rowsMax: number;
    readonly correctionsMs: number;
  };
  readonly limits: PublicationLimits;
  /** Null: sessions may end early as often as they like. */
  readonly sessions: SessionLimits | null;
  readonly backoff: BackoffLimits & { readonly retriesMax: number };
  readonly heartbeatMs: number;
  readonly headEveryMs: number;
  /** How long a stop may take to finish what is under way. */
  readonly drainMs: number;
}

export interface TaskParts<M> {
  readonly source: Source<M>;
  readonly normalize: Normalize<M>;
  readonly encoders: LedgerEncoders;
  readonly reader: RestoreReader;
  /** A fresh publisher; `generation` tells which instance of the source it publishes for. */
  createPublisher(generation: () => number): Publisher;
  /** Adopts the partition counts that the checkpoint was written under. */
  adopt(checkpoint: Checkpoint | null): void;
  readonly clock: Clock;
  readonly monitor: TaskMonitor;
  random(): number;
}

/** Input that cannot be understood is asked for so often, in case it was damaged on the way. */
const dataRetriesMax = 5;

/** The view of the chain that a source may ask for. */
export type ChainView = Pick<Ledger<unknown>['chain'], 'hashAt' | 'floorHeight'>;

/** One per configured source. */
export class SourceTask<M> {
  readonly #options: TaskOptions;
  readonly #parts: TaskParts<M>;
  #ledger: Ledger<M> | null = null;
  readonly #budget: SessionBudget | null;
  #failures = 0;
  /** The error that stopped the task, once it is known. */
  #final: unknown;
  /** What could not be understood since the last progress. */
  #dataError: string | null = null;

  constructor(options: TaskOptions, parts: TaskParts<M>) {
    this.#options = options;
    this.#parts = parts;
    this.#budget = options.sessions === null ? null : new SessionBudget(options.sessions);
  }

  /** The chain as this task holds it; null until it is restored. */
  get chain(): ChainView | null {
    return this.#ledger?.chain ?? null;
  }

  /** Resolves when aborted. Throws the error that stopped the source for good. */
  async run(signal: AbortSignal): Promise<void> {
    const { monitor } = this.#parts;
    while (!signal.aborted) {
      try {
        await this.#runInstance(signal);
      } catch (error) {
        if (signal.aborted) break;
        await this.#rest(error, signal);
      }
    }
    monitor.state('stopped');
  }

  /** From fencing to the end of the last session. Throws when the ledger cannot be trusted any more. */
  async #runInstance(signal: AbortSignal): Promise<void> {
    const { reader, adopt, createPublisher, monitor, source } = this.#parts;
    let generation = 0;
    const publisher = createPublisher(() => generation);
    try {
      monitor.state('restoring');
      await publisher.open(signal);
      const { delivery, tables } = this.#options;
      const readsPastCheckpoint = delivery === 'low_latency';
      const restored = await restore(reader, { readsPastCheckpoint, tables, signal });
      adopt(restored.checkpoint);
      generation = nextGeneration(restored.checkpoint, this.#parts.clock);
      const identity = restored.checkpoint?.identity ?? (await source.identity(signal));
      const ledger = new Ledger<M>(this.#ledgerOptions(identity, generation), restored);
      this.#ledger = ledger;
      monitor.restored(restored.checkpoint, ledger.undoRows);
      monitor.unanswered(restored.unanswered);
      monitor.keeping(restored.tables);
      await this.#runSessions(ledger, publisher, signal);
    } finally {
      this.#ledger = null;
      await publisher.close();
    }
  }

  async #runSessions(ledger: Ledger<M>, publisher: Publisher, signal: AbortSignal): Promise<void> {
    const broken = new AbortController();
    const publications = new PublicationLoop(ledger, {
      publisher: { publish: (batch) => this.#publish(batch, ledger, publisher) },
      limits: this.#options.limits,
      clock: this.#parts.clock,
      onFailure: (error) => broken.abort(error),
    });
    // Committing the new generation first makes an older instance that wakes up find out.
    this.#announce(ledger, 'opened', 'started');
    await publications.drain();
    const both = AbortSignal.any([signal, broken.signal]);
    // Each request of a session listens to it; how many may be under way its source bounds.
    setMaxListeners(0, both);
    const watches = this.#watch(ledger, publications, both);
    try {
      while (!both.aborted) await this.#runOneSession(ledger, publications, both);
      if (broken.signal.aborted) throw broken.signal.reason;
    } finally {
      broken.abort(signal.reason);
      await watches;
      await this.#drain(publications).catch(() => undefined);
    }
  }

  /** Called right after the draft was closed: the tip is the newest block of the batch, or older. */
  async #publish(batch: PublicationBatch, ledger: Ledger<M>, publisher: Publisher): Promise<void> {
    const { tip } = ledger.chain;
    await publisher.publish(batch);
    if (tip !== null) this.#parts.monitor.published(tip);
  }

  /** What goes on beside the sessions; ends with the signal and never fails by itself. */
  async #watch(
    ledger: Ledger<M>,
    publications: PublicationLoop,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, source, monitor } = this.#parts;
    const { heartbeatMs, headEveryMs } = this.#options;
    await Promise.allSettled([
      runHeartbeat({ ledger, publications, clock, everyMs: heartbeatMs, signal }),
      runHeadWatch({
        source,
        clock,
        everyMs: headEveryMs,
        onHead: (head) => monitor.head(head),
        signal,
      }),
    ]);
  }

  /** A lost session leaves the ledger as it is: the next one goes on from its cursor. */
  async #runOneSession(
    ledger: Ledger<M>,
    publications: PublicationLoop,
    signal: AbortSignal,
  ): Promise<void> {
    const { source, monitor, clock } = this.#parts;
    const { name } = this.#options;
    this.#budget?.opened(clock.nowMs());
    try {
      await runSession({
        name,
        source,
        ledger,
        publications,
        identity: ledger.identity,
        signal,
        onOpened: () => monitor.sessionOpened(ledger.cursor),
        onUpdate: (update) => this.#progressed(update, ledger),
      });
      if (!signal.aborted) throw sessionEnded(name);
    } catch (cause) {
      if (signal.aborted) return;
      const error = this.#budget?.lost(name, cause, clock.nowMs()) ?? cause;
      if (cause instanceof DataError) this.#quarantine(cause, ledger);
      this.#announce(ledger, 'lost', error instanceof PipelineError ? error.code : 'unknown');
      await publications.offer();
      await this.#rest(error, signal);
    }
  }

  /** The same input again and again is one dead letter. */
  #quarantine(error: DataError, ledger: Ledger<M>): void {
    const { code, message, stage } = error;
    const isRepeated = this.#dataError === message;
    this.#dataError = message;
    if (isRepeated || this.#options.dataErrors === 'stop') return;
    ledger.deadLetter({ raw: rawOf(error, message), code, reason: message, stage });
  }

  /** Waits before the next try, or throws what no further try can mend. */
  async #rest(error: unknown, signal: AbortSignal): Promise<void> {
    const { monitor, clock, random } = this.#parts;
    const { backoff, dataErrors } = this.#options;
    const mayPass =
      error instanceof TransientError ||
      (error instanceof DataError && dataErrors === 'quarantine');
    this.#failures += 1;
    const retriesMax = error instanceof DataError ? dataRetriesMax : backoff.retriesMax;
    const isExhausted = retriesMax > 0 && this.#failures > retriesMax;
    if (!mayPass || isExhausted) {
      if (this.#final !== error) monitor.stopped(error);
      this.#final = error;
      throw error;
    }
    const delayMs = Math.max(backoffMs(this.#failures, backoff, random), retryAfterMsOf(error));
    monitor.retrying(error, this.#failures, delayMs);
    await clock.sleep(delayMs, signal).catch(() => undefined);
  }

  #progressed(update: { readonly kind: string }, ledger: Ledger<M>): void {
    this.#budget?.used();
    if (update.kind !== 'idle') {
      this.#failures = 0;
      this.#dataError = null;
    }
    this.#parts.monitor.progressed(update.kind, ledger);
  }

  #announce(ledger: Ledger<M>, state: 'opened' | 'lost', reason: string): void {
    ledger.announce({ kind: 'session', state, generation: ledger.generation, reason });
  }

  /** A stop finishes what is ready, within a bound; what is not committed by then is repeated later. */
  async #drain(publications: PublicationLoop): Promise<void> {
    const bound = new AbortController();
    const late = this.#parts.clock
      .sleep(this.#options.drainMs, bound.signal)
      .catch(() => undefined);
    try {
      await Promise.race([publications.drain(), late]);
    } finally {
      bound.abort();
    }
  }

  #ledgerOptions(identity: string, generation: number) {
    const { name, chain, kind, undo, tables, limits, dataErrors } = this.#options;
    const { encoders, normalize, clock, monitor } = this.#parts;
    return {
      chain,
      source: name,
      kind,
      identity,
      generation,
      undoBlocksMax: undo.blocksMax,
      undoRowsMax: undo.rowsMax,
      correctionsMs: undo.correctionsMs,
      finalRowsMax: limits.rowsMax,
      tables,
      dataErrors,
      encoders,
      normalize,
      clock,
      observer: monitor,
    };
  }
}

function sessionEnded(name: string): TransientError {
  return new TransientError('source.session_lost', {
    stage: 'pipeline',
    message: `The session of source ${name} ended by itself. A new one opens.`,
  });
}

/**
 * Above every committed one, and no other's: two instances that begin at once read the same
 * checkpoint, and one that took the other's commits for its own would lose its rows.
 */
function nextGeneration(checkpoint: Checkpoint | null, clock: Clock): number {
  return Math.max((checkpoint?.generation ?? 0) + 1, clock.nowUs());
}
