/** Which topics a configuration needs, and what they should be like. Creating them is publishing's. */
import type { Config, SourceConfig } from './config.ts';

/** A topic of a configuration. */
export interface DesiredTopic {
  readonly name: string;
  readonly kind: 'changelog' | 'state' | 'final' | 'control' | 'checkpoints' | 'dead-letters';
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly retentionMs: number;
}

/** Enough that sources seldom wait for one another's open transactions when they restore. */
const checkpointPartitions = 8;

/** Topics of these sources, each once: changelogs, their tables and control first, the shared ones last. */
export function desiredTopics(config: Config, sources: readonly SourceConfig[]): DesiredTopic[] {
  const { topics } = config;
  const { replicationFactor } = topics;
  const byName = new Map<string, DesiredTopic>();
  const add = (topic: Omit<DesiredTopic, 'replicationFactor'>): void => {
    byName.set(topic.name, { ...topic, replicationFactor });
  };
  for (const { routes, controlTopic } of sources) {
    for (const { topic, partitions, retentionMs, state, final } of routes) {
      add({ name: topic, kind: 'changelog', partitions, retentionMs });
      if (state !== null) add({ name: state.topic, kind: 'state', partitions, retentionMs: -1 });
      if (final !== null) add({ ...final, name: final.topic, kind: 'final', partitions });
    }
    // One partition: the control topic is one sequence.
    add({
      name: controlTopic,
      kind: 'control',
      partitions: 1,
      retentionMs: topics.retentionMs,
    });
  }
  add({
    name: topics.checkpoints,
    kind: 'checkpoints',
    partitions: checkpointPartitions,
    retentionMs: -1,
  });
  add({ name: topics.deadLetters, kind: 'dead-letters', partitions: 1, retentionMs: -1 });
  return [...byName.values()];
}

/** The sources with these names, all when none is named; undefined for an unknown name. */
export function selectSources(config: Config, names: readonly string[]): SourceConfig[] {
  return names.length === 0
    ? [...config.sources]
    : config.sources.filter(({ name }) => names.includes(name));
}
