/** A publisher over the simulated Kafka that loses, repeats and dies where the real one can. */

import type { EncodedRecord } from '../../../src/encoding/encoded-record.ts';
import { FatalError, TransientError } from '../../../src/model/errors.ts';
import type { PublicationBatch, Publisher } from '../../../src/publishing/publisher.ts';
import type { Random } from './chain-world.ts';
import type { SimulatedKafka } from './kafka.ts';

/** The process died: nobody learns anything, memory is gone. */
export class Crash extends Error {}

/** Where a publication can be hit. */
export type Fault = 'none' | 'crash_before' | 'crash_amid' | 'crash_after' | 'repeat' | 'fail';

export class SimulatedPublisher implements Publisher {
  readonly #kafka: SimulatedKafka;
  readonly #random: Random;
  readonly #isTransactional: boolean;
  readonly #faultRate: number;
  #epoch = 0;
  /** Without transactions: what was sealed follows the data later, at once or not at all. */
  #waiting: readonly EncodedRecord[] = [];
  #hasFlushed = false;

  constructor(options: {
    readonly kafka: SimulatedKafka;
    readonly random: Random;
    readonly isTransactional: boolean;
    readonly faultRate: number;
  }) {
    this.#kafka = options.kafka;
    this.#random = options.random;
    this.#isTransactional = options.isTransactional;
    this.#faultRate = options.faultRate;
  }

  async open(): Promise<void> {
    this.#epoch = this.#kafka.fence();
  }

  async publish(batch: PublicationBatch): Promise<void> {
    const fault = this.#fault();
    // Others run while this waits for the broker.
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (fault === 'crash_before') throw this.#crash();
    if (fault === 'fail') throw transient();
    if (!this.#isTransactional) return this.#publishAtLeastOnce(batch, fault);
    const transaction = this.#begin();
    const offsets = this.#append(batch, transaction);
    for (const record of batch.seal(offsets)) this.#kafka.append(record, transaction);
    if (fault === 'crash_amid') throw new Crash();
    if (fault === 'repeat') {
      this.#kafka.abort(transaction);
      return await this.publish(batch);
    }
    this.#kafka.commit(transaction);
    if (fault === 'crash_after') throw new Crash();
  }

  async close(): Promise<void> {
    this.#flush();
  }

  #publishAtLeastOnce(batch: PublicationBatch, fault: Fault): void {
    if (fault === 'repeat') this.#append(batch, null);
    const offsets = this.#append(batch, null);
    if (fault === 'crash_amid') throw this.#crash();
    this.#waiting = [...this.#waiting, ...batch.seal(offsets)];
    // The first checkpoint is there before any data.
    if (!this.#hasFlushed || this.#random() < 0.5) this.#flush();
    if (fault === 'crash_after') throw this.#crash();
  }

  #flush(): void {
    if (this.#waiting.length === 0) return;
    const transaction = this.#begin();
    for (const record of this.#waiting) this.#kafka.append(record, transaction);
    this.#waiting = [];
    this.#hasFlushed = true;
    this.#kafka.commit(transaction);
  }

  #crash(): Crash {
    this.#waiting = [];
    return new Crash();
  }

  #append(batch: PublicationBatch, transaction: ReturnType<SimulatedKafka['begin']> | null) {
    return Float64Array.from(batch.records, (record) => this.#kafka.append(record, transaction));
  }

  #begin() {
    try {
      return this.#kafka.begin(this.#epoch);
    } catch (cause) {
      throw new FatalError('kafka.fenced', { stage: 'publishing', message: 'Simulated.', cause });
    }
  }

  #fault(): Fault {
    if (this.#random() >= this.#faultRate) return 'none';
    const faults: readonly Fault[] = [
      'crash_before',
      'crash_amid',
      'crash_after',
      'repeat',
      'fail',
    ];
    return faults[Math.floor(this.#random() * faults.length)] ?? 'none';
  }
}

function transient(): TransientError {
  return new TransientError('kafka.send_failed', { stage: 'publishing', message: 'Simulated.' });
}
