/** How large records are, and what is said of one that Kafka does not take. */
import type { EncodedRecord } from '../encoding/encoded-record.ts';
import { FatalError } from '../model/errors.ts';
import { kafkaError } from './kafka-error.ts';

/** Length, attributes, timestamp and offset deltas, key and value lengths, header count, at most. */
const recordOverheadBytes = 36;

/** Bytes that a record takes in a request, at most. */
export function recordBytes(record: EncodedRecord): number {
  return record.key.length + (record.value?.length ?? 0) + recordOverheadBytes;
}

/** A record above our own limit. */
export function recordTooLarge(
  record: EncodedRecord,
  sizeBytes: number,
  { recordBytesMax }: { readonly recordBytesMax: number },
): FatalError {
  return new FatalError('kafka.record_too_large', {
    stage: 'publishing',
    message: `The ${nameOf(record)} has ${sizeBytes} bytes, publishing.recordBytesMax is ${recordBytesMax}. Raise max.message.bytes of the topic to more than that, then publishing.recordBytesMax.`,
    context: { ...contextOf(record, sizeBytes), limitBytes: recordBytesMax },
  });
}

/**
 * For a request that the brokers refused as too large: an error that names its largest record. Any
 * other error is returned as it is.
 */
export function namingTooLarge(error: unknown, records: readonly EncodedRecord[]): unknown {
  const failure = kafkaError(error, { action: 'send records' });
  const [first, ...others] = records;
  if (failure.code !== 'kafka.record_too_large' || first === undefined) return error;
  const largest = others.reduce((a, b) => (recordBytes(b) > recordBytes(a) ? b : a), first);
  const sizeBytes = recordBytes(largest);
  return new FatalError('kafka.record_too_large', {
    stage: 'publishing',
    message: `Kafka refused a request of ${records.length} records as too large. The largest, ${nameOf(largest)}, has ${sizeBytes} bytes. Raise max.message.bytes of the topic (and message.max.bytes of the brokers), or lower publishing.batchBytesMax to what the topic takes.`,
    cause: error,
    context: contextOf(largest, sizeBytes),
  });
}

function nameOf(record: EncodedRecord): string {
  const event = 'eventId' in record ? ` "${String(record.eventId)}"` : '';
  const time = new Date(record.timestampMs).toISOString();
  return `record${event} of ${time} for topic "${record.topic}" partition ${record.partition}`;
}

function contextOf({ topic, partition, timestampMs }: EncodedRecord, sizeBytes: number) {
  return { topic, partition, sizeBytes, timestampMs };
}
