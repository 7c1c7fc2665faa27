/**
 * One session: rows of the stream and blocks of REST go to the assembly, and what the reporter makes
 * of them goes out. In this order: what was said is taken in, REST's answer is, blocks are reported,
 * what is certain becomes final, REST is asked for more.
 */
import type { BlockRef } from '../../model/block.ts';
import { blockCursor, tokenCursor } from '../../model/cursor.ts';
import { DataError, type ErrorCode, FatalError, TransientError } from '../../model/errors.ts';
import type { SourceUpdate } from '../../model/update.ts';
import { Assembler, type DeadLetter } from './assembly/assembler.ts';
import { Reporter } from './assembly/reporter.ts';
import { headerOf, heightOf, keyedRow, type SaidRow } from './assembly/said-row.ts';
import { Audit, type Audited } from './audit.ts';
import { chainIdOf, confirmationsOf } from './config.ts';
import type { BlockdbRow } from './messages.ts';
import { refusalCode } from './refusal.ts';
import { datasetByShape } from './rows/shape.ts';
import type { SessionScope } from './session-scope.ts';
import { Bell } from './stream/bell.ts';
import type { StreamMessage } from './stream/frames.ts';
import type { SocketEvent } from './stream/socket.ts';
import { BlockdbStream } from './stream/stream.ts';
import { subscribedDatasets, subscriptionPlan } from './stream/subscriptions.ts';

type Update = SourceUpdate<BlockdbRow>;
type Message = Extract<SocketEvent, { kind: 'message' }>;

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
    await audit.stop();
  }
}

class BlockdbSession {
  readonly #scope: SessionScope;
  readonly #stream: BlockdbStream;
  readonly #audit: Audit;
  readonly #assembler: Assembler;
  readonly #reporter: Reporter;
  readonly #datasets: ReadonlySet<string>;
  readonly #chainId: number;
  /** The height below the first block, which counts while nothing is final. */
  #base: number;
  #idleAtMs = 0;
  #waitingSinceMs: number | undefined;
  /** How far the audit goes back when REST has another parent than what was compared last. */
  #stepBack = 1;

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
    this.#audit = parts.audit;
    this.#datasets = new Set(subscribedDatasets(scope.datasets));
    this.#chainId = chainIdOf(config);
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
    this.#assembler = new Assembler(view, this.#floor().height);
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
    yield* this.#hear();
    this.#begin();
    const found = this.#audit.take();
    if (found !== undefined) yield* this.#settleRange(found);
    this.#bound();
    // The next range is read while this one is reported.
    this.#ask();
    yield* this.#report();
    yield* this.#letters();
    this.#watchLag();
    yield* this.#idle();
    this.#ask();
  }

  /** Takes in what the stream has said. */
  *#hear(): Generator<Update> {
    const nowMs = this.#scope.runtime.clock.nowMs();
    for (let event = this.#stream.take(); event !== undefined; event = this.#stream.take()) {
      if (event.kind === 'refused') yield this.#refused(event);
      else {
        const letter = this.#take(event, nowMs);
        if (letter !== undefined) yield malformed(letter);
      }
    }
    this.#scope.onNewest(this.#assembler.newestHeight);
  }

  #take({ message, raw, receivedAtUs }: Message, nowMs: number): DeadLetter | undefined {
    if (message.kind === 'unknown') return letterOf(raw, 'source.malformed_frame', message.reason);
    if (message.kind === 'error') {
      const { code, message: words } = message.error;
      return letterOf(raw, 'source.request_failed', `says ${code}: ${words}`);
    }
    try {
      this.#assembler.take(this.#saidRow(message, { raw, receivedAtUs }), nowMs);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      return { raw, code: error.code, reason: error.message };
    }
    return undefined;
  }

  #saidRow(
    { chainId, datasetId, data, isCorrection }: Extract<StreamMessage, { kind: 'row' }>,
    frame: { readonly raw: Uint8Array; readonly receivedAtUs: number },
  ): SaidRow {
    const dataset = this.#scope.ids.datasetOf.get(datasetId);
    if (dataset === undefined || !this.#datasets.has(dataset)) {
      throw unasked(`of the dataset ${datasetId}`);
    }
    if (chainId !== this.#chainId) throw unasked(`of the chain ${chainId}`);
    const shape = datasetByShape(data);
    if (shape !== undefined && shape !== dataset) {
      throw unasked(`called ${dataset} (${datasetId}) that has the members of ${shape}`);
    }
    const height = heightOf(dataset, data);
    const header = dataset === 'blocks' ? headerOf(data) : null;
    const { key } = keyedRow(dataset, data);
    const { raw, receivedAtUs } = frame;
    // Named, not spread: a spread costs three times what the key does.
    return { key, dataset, data, height, header, isCorrection, raw, receivedAtUs };
  }

  /** The dataset is left out, or the source stops: as configured. Without blocks nothing goes. */
  #refused({ subscription, error, raw }: Extract<SocketEvent, { kind: 'refused' }>): Update {
    const { config, runtime } = this.#scope;
    const { dataset, datasetId } = subscription;
    const code = refusalCode(error);
    const reason = `BlockDB refused the subscription to ${dataset} (${datasetId}): ${error.code}: ${error.message}.`;
    if (config.refusedDatasets === 'stop' || dataset === 'blocks') {
      throw new FatalError(code, {
        stage: 'sources',
        message: `${reason} Correct datasets, filters, idProfile or ids; or go on without the dataset: refusedDatasets: skip.`,
        context: { dataset, datasetId, refusal: error.code },
      });
    }
    runtime.logger.error({ dataset, code, refusal: error.code }, 'dataset refused, others go on');
    runtime.metrics.add('errors', { source: runtime.name, stage: 'sources', code });
    return malformed({ raw, code, reason });
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

  *#settleRange({ outcome, askedAtMs }: Audited): Generator<Update> {
    if (outcome.kind === 'moved') return;
    const { clock } = this.#scope.runtime;
    for (const letter of outcome.letters) yield malformed(letter);
    const { covers, ungiven } = this.#scope.reader;
    const asked = { atMs: askedAtMs, nowMs: clock.nowMs(), covers, isWhole: ungiven.size === 0 };
    const [first] = outcome.blocks;
    if (first !== undefined && !this.#linksBelow(first.header)) return;
    for (const block of outcome.blocks) {
      if (block.header.height <= this.#floor().height) continue;
      if (!this.#assembler.settle(block, asked)) break;
      this.#waitingSinceMs = undefined;
    }
    const newest = outcome.blocks.at(-1)?.header.height ?? -1;
    this.#assembler.newestHeight = Math.max(this.#assembler.newestHeight, newest);
  }

  /** What was compared before may have fallen since: then REST must be asked from further below. */
  #linksBelow(header: { readonly height: number; readonly parentHash: string }): boolean {
    const { runtime } = this.#scope;
    const below = header.height - 1;
    const current = this.#assembler.heights.get(below)?.current?.header.hash;
    const ours = current ?? runtime.canonicalHash(below);
    const { height: floor } = this.#floor();
    if (below <= floor || ours === undefined || ours === header.parentHash) {
      this.#stepBack = 1;
      return true;
    }
    this.#assembler.doubt(Math.max(floor + 1, below - this.#stepBack + 1));
    this.#stepBack *= 2;
    return false;
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
    for (const letter of this.#assembler.letters.splice(0)) yield malformed(letter);
    for (const [reason, count] of this.#assembler.dropped) {
      runtime.metrics.add('dropped', { source: runtime.name, reason }, count);
    }
    this.#assembler.dropped.clear();
  }

  #ask(): void {
    if (this.#reporter.nextHeight === undefined) return;
    this.#audit.ask(this.#assembler.auditedTo + 1, this.#reporter.isBlocked);
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

function malformed({ raw, code, reason }: DeadLetter): Update {
  return { kind: 'malformed', raw, code, reason };
}

function letterOf(raw: Uint8Array, code: ErrorCode, what: string): DeadLetter {
  return { raw, code, reason: `A frame of the stream ${what}.` };
}

function unasked(what: string): DataError {
  return new DataError('source.dataset_unknown', {
    stage: 'sources',
    message: `A row came ${what}, which was not subscribed. Compare idProfile and ids with BlockDB's list of datasets.`,
  });
}
