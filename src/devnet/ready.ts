/**
 * Conditions that say that a child process is ready. Each looks once; who waits decides how long.
 */
import { connect } from 'node:net';
import { textSince } from './log-file.ts';
import { loopback } from './ports.ts';

/** What a condition may look at: the log of this run only, not of earlier ones. */
export interface ReadyContext {
  readonly logFile: string;
  readonly logOffsetBytes: number;
}

/** Looks once; true when the process is ready. Must not throw while it is merely starting. */
export type ReadyCheck = (context: ReadyContext) => Promise<boolean>;

/** The log of this run matches the pattern. */
export function logMatches(pattern: RegExp): ReadyCheck {
  return async ({ logFile, logOffsetBytes }) =>
    pattern.test(await textSince(logFile, logOffsetBytes));
}

/** A connection to the loopback port is accepted. */
export function portAccepts(port: number): ReadyCheck {
  return () =>
    new Promise((resolve) => {
      const socket = connect({ host: loopback, port });
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
}

/** A GET of the URL answers 200. */
export function answersOk(url: string): ReadyCheck {
  return async () => {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
      await response.arrayBuffer();
      return response.status === 200;
    } catch {
      return false;
    }
  };
}

/** All conditions hold, looked at in this order. */
export function allOf(...checks: readonly ReadyCheck[]): ReadyCheck {
  return async (context) => {
    for (const check of checks) if (!(await check(context))) return false;
    return true;
  };
}
