/** Options of requests over HTTP that mean the same for every kind of source; defaults are the kind's. */
import { count } from './option-format.ts';

/** How long a response may take, and how large it may be. */
export function responseOptions(defaults: {
  readonly requestTimeoutMs: number;
  readonly responseBytesMax: number;
}) {
  return {
    requestTimeoutMs: {
      doc: 'Longest wait for a connection, for the first byte and between two pieces of a response.',
      format: count(100, 600_000),
      default: defaults.requestTimeoutMs,
    },
    responseBytesMax: {
      doc: 'Largest response that is read.',
      format: count(100_000, 500_000_000),
      default: defaults.responseBytesMax,
    },
  };
}
