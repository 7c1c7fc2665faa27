/** Reads a changelog record back for the restore of the undo window, by its writer's schema. */
import { FatalError } from '../model/errors.ts';
import type { StoredChange, StoredRecord } from './encoded-record.ts';
import { headerBytes, type ValueLayout } from './value-layout.ts';

/**
 * What the record says and where its row lies. Throws `checkpoint.undo_window_incomplete` for
 * bytes that ommer did not write.
 */
export function readStoredChange(
  record: StoredRecord,
  layout: ValueLayout | undefined,
): StoredChange {
  if (layout === undefined) throw unreadable(record, 'its value has no schema id');
  try {
    return decode(record, layout);
  } catch (cause) {
    throw unreadable(record, String(cause), cause);
  }
}

function decode(record: StoredRecord, layout: ValueLayout): StoredChange {
  const { value } = record;
  const isRetractionFrame = layout.envelope === 'debezium' && value[headerBytes] !== 0;
  const frame = isRetractionFrame ? layout.retraction : layout.insert;
  const rowStart = headerBytes + frame.beforeRow.length;
  if (frame.beforeRow.compare(value, headerBytes, rowStart) !== 0) {
    throw new RangeError('it has neither a row before nor a row after');
  }
  const basics = layout.readBasics(value, rowStart);
  const tail = layout.readTail(value, basics.rowEnd + frame.afterRow.length);
  const { op, event_id: eventId, incarnation } = tail;
  if (typeof eventId !== 'string' || typeof incarnation !== 'number') {
    throw new TypeError('it has no event_id or no incarnation');
  }
  const { topic, partition, key, timestampMs } = record;
  return {
    isRetraction: op === 'd',
    height: basics.height,
    blockHash: basics.blockHash,
    timeMs: basics.timeMs,
    record: {
      topic,
      partition,
      key,
      value,
      timestampMs,
      rowStart,
      rowEnd: basics.rowEnd,
      eventId,
      incarnation,
    },
  };
}

function unreadable(record: StoredRecord, problem: string, cause?: unknown): FatalError {
  const { topic, partition, offset } = record;
  return new FatalError('checkpoint.undo_window_incomplete', {
    stage: 'encoding',
    message: `Record ${topic}-${partition}@${offset} is not one that ommer wrote: ${problem}. Another program wrote to the topic; give ommer topics of its own, or reset the checkpoint.`,
    cause,
    context: { topic, partition, offset },
  });
}
