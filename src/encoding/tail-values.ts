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

/** Tail of an insert. It does not depend on whether a reorg brought it. */
export function insertTail(
  envelope: 'flat' | 'debezium',
  facts: InsertFacts,
  context: TailContext,
): TailValues {
  const { event, origin, publishedAtUs } = facts;
  const common = {
    op: origin.isBackfill ? 'r' : 'c',
    sign: 1,
    event_id: facts.id,
    incarnation: facts.incarnation,
    ts_ms: Math.floor(publishedAtUs / 1000),
    received_at_us: origin.receivedAtUs,
    published_at_us: publishedAtUs,
  };
  if (envelope === 'flat') return { ...common, reorg_id: null };
  return {
    ...common,
    source: {
      ...sourceConstants(context),
      ts_ms: event.timeMs,
      snapshot: String(origin.isBackfill),
      db: origin.chain,
      table: event.dataset,
      sequence: JSON.stringify([String(origin.height), event.index]),
      txId: origin.blockHash,
    },
    transaction: null,
    reorg: null,
    tracing_id: null,
  };
}

/** Tail of the retraction of a published insert. */
export function retractionTail(facts: RetractionFacts, context: TailContext): TailValues {
  const { record, reorg, basics, publishedAtUs } = facts;
  const common = {
    op: 'd',
    sign: -1,
    event_id: record.eventId,
    incarnation: record.incarnation,
    ts_ms: Math.floor(publishedAtUs / 1000),
    received_at_us: facts.receivedAtUs,
    published_at_us: publishedAtUs,
  };
  if (basics === undefined) return { ...common, reorg_id: reorg.id };
  const index = record.eventId.slice(
    `${basics.chain}/${basics.blockHash}/${facts.dataset}/`.length,
  );
  return {
    ...common,
    source: {
      ...sourceConstants(context),
      ts_ms: facts.timeMs,
      snapshot: 'false',
      db: basics.chain,
      table: facts.dataset,
      sequence: JSON.stringify([String(basics.height), index]),
      txId: basics.blockHash,
    },
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

function sourceConstants(context: TailContext) {
  const { version, connector, source } = context;
  return { version, connector, name: source, schema: connector };
}
