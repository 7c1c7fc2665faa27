/**
 * Takes what the stream says to the assembly. What is no row, was not asked for or cannot be read goes
 * out as it came; a dataset that is refused is left out, or ends the source.
 */
import { DataError, type ErrorCode, FatalError, TransientError } from '../../model/errors.ts';
import type { SourceUpdate } from '../../model/update.ts';
import type { Assembler } from './assembly/assembler.ts';
import type { DeadLetter } from './assembly/discards.ts';
import { headerOf, heightOf, keyedRow } from './assembly/said-row.ts';
import { bucketEndMs, checkBucket, widthsByDataset } from './bars.ts';
import { chainIdOf } from './config.ts';
import type { BlockdbDataset, BlockdbRow } from './messages.ts';
import { refusalCode } from './refusal.ts';
import { datasetByShape } from './rows/shape.ts';
import type { SessionScope } from './session-scope.ts';
import type { StreamMessage } from './stream/frames.ts';
import type { SocketEvent } from './stream/socket.ts';
import type { BlockdbStream } from './stream/stream.ts';
import { subscribedDatasets } from './stream/subscriptions.ts';

type Update = SourceUpdate<BlockdbRow>;
type Message = Extract<SocketEvent, { kind: 'message' }>;
type Row = Extract<StreamMessage, { kind: 'row' }>;

/** One reader of a stream. */
export class Intake {
  readonly #scope: SessionScope;
  readonly #stream: BlockdbStream;
  readonly #assembler: Assembler;
  readonly #datasets: ReadonlySet<string>;
  readonly #widths: ReadonlyMap<BlockdbDataset, ReadonlySet<number>>;
  readonly #chainId: number;

  constructor(scope: SessionScope, stream: BlockdbStream, assembler: Assembler) {
    this.#scope = scope;
    this.#stream = stream;
    this.#assembler = assembler;
    this.#datasets = new Set(subscribedDatasets(scope.datasets));
    this.#widths = widthsByDataset(scope.config, scope.datasets);
    this.#chainId = chainIdOf(scope.config);
  }

  /** All that waits. Throws the stream's ending, and a refusal that ends the source. */
  *hear(): Generator<Update> {
    const nowMs = this.#scope.runtime.clock.nowMs();
    for (let event = this.#stream.take(); event !== undefined; event = this.#stream.take()) {
      const letter = event.kind === 'refused' ? this.#refused(event) : this.#heard(event, nowMs);
      if (letter !== undefined) yield malformed(letter);
    }
  }

  #heard({ message, raw, receivedAtUs }: Message, nowMs: number): DeadLetter | undefined {
    if (message.kind === 'unknown') return letterOf(raw, 'source.malformed_frame', message.reason);
    if (message.kind === 'error') {
      const { code, message: words } = message.error;
      return letterOf(raw, 'source.request_failed', `says ${code}: ${words}`);
    }
    try {
      this.#take(message, { raw, receivedAtUs, nowMs });
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      return { raw, code: error.code, reason: error.message };
    }
    return undefined;
  }

  #take(
    row: Row,
    frame: { readonly raw: Uint8Array; readonly receivedAtUs: number; readonly nowMs: number },
  ): void {
    const { data, isCorrection } = row;
    const { raw, receivedAtUs, nowMs } = frame;
    const dataset = this.#datasetOf(row);
    const widths = this.#widths.get(dataset);
    const { key } = keyedRow(dataset, data);
    // Named, not spread: a spread costs three times what the key does.
    if (widths !== undefined) {
      checkBucket(dataset, data, widths);
      const endMs = bucketEndMs(dataset, data);
      this.#assembler.takeBar({ key, dataset, data, endMs, isCorrection, raw }, nowMs);
      return;
    }
    const height = heightOf(dataset, data);
    const header = dataset === 'blocks' ? headerOf(data) : null;
    const said = { key, dataset, data, height, header, isCorrection, raw, receivedAtUs };
    this.#assembler.take(said, nowMs);
  }

  #datasetOf({ chainId, datasetId, data }: Row): BlockdbDataset {
    const dataset = this.#scope.ids.datasetOf.get(datasetId);
    if (dataset === undefined || !this.#datasets.has(dataset)) {
      throw unasked(`of the dataset ${datasetId}`);
    }
    if (chainId !== this.#chainId) throw unasked(`of the chain ${chainId}`);
    const shape = datasetByShape(data);
    if (shape !== undefined && shape !== dataset) {
      throw unasked(`called ${dataset} (${datasetId}) that has the members of ${shape}`);
    }
    return dataset;
  }

  /** The dataset is left out, or the source stops: as configured. Without blocks nothing goes. */
  #refused({ subscription, error, raw }: Extract<SocketEvent, { kind: 'refused' }>): DeadLetter {
    const { config, runtime, reader } = this.#scope;
    const { dataset, datasetId } = subscription;
    const code = refusalCode(error);
    const reason = `BlockDB refused the subscription to ${dataset} (${datasetId}): ${error.code}: ${error.message}.`;
    const isNeeded = config.refusedDatasets === 'stop' || dataset === 'blocks';
    if (isNeeded && error.isRetryable) {
      throw new TransientError('source.rate_limited', {
        stage: 'sources',
        message: `${reason} It said so ${config.attemptsMax} times, and that it may change. A new session asks again.`,
        context: { dataset, datasetId, refusal: error.code },
      });
    }
    if (isNeeded) {
      throw new FatalError(code, {
        stage: 'sources',
        message: `${reason} Correct datasets, filters, idProfile or ids; or go on without the dataset: refusedDatasets: skip.`,
        context: { dataset, datasetId, refusal: error.code },
      });
    }
    // Else its rows would come all the same, late, from REST.
    reader.leaveOut({ dataset, code, message: reason });
    this.#stream.leave(datasetId);
    runtime.logger.error({ dataset, code, refusal: error.code }, 'dataset refused, others go on');
    runtime.metrics.add('errors', { source: runtime.name, stage: 'sources', code });
    return { raw, code, reason };
  }
}

/** As an update. */
export function malformed({ raw, code, reason }: DeadLetter): Update {
  return { kind: 'malformed', raw, code, reason };
}

function letterOf(raw: Uint8Array, code: ErrorCode, what: string): DeadLetter {
  return { raw, code, reason: `A frame of the stream ${what}.` };
}

function unasked(what: string): DataError {
  return new DataError('source.dataset_unknown', {
    stage: 'sources',
    message: `A row came ${what}, which was not subscribed. Compare idProfile and ids with BlockDB's list of datasets.`,
  });
}
