/** Options of fetching blocks from several nodes that mean the same for every kind that follows a chain. */
import { count } from '../option-format.ts';
import { responseOptions } from '../request-options.ts';

/** How much is fetched at once, how long that may take, and how often it is tried. */
export function fetchOptions(defaults: { readonly responseBytesMax: number }) {
  return {
    concurrency: {
      doc: 'Fetches and connections open at the same time to one endpoint.',
      format: count(1, 64),
      default: 4,
    },
    sliceBlocks: {
      doc: 'Blocks near the head, or of a new branch beyond the old one, that are taken in one step.',
      format: count(1, 1_000),
      default: 50,
    },
    ...responseOptions({ requestTimeoutMs: 15_000, ...defaults }),
    attemptsMax: {
      doc: 'Tries of one request on one endpoint before the next endpoint is asked.',
      format: count(1, 20),
      default: 3,
    },
    retryDelayMs: {
      doc: 'Pause before the second try; it doubles with each further one.',
      format: count(1, 60_000),
      default: 200,
    },
    endpointRestMs: {
      doc: 'For how long a failed endpoint is passed over while another one works.',
      format: count(0, 3_600_000),
      default: 60_000,
    },
  };
}
