/**
 * The contract between a source and the pipeline. A source reports what its venue says; it never
 * repairs, never reconnects, never retries a session: that is the supervisor's.
 */
import type { Cursor } from '../model/cursor.ts';
import type { ErrorCode } from '../model/errors.ts';
import type { Event, Origin } from '../model/event.ts';
import type { Clock, Logger, Metrics } from '../model/runtime.ts';
import type { BlockUpdate, SourceUpdate } from '../model/update.ts';
import type { FrameTap } from '../transport/frame-tap.ts';

/** Path of a dataset's row schema below `schemas/`, without extension: `evm/logs`. */
export type Subject = `${string}/${string}`;

/** Name of the dataset that a subject holds: its last segment, which names topic and column. */
export function datasetOf(subject: Subject): string {
  return subject.slice(subject.lastIndexOf('/') + 1);
}

/** What the pipeline lends to a source. A source uses no other clock, log, environment or timer. */
export interface SourceRuntime {
  /** Name of the source in the configuration. */
  readonly name: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** In [0, 1): jitter only. */
  random(): number;
  /**
   * Hash of the block at this height on the chain as the pipeline holds it: the unfinalized blocks
   * and the finalized head. Undefined elsewhere. Reflects every update yielded before.
   */
  canonicalHash(height: number): string | undefined;
  /** Height of the finalized head as the pipeline holds it; nothing at or below it may change. */
  finalizedHeight(): number | undefined;
  /** A recorder: hears what crosses the wire. Every transport is given it. */
  readonly onFrame?: FrameTap | undefined;
}

/**
 * One connection to a venue.
 *
 * MUST: `updates` yields strictly after `after`, in the venue's order; it ends by abort (returning)
 * or by throwing a `PipelineError`; when `next()` is called, the previous update has been taken
 * over. Nothing is dropped silently, no buffer is unbounded, resources are released in `finally`.
 *
 * A feed without blocks yields `batch` and `market`. There a message MAY be yielded again (rows of
 * datasets with corrections are published once), and the cursor MUST NOT pass what may be missing.
 */
export interface Source<M> {
  /** What must never change for a checkpoint to stay valid (`eip155:1/0x<genesis hash>`). */
  identity(signal: AbortSignal): Promise<string>;
  /** The venue's newest position, for lag and preflight. */
  head(signal: AbortSignal): Promise<Cursor>;
  /** One session. `null` starts where the configuration says. */
  updates(after: Cursor | null, signal: AbortSignal): AsyncIterable<SourceUpdate<M>>;
  /**
   * The canonical blocks of these heights once more, in order and linked, marked as backfill; for
   * heights that are final. Ends by abort (returning) or by throwing. Absent where the venue cannot
   * be asked for old blocks.
   */
  blocks?(range: HeightRange, signal: AbortSignal): AsyncIterable<BlockUpdate<M>>;
  /**
   * What a venue without blocks keeps of this stretch of time, oldest first, as backfill: `batch`,
   * `market` for what its archive lacks, `malformed`; `idle` while it is paused. The cursor of an
   * update is the time reached (`1:token:<ms>`), so that a lost connection goes on from there. Ends
   * when the stretch is read, by `stop`, by abort (returning) or by throwing. Absent where there is
   * no archive.
   */
  history?(
    range: TimeRange,
    options: HistoryOptions,
    signal: AbortSignal,
  ): AsyncIterable<SourceUpdate<M>>;
}

/** Milliseconds since the epoch; both ends are included. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What somebody who watches a replay may ask for. */
export type HistoryCommand =
  | { readonly kind: 'pause' | 'resume' | 'stop' }
  /** Forward or back within the stretch; rows that come again are yielded again. */
  | { readonly kind: 'seek'; readonly timeMs: number };

/** How history is told. */
export interface HistoryOptions {
  /** Times faster than it happened; null: as fast as the venue allows. */
  readonly speed: number | null;
  /** Calls the listener with each command until it is taken back by what this returns. */
  onCommand(listener: (command: HistoryCommand) => void): () => void;
  /** Told once the venue has answered: it may be slower than what was asked for; null: not paced. */
  onSpeed(effective: number | null): void;
}

/** Heights; both ends are included. */
export interface HeightRange {
  readonly from: number;
  readonly to: number;
}

/** Turns messages into events. Pure: no I/O, clock or randomness. */
export interface Channel<M> {
  /** Datasets it may emit; each has a schema. */
  readonly subjects: readonly Subject[];
  accepts(message: M): boolean;
  /**
   * Events oldest first. Where a message holds many things, one that makes no row is handed to
   * `refuse`, and the others go on. Throws `DataError` (`row.invalid`) for a message that makes no
   * rows, and, without `refuse`, for a part that makes none.
   */
  normalize(message: M, origin: Origin, refuse?: RefusePart): Iterable<Event>;
}

/** Takes a part of a message that makes no row, and why. What it throws ends the message. */
export type RefusePart = (error: unknown, part: unknown) => void;

/** One option of a source's configuration, in convict's own form. */
export interface OptionSchema {
  readonly doc: string;
  readonly format: unknown;
  readonly default: unknown;
  readonly env?: string;
  readonly sensitive?: boolean;
  readonly nullable?: boolean;
}

/** The options of one source kind; `C` is the shape they give. */
export type ConfigSchema<C> = { readonly [K in keyof C]: OptionSchema };

/** One verdict of the preflight. */
export interface SourceCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** Why not, where it is more than that the source cannot be reached. */
  readonly code?: ErrorCode;
}

/** How often a source may fail to keep a session before it is stopped. */
export interface SessionLimits {
  /** Sessions in a row, after the first, that may end before they lasted. */
  readonly retriesMax: number;
  /** A session lasted that was open for so long and gave an update. */
  readonly stableMs: number;
}

/** What is wrong with a configuration beyond the format of one option. */
export interface ConfigProblem {
  /** Name of the option, below the source's `options`. */
  readonly path: string;
  /** Goes on after the path: `is 3, which ...`. */
  readonly message: string;
}

/** A kind of source: one line in the registry. */
export interface SourceDefinition<C, M> {
  /** Folder name = metric label = schema namespace = `kind` in the configuration. */
  readonly kind: string;
  readonly config: ConfigSchema<C>;
  readonly channels: Readonly<Record<string, Channel<M>>>;
  /** CAIP-2 id (or venue name) that the rows carry, from the configuration. */
  chain(config: C): string;
  /** Problems of this configuration that a format cannot express; empty when fine. */
  validate(config: C): readonly ConfigProblem[];
  /** Cheap, no I/O. `datasets` are those somebody wants; the rest need not be fetched. */
  connect(config: C, datasets: ReadonlySet<string>, runtime: SourceRuntime): Source<M>;
  /** Absent where a source may try for ever (`supervisor.retriesMax` holds for all of them). */
  sessions?(config: C): SessionLimits;
  /** Preflight of this source: each endpoint, what it is, what it can do. Never throws. */
  check(config: C, datasets: ReadonlySet<string>, runtime: SourceRuntime): Promise<SourceCheck[]>;
}
