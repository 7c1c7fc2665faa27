/** What a changelog topic is told to hold, and how its schemas are registered. */
import type { Dataset } from './dataset.ts';
import type { ChangelogEnvelope } from './envelope.ts';

/** One changelog topic of one dataset. A dataset may have several. */
export interface Route {
  readonly dataset: Dataset;
  readonly topic: string;
  readonly envelope: ChangelogEnvelope;
  /** The first of these columns that is not null chooses the partition; none: the chain does. */
  readonly routing: readonly string[];
  /** Record time of inserts: the event's own, or when it was received. */
  readonly timestamps: 'event' | 'ingest';
}

/** Registered ids of a topic's two schemas. */
export interface SchemaIds {
  readonly key: number;
  readonly value: number;
}
