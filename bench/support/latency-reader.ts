/** The consumer of the latency bench, seen from the process that measures. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Stage } from './stage.ts';

export interface ReaderOrder {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly schema: string;
  /** `performance.timeOrigin` of the measuring process in microseconds, on the monotonic clock. */
  readonly epochOffsetUs: number;
}

export type ReaderRequest =
  | { readonly kind: 'open'; readonly order: ReaderOrder }
  | { readonly kind: 'reset' }
  | { readonly kind: 'report'; readonly atLeast: number };

export type ReaderAnswer =
  | { readonly kind: 'ready' }
  | { readonly kind: 'reset' }
  | { readonly kind: 'report'; readonly samplesMs: readonly number[] };

/** A plain kafkajs consumer in a process of its own. */
export class LatencyReader {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves when it consumes. */
  static async open(stage: Stage): Promise<LatencyReader> {
    const child = fork(fileURLToPath(new URL('latency-consumer.ts', import.meta.url)), [], {
      execArgv: [
        ...['--import', 'tsx', '--import'],
        fileURLToPath(new URL('compiled.mjs', import.meta.url)),
      ],
    });
    const topic = stage.topicOf('logs');
    const id = stage.prepared.schemaIds.get(topic)?.value ?? -1;
    const schema = await stage.prepared.registration.textOf(id, topic);
    const reader = new LatencyReader(child);
    const { brokers } = stage.config.kafka;
    const epochOffsetUs = wallOffsetUs();
    await reader.#ask({ kind: 'open', order: { brokers, topic, schema, epochOffsetUs } }, 'ready');
    return reader;
  }

  /** Forgets what came so far. */
  async reset(): Promise<void> {
    await this.#ask({ kind: 'reset' }, 'reset');
  }

  /** Waits for at least so many samples, returns all and ends the process. */
  async close(atLeast: number): Promise<readonly number[]> {
    const answer = await this.#ask({ kind: 'report', atLeast }, 'report');
    this.#child.disconnect();
    return answer.kind === 'report' ? answer.samplesMs : [];
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

/**
 * What to add to the monotonic clock, which all processes of a machine share, to get this process's
 * wall time: two processes' own wall clocks may differ by more than what is measured.
 */
function wallOffsetUs(): number {
  return (
    (performance.timeOrigin + performance.now()) * 1_000 - Number(process.hrtime.bigint()) / 1e3
  );
}
