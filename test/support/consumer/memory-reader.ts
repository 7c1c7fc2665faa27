/** The reader's own parts over a broker in memory. */
import type { Step } from '../../../src/consumer/change.ts';
import type { IdentityFilter } from '../../../src/consumer/identity-filter.ts';
import { settingsOf } from '../../../src/consumer/options.ts';
import { parsePosition } from '../../../src/consumer/step-position.ts';
import { StepReader } from '../../../src/consumer/step-reader.ts';
import { ChangeDecoder } from '../../../src/encoding/change-decoder.ts';
import { ControlDecoder } from '../../../src/encoding/control-decoder.ts';
import { chain as chainId, controlTopic, type PublishedChain } from './published-chain.ts';

type D = 'evm/token_transfers' | 'evm/logs';

export interface MemoryReaderOptions {
  readonly random: () => number;
  /** After this step; from the beginning when absent. */
  readonly position?: string;
  readonly minHeight?: number;
  /** For what a `low_latency` source publishes. */
  readonly filter?: IdentityFilter;
  /** Steps below this control offset are only shown to the filter. */
  readonly silentBelow?: number;
  readonly limits?: Parameters<typeof settingsOf>[0]['limits'];
}

const settingsFor = (limits: MemoryReaderOptions['limits']) =>
  settingsOf<D>({
    kafka: { brokers: ['memory'] },
    registry: { url: 'memory' },
    topics: [
      { dataset: 'evm/token_transfers', chain: chainId },
      { dataset: 'evm/logs', chain: chainId },
    ],
    ...(limits === undefined ? {} : { limits }),
  });

/** Steps until everything that is there was handed over. */
export async function* stepsOf(
  { kafka }: PublishedChain,
  options: MemoryReaderOptions,
): AsyncGenerator<Step<D>> {
  const end = new AbortController();
  const { minHeight = 0 } = options;
  const start =
    options.position === undefined
      ? { topic: controlTopic, offset: 0, minHeight, finalized: null }
      : parsePosition(options.position, controlTopic);
  let idle = 0;
  const fetcher = kafka.fetcher(options.random, () => {
    idle += 1;
    if (idle > 2) end.abort();
  });
  const reader = new StepReader<D>({
    fetcher,
    settings: settingsFor(options.limits),
    controls: new ControlDecoder(kafka.schemaById),
    changes: new ChangeDecoder(kafka.schemaById),
    start,
    filter: options.filter ?? null,
    silentBelow: options.silentBelow ?? 0,
    source: undefined,
    signal: end.signal,
  });
  yield* reader.steps();
}

export async function readSteps(
  chain: PublishedChain,
  options: MemoryReaderOptions,
): Promise<Step<D>[]> {
  const steps: Step<D>[] = [];
  for await (const step of stepsOf(chain, options)) steps.push(step);
  return steps;
}
