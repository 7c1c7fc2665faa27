/**
 * The control topic as something to look things up in: decoded pages of it, a bounded number kept.
 * Reads are by offset, so that a search costs as many pages as it has steps.
 */
import { ControlDecoder, type ControlRecord } from '../encoding/control-decoder.ts';
import { FatalError } from '../model/errors.ts';
import type { PartitionReader } from '../publishing/partition-reader.ts';

/** What looking up needs of Kafka; `PartitionReader` has it. */
export type IndexReader = Pick<PartitionReader, 'offsets' | 'readRecords' | 'partitionsOf'>;

/** A control record and where it lies. */
export interface ControlEntry {
  readonly offset: number;
  readonly record: ControlRecord;
}

export interface ControlLogOptions {
  readonly reader: IndexReader;
  readonly topic: string;
  /** Only the records of this source. Undefined: the topic's only one. */
  readonly source?: string | undefined;
  schemaById(id: number): Promise<string>;
  readonly signal?: AbortSignal | undefined;
}

const pageOffsets = 128;
const pageBytesMax = 256 * 1024;
const pagesMax = 256;

/** Looks at one control topic as it is when it is opened; what comes later is not seen. */
export class ControlLog {
  readonly first: number;
  /** One past the last offset. */
  readonly end: number;
  readonly #options: ControlLogOptions;
  readonly #decoder: ControlDecoder;
  readonly #pages = new Map<number, readonly ControlEntry[]>();
  #source: string | undefined;

  private constructor(options: ControlLogOptions, ends: { first: number; end: number }) {
    this.#options = options;
    this.#decoder = new ControlDecoder((id) => options.schemaById(id));
    this.#source = options.source;
    this.first = ends.first;
    this.end = ends.end;
  }

  /** Throws `kafka.topic_missing` for a topic that does not exist. */
  static async open(options: ControlLogOptions): Promise<ControlLog> {
    const { reader, topic } = options;
    if ((await reader.partitionsOf(topic)).length === 0) throw missingTopic(topic);
    const { earliest, lastStable } = await reader.offsets({ topic, partition: 0 });
    return new ControlLog(options, { first: earliest, end: lastStable });
  }

  /** Records from an offset on, in order, of one source. */
  async *forward(from: number): AsyncGenerator<ControlEntry> {
    for (let page = pageOf(Math.max(from, this.first)); page * pageOffsets < this.end; page += 1) {
      for (const entry of await this.#page(page)) if (entry.offset >= from) yield entry;
    }
  }

  /** Records below an offset, newest first, of one source. */
  async *backward(below: number): AsyncGenerator<ControlEntry> {
    const last = pageOf(Math.min(below, this.end) - 1);
    for (let page = last; page >= pageOf(this.first) && page >= 0; page -= 1) {
      const entries = await this.#page(page);
      for (const entry of [...entries].reverse()) if (entry.offset < below) yield entry;
    }
  }

  async #page(number: number): Promise<readonly ControlEntry[]> {
    const known = this.#pages.get(number);
    if (known !== undefined) return known;
    const entries = await this.#read(number * pageOffsets);
    const oldest = this.#pages.keys().next();
    if (this.#pages.size >= pagesMax && oldest.done !== true) this.#pages.delete(oldest.value);
    this.#pages.set(number, entries);
    return entries;
  }

  async #read(start: number): Promise<readonly ControlEntry[]> {
    const { reader, topic, signal } = this.#options;
    const firstOffset = Math.max(start, this.first);
    const lastOffset = Math.min(start + pageOffsets, this.end) - 1;
    const entries: ControlEntry[] = [];
    const batches = reader.readRecords({
      ranges: [{ topic, partition: 0, firstOffset, lastOffset }],
      isolation: 'read_committed',
      partitionBytesMax: pageBytesMax,
      ...(signal === undefined ? {} : { signal }),
    });
    for await (const records of batches) {
      for (const stored of records) {
        const record = await this.#decoder.decode(stored);
        if (this.#isOurs(record)) entries.push({ offset: stored.offset, record });
      }
    }
    return entries;
  }

  #isOurs({ source }: ControlRecord): boolean {
    if (this.#options.source !== undefined) return source === this.#options.source;
    this.#source ??= source;
    if (this.#source === source) return true;
    throw severalSources(this.#options.topic, this.#source, source);
  }
}

/** A control topic that several sources share, and none was named. */
export function severalSources(topic: string, one: string, other: string): FatalError {
  return new FatalError('consumer.several_sources', {
    stage: 'consumer',
    message: `Control topic "${topic}" tells of the sources "${one}" and "${other}", whose blocks are apart. Say which one is meant (source).`,
    context: { topic, one, other },
  });
}

function pageOf(offset: number): number {
  return Math.floor(offset / pageOffsets);
}

/** For every reader that is told a topic which is not there. */
export function missingTopic(topic: string): FatalError {
  return new FatalError('kafka.topic_missing', {
    stage: 'consumer',
    message: `Topic "${topic}" does not exist. Check the name, the prefix and the chain, and the permission to describe it.`,
    context: { topic },
  });
}
