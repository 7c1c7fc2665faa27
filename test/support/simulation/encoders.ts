/** Encoders of the simulation: JSON instead of Avro, everything else as in the real ones. */
import type {
  InsertRecord,
  StoredChange,
  StoredRecord,
} from '../../../src/encoding/encoded-record.ts';
import type { Checkpoint } from '../../../src/model/checkpoint.ts';
import { eventId } from '../../../src/model/event.ts';
import type { LedgerEncoders } from '../../../src/pipeline/ledger-encoders.ts';

/** What a simulated changelog record says. */
export interface SimulatedChange {
  readonly row: Readonly<Record<string, unknown>>;
  readonly op: 'c' | 'r' | 'd';
  readonly eventId: string;
  readonly incarnation: number;
  readonly reorg: string | null;
}

const partitions = 3;

export function simulatedEncoders(): LedgerEncoders {
  return {
    insert: (event, origin, { incarnation }) => {
      const id = eventId(origin, event);
      const change: SimulatedChange = {
        row: event.row,
        op: origin.isBackfill ? 'r' : 'c',
        eventId: id,
        incarnation,
        reorg: null,
      };
      const record: InsertRecord = {
        topic: event.dataset,
        partition: Number(event.row['routing']) % partitions,
        key: Buffer.from(id),
        value: Buffer.from(JSON.stringify(change)),
        timestampMs: event.timeMs,
        rowStart: 0,
        rowEnd: 0,
        eventId: id,
        incarnation,
      };
      return [record];
    },
    retract: ({ topic, partition, key, value, timestampMs }, reorg) => {
      const change = parseChange(value);
      return {
        ...{ topic, partition, key, timestampMs },
        value: Buffer.from(JSON.stringify({ ...change, op: 'd', reorg: reorg.id })),
      };
    },
    isSameRow: (stored, fresh) =>
      JSON.stringify(parseChange(stored.value).row) ===
      JSON.stringify(parseChange(fresh.value).row),
    isOutdated: () => false,
    completed: (_, fresh) => fresh,
    isCorrectable: () => false,
    isReadBack: () => true,
    orderOf: ({ dataset, row }) =>
      dataset === 'balances' ? JSON.stringify(primaryKeyOf(dataset, row)) : null,
    control: (event, timeMs) => plain('control', event, timeMs),
    checkpoint: (of) => {
      const checkpoint = of();
      return plain('checkpoints', checkpoint, checkpoint.writtenAtMs);
    },
    deadLetter: (letter) => plain('dead-letters', letter, letter.timeMs),
    tables: {
      state: (record) => ({ ...stateKey(record), value: upsert(record) }),
      tombstone: (record) => ({ ...stateKey(record), value: null }),
      final: ({ topic, partition, key, timestampMs, ...rest }) => ({
        topic: `${topic}.final`,
        partition,
        key,
        timestampMs,
        value: upsert(rest),
      }),
    },
    partitionCounts: () => [],
    forgetPartitionCounts: () => undefined,
  };
}

function upsert({ value }: Pick<InsertRecord, 'value'>): Buffer {
  const { row, eventId: id, incarnation } = parseChange(value);
  return Buffer.from(JSON.stringify({ row, eventId: id, incarnation }));
}

/** Spread by the key alone. */
function stateKey({ topic, value, timestampMs }: InsertRecord) {
  const key = Buffer.from(JSON.stringify(primaryKeyOf(topic, parseChange(value).row)));
  const partition = key.reduce((sum, byte) => sum + byte, 0) % partitions;
  return { topic: `${topic}.state`, partition, key, timestampMs };
}

/** Columns that identify a row on one canonical chain. */
export function primaryKeyOf(dataset: string, row: Readonly<Record<string, unknown>>): unknown[] {
  const { height, index, nonce, routing } = row;
  if (dataset === 'balances') return [routing];
  return dataset === 'transfers' ? [nonce] : [height, index];
}

export function parseChange(value: Buffer): SimulatedChange {
  return JSON.parse(value.toString()) as SimulatedChange;
}

export function readSimulatedChange(stored: StoredRecord): StoredChange {
  const { row, op, eventId: id, incarnation } = parseChange(stored.value);
  return {
    isRetraction: op === 'd',
    height: Number(row['height']),
    blockHash: String(row['block_hash']),
    timeMs: stored.timestampMs,
    record: { ...stored, rowStart: 0, rowEnd: 0, eventId: id, incarnation },
  };
}

export function parseCheckpoint(value: Buffer): Checkpoint {
  return JSON.parse(value.toString()) as Checkpoint;
}

function plain(topic: string, content: unknown, timestampMs: number) {
  const value = Buffer.from(JSON.stringify(content));
  return { topic, partition: 0, key: Buffer.from(topic), value, timestampMs };
}
