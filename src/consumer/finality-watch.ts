/** Follows the finalized head on the control topic beside a reader, so that its filter may forget. */
import type { ControlDecoder } from '../encoding/control-decoder.ts';
import type { IdentityFilter } from './identity-filter.ts';
import type { Fetcher } from './step-reader.ts';

export interface FinalityWatchOptions {
  readonly fetcher: Fetcher;
  readonly control: { readonly topic: string; readonly offset: number };
  readonly controls: ControlDecoder;
  readonly filter: Pick<IdentityFilter, 'prune'>;
  /** Only this source's. */
  readonly source: string | undefined;
  readonly signal: AbortSignal;
}

const maxWaitMs = 1_000;
const bytesMax = 1024 * 1024;

/** Runs until the signal aborts. Rejects with what the broker or the registry throws. */
export async function watchFinality(options: FinalityWatchOptions): Promise<void> {
  const { fetcher, controls, filter, source, signal } = options;
  let { offset } = options.control;
  while (!signal.aborted) {
    const limits = {
      isolation: 'read_committed' as const,
      maxWaitMs,
      responseBytesMax: bytesMax,
      partitionBytesMax: bytesMax,
    };
    const at = { topic: options.control.topic, partition: 0, offset };
    for (const part of await fetcher.fetch([at], limits, signal)) {
      for (const stored of part.records) {
        const record = await controls.decode(stored);
        const isOurs = source === undefined || record.source === source;
        if (isOurs && record.kind === 'finalized') filter.prune(record.height ?? -1);
      }
      offset = part.nextOffset;
    }
  }
}
