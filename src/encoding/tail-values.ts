/**
 * The envelope's own fields, by name, for inserts and retractions. A writer's schema takes the
 * ones it has, so an older schema is served by the same values.
 */
import type { Event, Origin, Reorg } from '../model/event.ts';
import type { InsertRecord } from './encoded-record.ts';
import type { RowBasics } from './value-layout.ts';

/** What is the same for all records of a source. */
export interface TailContext {
  readonly source: string;
  readonly chain: string;
  readonly connector: string;
  readonly version: string;
}

export interface InsertFacts {
  readonly event: Event;
  readonly origin: Origin;
  readonly id: string;
  readonly incarnation: number;
  readonly publishedAtUs: number;
}

export interface RetractionFacts {
  readonly record: InsertRecord;
  readonly reorg: Reorg;
  /** Read from the row; only the `debezium` envelope repeats them. */
  readonly basics: RowBasics | undefined;
  /** The event's own time. */
  readonly timeMs: number;
  readonly dataset: string;
  readonly publishedAtUs: number;
  readonly receivedAtUs: number;
}

type TailValues = Readonly<Record<string, unknown>>;

/**
 * Tail of an insert. It does not depend on whether a reorg brought it. Written as whole literals,
 * here and below: objects of one shape are what the generated Avro writers are fast with.
 */
export function insertTail(
  envelope: 'flat' | 'debezium',
  facts: InsertFacts,
  context: TailContext,
): TailValues {
  const { event, origin, publishedAtUs } = facts;
  return {
    op: origin.isBackfill ? 'r' : 'c',
    sign: 1,
    event_id: facts.id,
    incarnation: facts.incarnation,
    reorg_id: null,
    ts_ms: Math.floor(publishedAtUs / 1000),
    received_at_us: origin.receivedAtUs,
    published_at_us: publishedAtUs,
    source: envelope === 'flat' ? null : insertSource(event, origin, context),
    transaction: null,
    reorg: null,
    tracing_id: event.tracingId ?? null,
  };
}

/** Tail of the retraction of a published insert. */
export function retractionTail(facts: RetractionFacts, context: TailContext): TailValues {
  const { record, reorg, basics, publishedAtUs } = facts;
  return {
    op: 'd',
    sign: -1,
    event_id: record.eventId,
    incarnation: record.incarnation,
    reorg_id: reorg.id,
    ts_ms: Math.floor(publishedAtUs / 1000),
    received_at_us: facts.receivedAtUs,
    published_at_us: publishedAtUs,
    source: basics === undefined ? null : retractionSource(facts, basics, context),
    transaction: null,
    reorg: {
      id: reorg.id,
      depth: reorg.depth,
      common_ancestor_height: reorg.commonAncestorHeight,
      common_ancestor_hash: reorg.commonAncestorHash,
      reason: reorg.reason,
    },
    tracing_id: null,
  };
}

function insertSource(event: Event, origin: Origin, context: TailContext): TailValues {
  return {
    version: context.version,
    connector: context.connector,
    name: context.source,
    ts_ms: event.timeMs,
    snapshot: origin.isBackfill ? 'true' : 'false',
    db: origin.chain,
    schema: context.connector,
    table: event.dataset,
    sequence: sequenceOf(origin.height, event.index),
    txId: origin.blockHash,
  };
}

function retractionSource(
  facts: RetractionFacts,
  basics: RowBasics,
  context: TailContext,
): TailValues {
  const { chain, height } = basics;
  const blockHash = basics.blockHash ?? context.connector;
  const idPrefix = chain.length + blockHash.length + facts.dataset.length + 3;
  return {
    version: context.version,
    connector: context.connector,
    name: context.source,
    ts_ms: facts.timeMs,
    snapshot: 'false',
    db: chain,
    schema: context.connector,
    table: facts.dataset,
    sequence: sequenceOf(height, facts.record.eventId.slice(idPrefix)),
    txId: blockHash,
  };
}

function sequenceOf(height: number, index: string): string {
  return `["${height}",${JSON.stringify(index)}]`;
}
