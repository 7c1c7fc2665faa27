/** Turns what a source task tells into log lines, metrics and the status page. */

import type { HeldBlock } from '../../continuity/chain-update.ts';
import type { BlockRef } from '../../model/block.ts';
import type { Checkpoint, KeptTable } from '../../model/checkpoint.ts';
import { type Cursor, parseCursor } from '../../model/cursor.ts';
import { PipelineError } from '../../model/errors.ts';
import type { Reorg } from '../../model/event.ts';
import type { Clock, Logger, Metrics } from '../../model/runtime.ts';
import { type SourceState, sourceStates } from '../../model/source-state.ts';
import type { SourceBoard } from '../../observability/status.ts';
import type { BatchTally } from '../../pipeline/ledger-encoders.ts';
import type { LedgerView, TaskMonitor } from '../../pipeline/monitor.ts';

export interface SourceMonitorParts {
  readonly source: string;
  readonly board: SourceBoard;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** A block this old is history: the source is catching up. */
const liveLagBlocks = 3;

/** One per source. */
export class SourceMonitor implements TaskMonitor {
  readonly #parts: SourceMonitorParts;
  readonly #labels: { readonly source: string };
  #state: SourceState = 'starting';
  #headHeight: number | null = null;
  #published: BlockRef | null = null;
  /** Why the session was lost, until the next one gets on. */
  #lostCode: string | null = null;
  #openedAfter: Cursor | null = null;

  constructor(parts: SourceMonitorParts) {
    this.#parts = parts;
    this.#labels = { source: parts.source };
  }

  state(state: SourceState): void {
    if (state === this.#state) return;
    this.#state = state;
    const { board, metrics, logger } = this.#parts;
    board.update({ state });
    for (const each of sourceStates) {
      metrics.set('source_state', { ...this.#labels, state: each }, each === state ? 1 : 0);
    }
    logger.debug({ state }, 'state changed');
  }

  restored(checkpoint: Checkpoint | null, undoRows: number): void {
    const { generation = 0, sequence = 0, cursor = null, finalized = null } = checkpoint ?? {};
    const blocks = checkpoint?.blocks.length ?? 0;
    this.#parts.logger.info({ generation, sequence, cursor, blocks, rows: undoRows }, 'restored');
    this.#parts.board.update({ finalized, undo: { blocks, rows: undoRows } });
  }

  unanswered(topics: readonly string[]): void {
    if (topics.length === 0) return;
    const text =
      'topics hold records and no checkpoint of this source: rows may be published twice';
    this.#parts.logger.warn({ topics }, text);
  }

  keeping(tables: readonly KeptTable[]): void {
    for (const { topic, fromHeight } of tables) {
      if (fromHeight === null) continue;
      const text = 'table is partial: it lacks the rows below this height';
      this.#parts.logger.warn({ topic, height: fromHeight }, text);
    }
  }

  sessionOpened(after: Cursor | null): void {
    this.#parts.metrics.add('sessions', this.#labels);
    this.#openedAfter = after;
    // After a loss only progress shows that the reason is gone: until then it is not ready again.
    if (this.#lostCode === null) this.#isOpen();
  }

  head(head: Cursor): void {
    const position = parseCursor(head);
    if (position.kind === 'block') this.#headSeen(position.block.height);
  }

  progressed(updateKind: string, ledger: LedgerView): void {
    const { metrics, board } = this.#parts;
    metrics.add('updates', { ...this.#labels, channel: updateKind });
    const { depth } = ledger.chain;
    metrics.set('undo_window_blocks', this.#labels, depth);
    metrics.set('undo_window_rows', this.#labels, ledger.undoRows);
    metrics.set('queue_rows', this.#labels, ledger.draft.records.length);
    board.update({ undo: { blocks: depth, rows: ledger.undoRows }, error: null });
    if (this.#lostCode !== null) this.#isOpen();
    if (updateKind === 'idle') this.state('live');
    else this.#updateLag();
  }

  published(tip: BlockRef): void {
    this.#published = tip;
    this.#parts.metrics.set('published_height', this.#labels, tip.height);
    this.#parts.board.update({ published: { height: tip.height, hash: tip.hash } });
    this.#updateLag();
  }

  applied(block: HeldBlock, rows: number): void {
    const { board, metrics, clock } = this.#parts;
    board.blockPublished(block, rows);
    metrics.add('events', this.#labels, rows);
    const lagMs = Math.max(0, clock.nowMs() - block.timeMs);
    metrics.set('lag_ms', this.#labels, lagMs);
    board.update({ lagMs });
    if (block.height > (this.#headHeight ?? -1)) this.#headSeen(block.height);
  }

  reverted(reorg: Reorg, blocks: readonly BlockRef[], rows: number): void {
    const { board, metrics, logger } = this.#parts;
    const { id, depth, reason } = reorg;
    const commonAncestor = { height: reorg.commonAncestorHeight, hash: reorg.commonAncestorHash };
    board.reorgPublished({ id, depth, commonAncestor, retractions: rows, reason }, blocks);
    metrics.add('reorgs', this.#labels);
    metrics.add('retractions', this.#labels, rows);
    metrics.observe('reorg_depth_blocks', this.#labels, depth);
    const { height, hash } = commonAncestor;
    logger.info({ reorgId: id, depth, rows, height, hash, reason }, 'reorg');
  }

  revised({ height, hash }: HeldBlock, { gone, added }: { gone: number; added: number }): void {
    const { metrics, logger } = this.#parts;
    metrics.add('revisions', this.#labels);
    metrics.add('events', this.#labels, added);
    metrics.add('retractions', this.#labels, gone);
    logger.info({ height, hash, gone, added }, 'revision');
  }

  finalized(block: BlockRef): void {
    const { board, metrics, logger } = this.#parts;
    metrics.set('finalized_height', this.#labels, block.height);
    board.update({ finalized: block });
    logger.debug({ height: block.height, hash: block.hash }, 'finalized');
  }

  batched({ rows, corrections, duplicates, isBackfill }: BatchTally): void {
    const { metrics, board } = this.#parts;
    metrics.add('events', this.#labels, rows);
    if (corrections > 0) {
      metrics.add('corrections', this.#labels, corrections);
      metrics.add('retractions', this.#labels, corrections);
    }
    if (duplicates > 0) {
      metrics.add('dropped', { ...this.#labels, reason: 'duplicate' }, duplicates);
    }
    board.update({ error: null });
    if (this.#lostCode !== null) this.#isOpen();
    this.state(isBackfill ? 'catching_up' : 'live');
  }

  quarantined(code: string, stage: string, reason: string): void {
    this.#parts.metrics.add('dead_letters', { ...this.#labels, code, stage });
    this.#parts.logger.warn({ code, stage, reason }, 'dead letter');
  }

  retrying(error: unknown, failures: number, delayMs: number): void {
    this.#failed(error);
    this.state('degraded');
    const lost = { ...described(error), failures, delayMs };
    // One line per transition: what goes on failing alike is on the status page.
    this.#parts.logger[lost.code === this.#lostCode ? 'debug' : 'warn'](lost, 'session lost');
    this.#lostCode = lost.code;
  }

  stopped(error: unknown): void {
    this.#failed(error);
    this.state('paused');
    this.#parts.logger.error(described(error), 'source paused');
  }

  #isOpen(): void {
    this.#lostCode = null;
    this.#parts.logger.info({ cursor: this.#openedAfter }, 'session opened');
    this.state('catching_up');
  }

  #headSeen(height: number): void {
    this.#headHeight = height;
    this.#parts.metrics.set('head_height', this.#labels, height);
    this.#parts.board.update({ head: { height, hash: null } });
    this.#updateLag();
  }

  #failed(error: unknown): void {
    const { code, stage } = described(error);
    this.#parts.metrics.add('errors', { ...this.#labels, code, stage });
    const message = error instanceof Error ? error.message : String(error);
    this.#parts.board.update({ error: { code, message } });
  }

  #updateLag(): void {
    if (this.#headHeight === null || this.#published === null) return;
    const lag = Math.max(0, this.#headHeight - this.#published.height);
    this.#parts.metrics.set('lag_blocks', this.#labels, lag);
    if (this.#state === 'live' || this.#state === 'catching_up') {
      this.state(lag <= liveLagBlocks ? 'live' : 'catching_up');
    }
  }
}

function described(error: unknown) {
  const known = error instanceof PipelineError ? error : null;
  return { code: known?.code ?? 'unknown', stage: known?.stage ?? 'pipeline', err: error };
}
