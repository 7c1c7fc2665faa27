/** What an operator sees of a source that fails again and again. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SourceMonitor } from '../../../../src/cli/compose/source-monitor.ts';
import { TransientError } from '../../../../src/model/errors.ts';
import type { LogFields, Logger } from '../../../../src/model/runtime.ts';
import { systemClock } from '../../../../src/model/system-clock.ts';
import { createMetrics } from '../../../../src/observability/metrics.ts';
import { createStatusBoard } from '../../../../src/observability/status.ts';
import type { LedgerView } from '../../../../src/pipeline/monitor.ts';

function setUp() {
  const lines: string[] = [];
  const write = (level: string) => (_fields: LogFields, message: string) => {
    if (level !== 'debug') lines.push(`${level} ${message}`);
  };
  const logger: Logger = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => logger,
  };
  const board = createStatusBoard(() => 0);
  const monitor = new SourceMonitor({
    source: 'main',
    board: board.source('main', { kind: 'evm', chain: 'eip155:1' }),
    logger,
    metrics: createMetrics(),
    clock: systemClock,
  });
  const ledger: LedgerView = { chain: { depth: 1 }, undoRows: 0, draft: { records: [] } };
  return { monitor, lines, ledger, board };
}

function lost(code: 'source.missing_block' | 'source.unreachable'): TransientError {
  return new TransientError(code, { stage: 'sources', message: code });
}

test('sessions that fail alike are one line, and not ready until one gets on', () => {
  const { monitor, lines, ledger, board } = setUp();
  const state = () => board.statuses()[0]?.state;
  monitor.sessionOpened(null);
  assert.equal(state(), 'catching_up');
  for (let failures = 1; failures < 4; failures += 1) {
    monitor.retrying(lost('source.missing_block'), failures, 10);
    monitor.sessionOpened(null);
    assert.equal(state(), 'degraded');
  }
  assert.deepEqual(lines, ['info session opened', 'warn session lost']);
  monitor.progressed('idle', ledger);
  assert.equal(state(), 'live');
  assert.deepEqual(lines.slice(2), ['info session opened']);
});

test('another reason is another line', () => {
  const { monitor, lines } = setUp();
  monitor.retrying(lost('source.missing_block'), 1, 10);
  monitor.retrying(lost('source.unreachable'), 2, 10);
  assert.deepEqual(lines, ['warn session lost', 'warn session lost']);
});

test('changelogs with records that no checkpoint answers for are told once, others not at all', () => {
  const { monitor, lines } = setUp();
  monitor.unanswered([]);
  monitor.unanswered(['logs', 'blocks']);
  const text = 'topics hold records and no checkpoint of this source: rows may be published twice';
  assert.deepEqual(lines, [`warn ${text}`]);
});
