/**
 * The process's log: pino behind the model's `Logger`, one line per transition, on stderr so that
 * standard output stays free for data. Secrets are taken out before a line is written.
 */
import { type DestinationStream, pino } from 'pino';
import { PipelineError } from '../model/errors.ts';
import type { LogFields, Logger } from '../model/runtime.ts';
import { cleanFields, cleanText } from './clean.ts';
import { prettyLine } from './pretty-line.ts';

export interface LoggerOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly format: 'auto' | 'json' | 'pretty';
  /** Where lines go; `isTTY` decides for `auto` and for colours. */
  readonly output: { write(text: string): unknown; readonly isTTY?: boolean | undefined };
  /** False for plain text even on a terminal (`NO_COLOR`). */
  readonly hasColors: boolean;
}

/** The logger everybody's `child` comes from. Writes synchronously: nothing is lost at exit. */
export function createLogger({ level, format, output, hasColors }: LoggerOptions): Logger {
  const isPretty = format === 'pretty' || (format === 'auto' && output.isTTY === true);
  const destination: DestinationStream = {
    write: (line) => {
      output.write(isPretty ? prettyLine(line, hasColors) : line);
    },
  };
  const root = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: serializeError },
    },
    destination,
  );
  return wrap(root);
}

/** pino's methods under the names of the model; fields are cleaned once, here. */
function wrap(target: PinoLike): Logger {
  return {
    debug: (fields, message) => {
      // Cleaning costs; a debug line that nobody sees must not.
      if (target.isLevelEnabled('debug')) target.debug(cleanFields(fields), cleanText(message));
    },
    info: (fields, message) => target.info(cleanFields(fields), cleanText(message)),
    warn: (fields, message) => target.warn(cleanFields(fields), cleanText(message)),
    error: (fields, message) => target.error(cleanFields(fields), cleanText(message)),
    child: (fields) => wrap(target.child(cleanFields(fields))),
  };
}

interface PinoLike {
  isLevelEnabled(level: string): boolean;
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  child(fields: LogFields): PinoLike;
}

/** Code, message, context and causes; the stack only of errors nobody threw on purpose. */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { message: cleanText(String(error)) };
  const isOurs = error instanceof PipelineError;
  return {
    name: error.name,
    ...(isOurs ? { code: error.code, stage: error.stage } : {}),
    message: cleanText(error.message),
    ...(isOurs ? cleanFields(error.context) : { stack: cleanText(error.stack ?? '') }),
    ...(error.cause === undefined ? {} : { cause: causeText(error.cause) }),
  };
}

/** Causes as one text, innermost last; bounded, because foreign errors may refer to themselves. */
function causeText(cause: unknown): string {
  const parts: string[] = [];
  let current = cause;
  while (current !== undefined && current !== null && parts.length < 5) {
    parts.push(current instanceof Error ? current.message : String(current));
    current = current instanceof Error ? current.cause : undefined;
  }
  return cleanText(parts.join(' ← '));
}
