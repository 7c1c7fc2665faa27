/**
 * What the stream of a source is doing: one log line and one gauge for each change, so that a lost
 * socket can be told from a broken reader or a refused key. It outlives the sessions.
 */
import { FatalError, PipelineError } from '../../model/errors.ts';
import type { SourceRuntime } from '../source.ts';

/**
 * - `connecting`: no socket yet. `subscribed`: the server has answered every subscription.
 * - `replaying`: rows are missing and are being fetched. `unsafe`: a book must not be trusted.
 * - `degraded`: something that is wanted was refused, or the archive cannot be reached; what else
 *   comes is good. `live`: all is whole.
 * - `reconnecting`: the session was lost, another follows. `failed`: it will not pass by itself.
 */
export const streamStates = [
  'connecting',
  'subscribed',
  'replaying',
  'unsafe',
  'degraded',
  'live',
  'reconnecting',
  'failed',
] as const;

/** One of `streamStates`. */
export type StreamStateName = (typeof streamStates)[number];

/** What the state follows from while a session is open. */
export interface StreamView {
  readonly isSettled: boolean;
  /** Acknowledged now. */
  readonly subscriptions: number;
  readonly refused: number;
  readonly openGaps: number;
  readonly unsafeBooks: number;
  /** Of these, the ones whose snapshot may still come. */
  readonly awaitedBooks: number;
  /** What is missing cannot be asked for, for the moment. */
  readonly isArchiveLost: boolean;
}

/** One per source. */
export class StreamState {
  readonly #runtime: SourceRuntime;
  readonly #retryBudget: number;
  #state: StreamStateName | null = null;
  /** Sessions lost since one was stable, with that one. */
  #retryCount = 0;
  /** Of them, those that were not stable. */
  #spent = 0;
  #isStable = false;
  #wasStable = false;
  #restored = 0;

  constructor(runtime: SourceRuntime, retryBudget: number) {
    this.#runtime = runtime;
    this.#retryBudget = retryBudget;
  }

  /** Of the session that was lost last: it was open and useful for long enough. */
  get wasStable(): boolean {
    return this.#wasStable;
  }

  connecting(): void {
    this.#to('connecting', { retryCount: this.#retryCount, subscriptions: this.#restored });
  }

  /** Call whenever something of it may have changed. */
  look(view: StreamView): void {
    const { metrics, name: source } = this.#runtime;
    const state = stateOf(view, this.#state);
    if (state === this.#state) return;
    const { subscriptions, refused, openGaps, unsafeBooks } = view;
    this.#restored = Math.max(this.#restored, subscriptions);
    metrics.set('unsafe_books', { source }, unsafeBooks);
    metrics.set('open_gaps', { source }, openGaps);
    this.#to(state, { subscriptions, refused, openGaps, unsafeBooks });
  }

  /** The session has been open and useful for long enough. */
  stable(): void {
    this.#retryCount = 0;
    this.#isStable = true;
  }

  /** What must succeed for a session to begin: where it does not, one is lost. */
  async attempt<T>(beginning: Promise<T>, signal: AbortSignal): Promise<T> {
    try {
      return await beginning;
    } catch (error) {
      if (!signal.aborted) this.lost(error, null);
      throw error;
    }
  }

  /** Once too often in a row it will not pass by itself: the pipeline asks no more. */
  lost(error: unknown, view: StreamView | null): void {
    this.#retryCount += 1;
    this.#wasStable = this.#isStable;
    this.#spent = this.#wasStable ? 0 : this.#spent + 1;
    this.#isStable = false;
    if (error instanceof FatalError || this.#spent > this.#retryBudget) {
      this.failed(error);
      return;
    }
    const { code, context } =
      error instanceof PipelineError ? error : { code: 'unknown', context: {} };
    const closeCode = 'closeCode' in context ? context['closeCode'] : null;
    this.#restored = view?.subscriptions ?? 0;
    const fields = { retryCount: this.#retryCount, subscriptions: this.#restored };
    const reason = error instanceof Error ? error.message : String(error);
    this.#to('reconnecting', { ...fields, code, closeCode: closeCode ?? null, reason });
  }

  failed(error: unknown): void {
    this.#to('failed', { err: error, retryCount: this.#retryCount });
  }

  #to(state: StreamStateName, fields: Readonly<Record<string, unknown>>): void {
    if (state === this.#state) return;
    const { logger, metrics, name: source } = this.#runtime;
    const was = this.#state;
    this.#state = state;
    for (const each of streamStates) {
      metrics.set('stream_state', { source, state: each }, each === state ? 1 : 0);
    }
    const line = { state, was, ...fields };
    if (state === 'failed') logger.error(line, 'stream state');
    else if (state === 'reconnecting') logger.warn(line, 'stream state');
    else logger.info(line, 'stream state');
  }
}

/** The gravest counts; books wait for their first snapshot as `subscribed`. */
function stateOf(view: StreamView, was: StreamStateName | null): StreamStateName {
  if (!view.isSettled) return was === 'connecting' || was === null ? 'connecting' : was;
  if (was === 'connecting') return 'subscribed';
  if (view.openGaps > 0 && !view.isArchiveLost) return 'replaying';
  if (view.awaitedBooks > 0) return was === 'subscribed' ? 'subscribed' : 'unsafe';
  return view.refused > 0 || view.isArchiveLost ? 'degraded' : 'live';
}
