/**
 * kafkajs's log lines as ours, all at debug: it files even the errors it is about to retry under
 * ERROR, and every failure that matters reaches us as a rejection, which is logged where it is
 * handled.
 */
import { type LogEntry, logLevel } from 'kafkajs';
import type { Logger } from '../model/runtime.ts';

/** A sink for kafkajs that remembers the last trouble, to explain a time-out with. */
export interface KafkaLog {
  write(entry: LogEntry): void;
  /** The last error or warning kafkajs reported; null if there was none. */
  lastTrouble(): string | null;
}

/** Fields that are worth a place in our lines; none of them can hold a secret. */
const fields = ['broker', 'clientId', 'error', 'retryCount', 'retryTime', 'groupId', 'topic'];

/** Writes to `logger`. */
export function createKafkaLog(logger: Logger): KafkaLog {
  let trouble: string | null = null;
  return {
    write({ level, namespace, log }) {
      const values: Record<string, unknown> = { namespace };
      for (const field of fields) if (log[field] !== undefined) values[field] = log[field];
      const { message, error } = log;
      const reported = typeof error === 'string' ? `${message}: ${error}` : message;
      if (level === logLevel.ERROR || level === logLevel.WARN) trouble = reported;
      logger.debug({ ...values, reported }, 'kafka client');
    },
    lastTrouble: () => trouble,
  };
}
