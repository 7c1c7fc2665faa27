/** The model's `Metrics` on prom-client, with a registry of its own and the process's metrics. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { MetricLabels, Metrics } from '../model/runtime.ts';
import { counters, gauges, histograms, type MetricLabel, metricPrefix } from './metric-table.ts';

/** Metrics that can be read in Prometheus's text form. */
export interface ExposedMetrics extends Metrics {
  readonly contentType: string;
  expose(): Promise<string>;
}

/** Labels that a declaration lists and a call leaves out are exported as empty text. */
export function createMetrics(): ExposedMetrics {
  const registry = new Registry();
  collectDefaultMetrics({
    register: registry,
    prefix: metricPrefix,
    // The default of 10 ms wakes an idle process a hundred times a second.
    eventLoopMonitoringPrecision: 100,
  });
  const shared = { registers: [registry] };
  const counterOf = mapNames(counters, (name, { help, labels }) => {
    const full = `${metricPrefix}${name}_total`;
    return new Counter({ ...shared, name: full, help, labelNames: [...labels] });
  });
  const gaugeOf = mapNames(gauges, (name, { help, labels }) => {
    return new Gauge({ ...shared, name: metricPrefix + name, help, labelNames: [...labels] });
  });
  const histogramOf = mapNames(histograms, (name, { help, labels, buckets }) => {
    const options = { help, labelNames: [...labels], buckets: [...buckets] };
    return new Histogram({ ...shared, name: metricPrefix + name, ...options });
  });
  return {
    contentType: registry.contentType,
    expose: () => registry.metrics(),
    add: (name, labels, value = 1) => {
      // Recording never throws, and a counter never goes back.
      if (value > 0) counterOf[name].inc(declared(labels, counters[name].labels), value);
    },
    set: (name, labels, value) => {
      if (Number.isFinite(value)) gaugeOf[name].set(declared(labels, gauges[name].labels), value);
    },
    observe: (name, labels, value) => {
      if (!Number.isFinite(value)) return;
      histogramOf[name].observe(declared(labels, histograms[name].labels), value);
    },
  };
}

function mapNames<N extends string, D, T>(
  table: Readonly<Record<N, D>>,
  create: (name: string, declaration: D) => T,
): Record<N, T> {
  const entries = Object.entries<D>(table).map(([name, declaration]) => [
    name,
    create(name, declaration),
  ]);
  return Object.fromEntries(entries) as Record<N, T>;
}

/** Only declared labels: an undeclared one would make prom-client throw in the middle of a stage. */
function declared(
  labels: MetricLabels,
  names: readonly MetricLabel[],
): Partial<Record<MetricLabel, string>> {
  const kept: Partial<Record<MetricLabel, string>> = {};
  for (const name of names) kept[name] = labels[name] ?? '';
  return kept;
}
