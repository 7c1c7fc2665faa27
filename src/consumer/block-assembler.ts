/**
 * Puts steps together: a step is complete when every record that its control records count has been
 * read. Holds what is read ahead, within limits. Does no I/O.
 */
import type { ControlRecord } from '../encoding/control-decoder.ts';
import { DataError, FatalError } from '../model/errors.ts';
import type { FetchedRecords } from '../publishing/partition-fetcher.ts';
import type { LogRecord } from '../publishing/record-batch.ts';
import type { BlockPoint } from './change.ts';
import { PartitionQueue } from './partition-queue.ts';
import { type Claim, type Plan, Planner } from './plan.ts';

/** Bounds of what is held. */
export interface AssemblerLimits {
  /** Records of one step: a block, or a reorg with its new branch. */
  readonly stepRecordsMax: number;
  /** Bytes read ahead per partition, apart from what the next step needs. */
  readonly readAheadBytesMax: number;
  /** Steps read ahead from the control topic. */
  readonly stepsAheadMax: number;
}

export interface AssemblerOptions {
  readonly control: { readonly topic: string; readonly offset: number };
  readonly topics: readonly string[];
  readonly limits: AssemblerLimits;
  /** Records outside any step occur (`low_latency`); otherwise they are an error. */
  readonly allowsStrays: boolean;
  readonly finalized: BlockPoint | null;
}

/** A complete step with its records as they were read. */
export interface AssembledStep {
  readonly plan: Plan;
  readonly records: readonly LogRecord[];
}

export class BlockAssembler {
  readonly #options: AssemblerOptions;
  readonly #planner: Planner;
  readonly #plans: Plan[] = [];
  readonly #queues = new Map<string, PartitionQueue>();
  #controlOffset: number;

  constructor(options: AssemblerOptions) {
    this.#options = options;
    this.#controlOffset = options.control.offset;
    this.#planner = new Planner((topic) => options.topics.includes(topic), options.finalized);
  }

  /** Where to fetch now. Empty never: when all else is full, the next step's partitions are there. */
  positions(): { readonly topic: string; readonly partition: number; readonly offset: number }[] {
    const { control, limits } = this.#options;
    const [next] = this.#plans;
    const needed = new Set(next === undefined ? [] : this.#lacking(next));
    const wanted = [...this.#queues.values()].filter(
      (queue) => needed.has(queue) || queue.bytes < limits.readAheadBytesMax,
    );
    const data = wanted.map(({ topic, partition, offset }) => ({ topic, partition, offset }));
    if (this.#plans.length >= limits.stepsAheadMax) return data;
    return [{ topic: control.topic, partition: 0, offset: this.#controlOffset }, ...data];
  }

  /** True for the control topic's own part: its records are to be decoded. */
  isControl({ topic }: { readonly topic: string }): boolean {
    return topic === this.#options.control.topic;
  }

  /** Throws `consumer.limit_exceeded` for a step that is too large, before it is read. */
  addControl(part: FetchedRecords, decoded: readonly ControlRecord[]): void {
    const entries = part.records.flatMap(({ offset }, index) => {
      const record = decoded[index];
      return record === undefined ? [] : [{ offset, record }];
    });
    this.#controlOffset = part.nextOffset;
    for (const plan of this.#planner.take(part, entries)) {
      this.#assertSize(plan);
      for (const claim of plan.claims) this.#queue(claim);
      this.#plans.push(plan);
    }
  }

  addData(part: FetchedRecords): void {
    this.#queues.get(`${part.topic}/${part.partition}`)?.add(part);
  }

  /** The next step when all of it was read; null until then. */
  next(): AssembledStep | null {
    const [plan] = this.#plans;
    if (plan === undefined || this.#lacking(plan).length > 0) return null;
    this.#plans.shift();
    const records: LogRecord[] = [];
    for (const claim of plan.claims) {
      const taken = this.#queue(claim).take(claim);
      const [stray] = taken.strays;
      if (stray !== undefined && !this.#options.allowsStrays) throw strayRecord(stray);
      for (const record of taken.strays) records.push(record);
      for (const record of taken.records) records.push(record);
    }
    return { plan, records };
  }

  #lacking({ claims }: Plan): PartitionQueue[] {
    return [...new Set(claims.map((claim) => this.#queue(claim)))].filter((queue) =>
      queue.lacks(claims.filter((claim) => isAt(queue, claim))),
    );
  }

  /** A partition is read from the first record that a step claims on it. */
  #queue(claim: Claim): PartitionQueue {
    const { topic, partition, firstOffset } = claim;
    const id = `${topic}/${partition}`;
    const queue =
      this.#queues.get(id) ?? new PartitionQueue({ topic, partition, offset: firstOffset });
    this.#queues.set(id, queue);
    return queue;
  }

  #assertSize(plan: Plan): void {
    const { stepRecordsMax } = this.#options.limits;
    const count = plan.claims.reduce((sum, claim) => sum + claim.count, 0);
    if (count <= stepRecordsMax) return;
    throw new FatalError('consumer.limit_exceeded', {
      stage: 'consumer',
      message: `A ${plan.step.kind} of ${count} records, at offset ${plan.controlOffset} of "${this.#options.control.topic}", exceeds limits.stepRecordsMax (${stepRecordsMax}), so it cannot be handed over whole. Raise the limit, or read record by record.`,
      context: { count, stepRecordsMax },
    });
  }
}

function isAt(queue: PartitionQueue, claim: Claim): boolean {
  return queue.topic === claim.topic && queue.partition === claim.partition;
}

function strayRecord({ topic, partition, offset, value }: LogRecord): DataError {
  return new DataError('consumer.foreign_record', {
    stage: 'consumer',
    message: `Record ${topic}/${partition}@${offset} belongs to no block that the control topic tells of. When the source publishes with delivery low_latency, say so (delivery: 'low_latency'); otherwise another program writes to the topic.`,
    context: { topic, partition, offset },
    ...(value === null ? {} : { raw: value }),
  });
}
