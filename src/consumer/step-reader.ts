/** Reads a chain step by step: fetches what the next steps need, decodes them, hands them over whole. */
import type { ChangeDecoder, DecodedChange } from '../encoding/change-decoder.ts';
import type { ControlDecoder, ControlRecord } from '../encoding/control-decoder.ts';
import type { FetchedRecords, PartitionFetcher } from '../publishing/partition-fetcher.ts';
import type { LogRecord } from '../publishing/record-batch.ts';
import { type AssembledStep, BlockAssembler } from './block-assembler.ts';
import { type Change, type Dataset, heightOf, type Step } from './change.ts';
import { severalSources } from './control-log.ts';
import type { IdentityFilter } from './identity-filter.ts';
import type { Settings } from './options.ts';
import { formatPosition, type StepPosition } from './step-position.ts';

/** How records are fetched; `PartitionFetcher` does it. */
export type Fetcher = Pick<PartitionFetcher, 'fetch' | 'partitionsOf'>;

export interface StepReaderOptions<D extends Dataset> {
  readonly fetcher: Fetcher;
  readonly settings: Settings<D>;
  readonly controls: ControlDecoder;
  readonly changes: ChangeDecoder;
  readonly start: StepPosition;
  /** Only with `low_latency`. */
  readonly filter: IdentityFilter | null;
  /** Steps below this control offset are only shown to the filter. */
  readonly silentBelow: number;
  readonly source: string | undefined;
  readonly signal: AbortSignal;
}

export class StepReader<D extends Dataset> {
  readonly #options: StepReaderOptions<D>;
  readonly #assembler: BlockAssembler;
  readonly #datasets: ReadonlyMap<string, D>;
  #ahead: Promise<readonly FetchedRecords[]> | null = null;
  #source: string | undefined;

  constructor(options: StepReaderOptions<D>) {
    const { settings, start, filter } = options;
    this.#options = options;
    this.#source = options.source;
    this.#datasets = new Map(settings.topics.map(({ topic, dataset }) => [topic, dataset]));
    this.#assembler = new BlockAssembler({
      control: start,
      topics: [...this.#datasets.keys()],
      limits: settings.limits,
      allowsStrays: filter !== null,
      finalized: start.finalized,
    });
  }

  /** Steps in the order of the chain, until the signal aborts. */
  async *steps(): AsyncGenerator<Step<D>> {
    const { signal } = this.#options;
    while (!signal.aborted) {
      const assembled = this.#assembler.next();
      if (assembled === null) await this.#read();
      else {
        void this.#fetchAhead();
        const step = await this.#step(assembled);
        if (step !== null) yield step;
      }
    }
  }

  /** The next answers are on their way while a step is handled. */
  #fetchAhead(): Promise<readonly FetchedRecords[]> {
    const { fetcher, settings, signal } = this.#options;
    const { fetchBytesMax, fetchWaitMs } = settings.limits;
    this.#ahead ??= fetcher.fetch(
      this.#assembler.positions(),
      {
        isolation: 'read_committed',
        maxWaitMs: fetchWaitMs,
        responseBytesMax: fetchBytesMax * 8,
        partitionBytesMax: fetchBytesMax,
      },
      signal,
    );
    this.#ahead.catch(() => undefined);
    return this.#ahead;
  }

  async #read(): Promise<void> {
    const parts = await this.#fetchAhead();
    this.#ahead = null;
    for (const part of parts) {
      if (!this.#assembler.isControl(part)) this.#assembler.addData(part);
      else this.#assembler.addControl(part, await this.#controls(part.records));
    }
  }

  async #controls(records: readonly LogRecord[]): Promise<ControlRecord[]> {
    const decoded: ControlRecord[] = [];
    for (const record of records) {
      const control = await this.#options.controls.decode(record);
      this.#assertSource(control, record.topic);
      decoded.push(control);
    }
    return decoded;
  }

  #assertSource({ source }: ControlRecord, topic: string): void {
    this.#source ??= source;
    if (source !== this.#source) throw severalSources(topic, this.#source, source);
  }

  async #step({ plan, records }: AssembledStep): Promise<Step<D> | null> {
    const { filter, start, silentBelow } = this.#options;
    const found: Change<D>[] = [];
    for (const record of records) {
      const pending = this.#options.changes.decode(record);
      const decoded = pending instanceof Promise ? await pending : pending;
      const height = Number(decoded.row['height']);
      if (height < start.minHeight || filter?.lets(decoded, height) === false) continue;
      found.push(changeOf(this.#datasets, record, decoded));
    }
    const { finalized, controlOffset, step } = plan;
    if (finalized !== null) filter?.prune(finalized.height);
    if (controlOffset < silentBelow) return null;
    const changes = inChainOrder(filter === null ? found : withoutPairs(found));
    const { topic, minHeight } = start;
    const position = formatPosition({ topic, offset: controlOffset + 1, minHeight, finalized });
    return { ...step, changes, finalized, position };
  }
}

/** The change that a record is. The dataset of its topic was checked when it was decoded. */
export function changeOf<D extends Dataset>(
  datasets: ReadonlyMap<string, D>,
  record: LogRecord,
  decoded: DecodedChange,
): Change<D> {
  const { topic, partition, offset, timestampMs } = record;
  const { isRetraction, row, eventId, incarnation, reorgId, madeAtMs } = decoded;
  const meta = { topic, partition, offset, timestampMs, eventId, incarnation, reorgId, madeAtMs };
  return { dataset: datasets.get(topic), isRetraction, row, meta } as unknown as Change<D>;
}

/** Retractions from the newest block to the oldest, then rows as they were published. */
function inChainOrder<D extends Dataset>(changes: Change<D>[]): Change<D>[] {
  const retractions = changes.filter(({ isRetraction }) => isRetraction);
  if (retractions.length === 0) return changes;
  retractions.sort((a, b) => heightOf(b.row) - heightOf(a.row));
  return [...retractions, ...changes.filter(({ isRetraction }) => !isRetraction)];
}

/** Without rows that were published and taken back within the step. */
function withoutPairs<D extends Dataset>(changes: Change<D>[]): Change<D>[] {
  const kept = new Map<string, Change<D>>();
  for (const change of changes) {
    const { topic, eventId, incarnation } = change.meta;
    const id = `${topic}#${eventId}#${incarnation}`;
    if (change.isRetraction && kept.get(id)?.isRetraction === false) kept.delete(id);
    else kept.set(id, change);
  }
  return [...kept.values()];
}
