/** Options of requests that mean the same for every kind of source; defaults are the kind's. */
import { count } from './option-format.ts';
import type { ConfigProblem } from './source.ts';

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

/** How a venue's stream is kept awake, and how a request or subscription that fails is tried again. */
export function venueOptions(defaults: {
  readonly silenceMaxMs: number;
  readonly retryDelayMs: number;
}) {
  return {
    pingIntervalMs: {
      doc: 'How often the server is pinged; one that does not answer by the next ping is gone.',
      format: count(50, 600_000),
      default: 25_000,
    },
    silenceMaxMs: {
      doc: 'A server that has sent neither a message nor a ping for so long is gone.',
      format: count(100, 3_600_000),
      default: defaults.silenceMaxMs,
    },
    attemptsMax: {
      doc: 'Tries of one request, and of a subscription that is refused for the moment.',
      format: count(1, 20),
      default: 5,
    },
    retryDelayMs: {
      doc: 'Pause before the second try; it doubles with each further one.',
      format: count(1, 60_000),
      default: defaults.retryDelayMs,
    },
    retryDelayMaxMs: {
      doc: 'Longest pause between two tries, whatever the server asks for.',
      format: count(1, 600_000),
      default: 30_000,
    },
  };
}

/** What a format of a single option cannot express. */
export function retryProblems({
  retryDelayMs,
  retryDelayMaxMs,
}: {
  readonly retryDelayMs: number;
  readonly retryDelayMaxMs: number;
}): readonly ConfigProblem[] {
  if (retryDelayMaxMs >= retryDelayMs) return [];
  return [
    {
      path: 'retryDelayMaxMs',
      message: `is ${retryDelayMaxMs}, which is less than retryDelayMs (${retryDelayMs})`,
    },
  ];
}
