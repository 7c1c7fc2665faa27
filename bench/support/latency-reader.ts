/** The consumer of the latency benches, seen from the process that measures. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Stage } from './stage.ts';

/**
 * What says when a record began: its column `received_at_us`, or a stamp of the venue in its value,
 * microseconds on the machine's monotonic clock, by which the order of each market is checked too.
 */
export type Stamps =
  | {
      readonly kind: 'received';
      readonly schema: string;
      /** `performance.timeOrigin` of the measuring process in microseconds, on the monotonic clock. */
      readonly epochOffsetUs: number;
    }
  | { readonly kind: 'stamped' };

export interface ReaderOrder {
  readonly brokers: readonly string[];
  readonly topics: readonly string[];
  readonly stamps: Stamps;
}

export type ReaderRequest =
  | { readonly kind: 'open'; readonly order: ReaderOrder }
  | { readonly kind: 'reset' }
  | { readonly kind: 'report'; readonly atLeast: number };

export interface ReaderReport {
  /** Age of each record since the last reset. */
  readonly samplesMs: readonly number[];
  /** Since the beginning: records with a stamp that is not above the one before it in their market. */
  readonly disordered: number;
}

export type ReaderAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'report'; readonly report: ReaderReport };

/** A plain kafkajs consumer in a process of its own. */
export class LatencyReader {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves when it consumes, from the beginning of the topics. */
  static async open(order: ReaderOrder): Promise<LatencyReader> {
    const child = fork(fileURLToPath(new URL('latency-consumer.ts', import.meta.url)), [], {
      execArgv: [
        ...['--import', 'tsx', '--import'],
        fileURLToPath(new URL('compiled.mjs', import.meta.url)),
      ],
    });
    const reader = new LatencyReader(child);
    await reader.#ask({ kind: 'open', order }, 'ready');
    return reader;
  }

  /** Forgets what came so far. */
  async reset(): Promise<void> {
    await this.#ask({ kind: 'reset' }, 'reset');
  }

  /** Waits for at least so many samples, returns all and ends the process. */
  async close(atLeast: number): Promise<ReaderReport> {
    const answer = await this.#ask({ kind: 'report', atLeast }, 'report');
    this.#child.disconnect();
    if (answer.kind !== 'report') throw new Error(`the reader answered ${answer.kind}`);
    return answer.report;
  }

  #ask(request: ReaderRequest, kind: ReaderAnswer['kind']): Promise<ReaderAnswer> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null) => reject(new Error(`the reader ended with ${code}`));
      this.#child.once('exit', ended);
      const listen = (answer: unknown) => {
        const known = answer as ReaderAnswer;
        if (known.kind !== kind) return;
        this.#child.off('message', listen);
        this.#child.off('exit', ended);
        resolve(known);
      };
      this.#child.on('message', listen);
      this.#child.send(request);
    });
  }
}

/** A reader of the stage's rows of logs, whose beginning is that they were received in this process. */
export async function openLogsReader(stage: Stage): Promise<LatencyReader> {
  const topic = stage.topicOf('logs');
  const id = stage.prepared.schemaIds.get(topic)?.value ?? -1;
  const schema = await stage.prepared.registration.textOf(id, topic);
  const { brokers } = stage.config.kafka;
  const stamps = { kind: 'received', schema, epochOffsetUs: wallOffsetUs() } as const;
  return LatencyReader.open({ brokers, topics: [topic], stamps });
}

/**
 * What to add to the monotonic clock, which all processes of a machine share, to get this process's
 * wall time: two processes' own wall clocks may differ by more than what is measured.
 */
function wallOffsetUs(): number {
  return (
    (performance.timeOrigin + performance.now()) * 1_000 - Number(process.hrtime.bigint()) / 1e3
  );
}
