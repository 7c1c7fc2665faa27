/** Records of a chain's control topic: one partition, keyed by chain and source. */
import type { BlockRef } from '../model/block.ts';
import type { ControlEvent, PartitionTally } from '../model/control.ts';
import type { MarketUpdate } from '../model/update.ts';
import { CommonEncoder, loadCommonSchema } from './common-schema.ts';
import type { EncodedRecord } from './encoded-record.ts';
import type { SchemaIds } from './route.ts';

export interface ControlEncoderOptions {
  readonly topic: string;
  readonly chain: string;
  readonly source: string;
  readonly schemaIds: SchemaIds;
}

interface Body {
  readonly at: BlockRef | null;
  readonly block?: Readonly<Record<string, unknown>>;
  readonly reorg?: Readonly<Record<string, unknown>>;
  readonly gap?: Readonly<Record<string, unknown>>;
  readonly market?: Readonly<Record<string, unknown>>;
  readonly session?: Readonly<Record<string, unknown>>;
}

/** Encodes what happened on one chain. Deterministic. */
export class ControlEncoder {
  readonly #options: ControlEncoderOptions;
  readonly #encoder: CommonEncoder;

  constructor(options: ControlEncoderOptions) {
    this.#options = options;
    this.#encoder = new CommonEncoder(loadCommonSchema('control'), options.schemaIds);
  }

  /** Partition 0; the record timestamp is the time it was made. */
  encode(event: ControlEvent, timeMs: number): EncodedRecord {
    const { topic, chain, source } = this.#options;
    const { at, ...body } = bodyOf(event);
    return this.#encoder.encode(
      {
        kind: event.kind,
        chain,
        source,
        time: timeMs,
        height: at?.height ?? null,
        hash: at?.hash ?? null,
        ...body,
      },
      { topic, partition: 0, timestampMs: timeMs },
    );
  }
}

function bodyOf(event: ControlEvent): Body {
  switch (event.kind) {
    case 'block':
    case 'revision':
      return { at: event.block, block: blockBody(event) };
    case 'replay':
      return { at: event.block, block: blockBody({ ...event, incarnation: 0, isBackfill: true }) };
    case 'reorg':
      return { at: ancestorOf(event), reorg: reorgBody(event) };
    case 'finalized':
    case 'heartbeat':
      return { at: event.block };
    case 'gap':
      return {
        at: null,
        gap: { after: event.after, resumed_at: event.resumedAt, reason: event.reason },
      };
    case 'market':
      return { at: null, market: marketBody(event) };
    case 'session':
      return {
        at: null,
        session: { state: event.state, generation: event.generation, reason: event.reason },
      };
  }
}

function blockBody(event: Omit<Extract<ControlEvent, { kind: 'block' | 'revision' }>, 'kind'>) {
  return {
    parent_hash: event.block.parentHash,
    block_time: event.block.timeMs,
    incarnation: event.incarnation,
    is_backfill: event.isBackfill,
    tallies: event.tallies.map(tallyBody),
  };
}

function ancestorOf({ reorg }: Extract<ControlEvent, { kind: 'reorg' }>): BlockRef {
  return { height: reorg.commonAncestorHeight, hash: reorg.commonAncestorHash };
}

function reorgBody(event: Extract<ControlEvent, { kind: 'reorg' }>) {
  const { reorg } = event;
  return {
    id: reorg.id,
    depth: reorg.depth,
    common_ancestor_height: reorg.commonAncestorHeight,
    common_ancestor_hash: reorg.commonAncestorHash,
    reason: reorg.reason,
    reverted: event.reverted.map(({ height, hash }) => ({ height, hash })),
    tallies: event.tallies.map(tallyBody),
  };
}

function marketBody({ dataset, symbol, state, epoch, fromMs, toMs, rows, reason }: MarketUpdate) {
  return { dataset, symbol, state, epoch, from_time: fromMs, to_time: toMs, rows, reason };
}

function tallyBody(tally: PartitionTally) {
  const { topic, partition, inserts, retractions, firstOffset } = tally;
  return { topic, partition, inserts, retractions, first_offset: firstOffset };
}
