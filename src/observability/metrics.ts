/** The model's `Metrics` on prom-client, with a registry of its own and the process's metrics. */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { MetricLabels, Metrics } from '../model/runtime.ts';
import { counters, gauges, histograms, type MetricLabel, metricPrefix } from './metric-table.ts';

/** Metrics that can be read in Prometheus's text form. */
export interface ExposedMetrics extends Metrics {
  readonly contentType: string;
  expose(): Promise<string>;
}

/**
 * Labels that a declaration lists and a call leaves out are exported as empty text. Counters and gauges
 * are kept here until they are asked for: some move with every frame, and the library takes its time.
 */
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
    const counter = new Counter({ ...shared, name: full, help, labelNames: [...labels] });
    return { counter, moved: new LabelledValues(labels) };
  });
  const gaugeOf = mapNames(gauges, (name, { help, labels }) => {
    const gauge = new Gauge({
      ...shared,
      name: metricPrefix + name,
      help,
      labelNames: [...labels],
    });
    return { gauge, moved: new LabelledValues(labels) };
  });
  const histogramOf = mapNames(histograms, (name, { help, labels, buckets }) => {
    const options = { help, labelNames: [...labels], buckets: [...buckets] };
    return new Histogram({ ...shared, name: metricPrefix + name, ...options });
  });
  const settle = (): void => {
    for (const { counter, moved } of Object.values(counterOf)) {
      moved.take((labels, value) => counter.inc(labels, value));
    }
    for (const { gauge, moved } of Object.values(gaugeOf)) {
      moved.take((labels, value) => gauge.set(labels, value));
    }
  };
  return {
    contentType: registry.contentType,
    expose: () => {
      settle();
      return registry.metrics();
    },
    add: (name, labels, value = 1) => {
      // Recording never throws, and a counter never goes back.
      if (value > 0) counterOf[name].moved.at(labels).value += value;
    },
    set: (name, labels, value) => {
      if (Number.isFinite(value)) gaugeOf[name].moved.at(labels).value = value;
    },
    observe: (name, labels, value) => {
      if (!Number.isFinite(value)) return;
      histogramOf[name].observe(declared(labels, histograms[name].labels), value);
    },
  };
}

type DeclaredLabels = Partial<Record<MetricLabel, string>>;

/** What one metric was told since it was last asked, by its labels. */
class LabelledValues {
  readonly #names: readonly MetricLabel[];
  #values = new Map<string, { readonly labels: DeclaredLabels; value: number }>();

  constructor(names: readonly MetricLabel[]) {
    this.#names = names;
  }

  /** To be changed; 0 where nothing was told yet. */
  at(labels: MetricLabels): { value: number } {
    let key = '';
    for (const name of this.#names) {
      const value = labels[name] ?? '';
      key = key === '' ? value : `${key}\0${value}`;
    }
    const known = this.#values.get(key);
    if (known !== undefined) return known;
    const fresh = { labels: declared(labels, this.#names), value: 0 };
    this.#values.set(key, fresh);
    return fresh;
  }

  take(give: (labels: DeclaredLabels, value: number) => void): void {
    for (const { labels, value } of this.#values.values()) give(labels, value);
    this.#values = new Map();
  }
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
function declared(labels: MetricLabels, names: readonly MetricLabel[]): DeclaredLabels {
  const kept: DeclaredLabels = {};
  for (const name of names) kept[name] = labels[name] ?? '';
  return kept;
}
