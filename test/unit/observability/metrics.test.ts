/** Metrics in Prometheus's text form. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { counters, gauges, histograms } from '../../../src/observability/metric-table.ts';
import { createMetrics } from '../../../src/observability/metrics.ts';

describe('the metrics', () => {
  it('are exported under their full names with their labels', async () => {
    const metrics = createMetrics();
    metrics.add('events', { source: 'a' }, 3);
    metrics.add('events', { source: 'a' });
    metrics.set('lag_blocks', { source: 'a' }, 2);
    metrics.observe('commit_duration_seconds', { source: 'a' }, 0.004);
    const text = await metrics.expose();
    assert.match(text, /^ommer_events_total\{source="a"\} 4$/m);
    assert.match(text, /^ommer_lag_blocks\{source="a"\} 2$/m);
    assert.match(text, /^ommer_commit_duration_seconds_bucket\{le="0\.005",source="a"\} 1$/m);
    assert.match(text, /^ommer_process_cpu_seconds_total /m);
  });

  it('go on from what was read before', async () => {
    const metrics = createMetrics();
    metrics.add('dropped', { source: 'a', reason: 'b' }, 2);
    metrics.set('queue_rows', { source: 'a' }, 9);
    await metrics.expose();
    metrics.add('dropped', { source: 'a', reason: 'b' }, 3);
    metrics.add('dropped', { source: 'a', reason: 'c' });
    metrics.set('queue_rows', { source: 'a' }, 4);
    metrics.set('queue_rows', { source: 'a' }, 5);
    const text = await metrics.expose();
    assert.match(text, /^ommer_dropped_total\{source="a",reason="b"\} 5$/m);
    assert.match(text, /^ommer_dropped_total\{source="a",reason="c"\} 1$/m);
    assert.match(text, /^ommer_queue_rows\{source="a"\} 5$/m);
    assert.match(await metrics.expose(), /^ommer_dropped_total\{source="a",reason="b"\} 5$/m);
  });

  it('never throw and keep only declared labels', async () => {
    const metrics = createMetrics();
    metrics.add('reorgs', { source: 'a', topic: 'undeclared' });
    metrics.add('gaps', {}, -1);
    metrics.set('lag_ms', { source: 'a' }, Number.NaN);
    metrics.observe('reorg_depth_blocks', {}, Number.POSITIVE_INFINITY);
    const text = await metrics.expose();
    assert.match(text, /^ommer_reorgs_total\{source="a"\} 1$/m);
    assert.doesNotMatch(text, /^ommer_(gaps_total|lag_ms|reorg_depth_blocks_count)\{/m);
  });

  it('of every declared name can be recorded', async () => {
    const metrics = createMetrics();
    for (const name of Object.keys(counters)) metrics.add(name as keyof typeof counters, {});
    for (const name of Object.keys(gauges)) metrics.set(name as keyof typeof gauges, {}, 1);
    for (const name of Object.keys(histograms)) {
      metrics.observe(name as keyof typeof histograms, {}, 1);
    }
    const text = await metrics.expose();
    for (const name of Object.keys(counters))
      assert.match(text, new RegExp(`^ommer_${name}_total\\{`, 'm'));
    for (const name of Object.keys(gauges))
      assert.match(text, new RegExp(`^ommer_${name}\\{`, 'm'));
    for (const name of Object.keys(histograms))
      assert.match(text, new RegExp(`^ommer_${name}_count\\{`, 'm'));
  });
});
