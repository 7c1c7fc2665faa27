/** A publisher over the simulated Kafka that loses, repeats and dies where the real one can. */
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
    if (fault === 'crash_before') throw new Crash();
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

  async close(): Promise<void> {}

  #publishAtLeastOnce(batch: PublicationBatch, fault: Fault): void {
    if (fault === 'repeat') this.#append(batch, null);
    const offsets = this.#append(batch, null);
    if (fault === 'crash_amid') throw new Crash();
    for (const record of batch.seal(offsets)) this.#kafka.append(record, null);
    if (fault === 'crash_after') throw new Crash();
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
