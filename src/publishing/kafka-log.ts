/**
 * kafkajs's log lines as ours. What passes by itself is debug: kafkajs files even the errors it is
 * about to retry under ERROR, and every failure that matters reaches us as a rejection anyway.
 */
import { type LogEntry, logLevel } from 'kafkajs';
import type { Logger } from '../model/runtime.ts';
import { retriableMessages } from './kafkajs-internals.ts';

/** A sink for kafkajs that remembers the last trouble, to explain a time-out with. */
export interface KafkaLog {
  write(entry: LogEntry): void;
  /** The last error or warning kafkajs reported; null if there was none. */
  lastTrouble(): string | null;
}

/** Fields that are worth a place in our lines; none of them can hold a secret. */
const fields = ['broker', 'clientId', 'error', 'retryCount', 'retryTime', 'groupId', 'topic'];

/** Writes to `logger`: troubles that are retried as debug, others as warnings. */
export function createKafkaLog(logger: Logger): KafkaLog {
  let trouble: string | null = null;
  return {
    write({ level, namespace, log }) {
      const values: Record<string, unknown> = { namespace };
      for (const field of fields) if (log[field] !== undefined) values[field] = log[field];
      const { message, error } = log;
      const text = textOf(message, error);
      if (level === logLevel.ERROR || level === logLevel.WARN) trouble = text;
      if (level === logLevel.ERROR && !passesByItself(message, error)) {
        logger.warn({ ...values, reported: text }, 'kafka client reported an error');
      } else {
        logger.debug({ ...values, reported: text }, 'kafka client');
      }
    },
    lastTrouble: () => trouble,
  };
}

function textOf(message: string, error: unknown): string {
  return typeof error === 'string' ? `${message}: ${error}` : message;
}

function passesByItself(message: string, error: unknown): boolean {
  if (typeof error === 'string' && retriableMessages.has(error)) return true;
  if (retriableMessages.has(message.replace(/^Failed to send messages: /, ''))) return true;
  return /connect|disconnected|closed|timed out/i.test(message);
}
