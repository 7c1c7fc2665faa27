/**
 * A queue between a socket's callbacks and the loop that reads it, bounded by count and by bytes.
 * It never drops: an overflow ends it with an error that the reader meets after what is queued.
 */
import { type PipelineError, TransientError } from '../model/errors.ts';

/** Both limits hold at any time. */
export interface QueueLimits {
  readonly itemsMax: number;
  readonly bytesMax: number;
}

interface Entry<T> {
  readonly item: T;
  readonly sizeBytes: number;
}

/** Places that are empty before the others are moved up. */
const compactedFrom = 256;

/** First in, first out, one reader. */
export class BoundedQueue<T> {
  readonly #name: string;
  readonly #limits: QueueLimits;
  #entries: (Entry<T> | undefined)[] = [];
  /** Where the oldest stands: to move all others up for every one that leaves is slow in a long queue. */
  #first = 0;
  #sizeBytes = 0;
  #ending: PipelineError | undefined;
  #wake: (() => void) | undefined;
  readonly #onReady: (() => void) | undefined;

  /**
   * `name` says in the overflow's message whose queue it is; `onReady` is called whenever `take` has
   * something new to give or to throw, for a reader of several queues.
   */
  constructor(name: string, limits: QueueLimits, onReady?: () => void) {
    this.#name = name;
    this.#limits = limits;
    this.#onReady = onReady;
  }

  get length(): number {
    return this.#entries.length - this.#first;
  }

  /**
   * Adds an item. Returns false, and ends the queue with `transport.queue_overflow`, when a limit
   * would be passed; false too when the queue has ended before.
   */
  push(item: T, sizeBytes: number): boolean {
    if (this.#ending !== undefined) return false;
    const itemsMax = this.#limits.itemsMax;
    const bytesMax = this.#limits.bytesMax;
    if (this.length >= itemsMax || this.#sizeBytes + sizeBytes > bytesMax) {
      this.end(
        new TransientError('transport.queue_overflow', {
          stage: 'transport',
          message: `The queue of ${this.#name} is full (${this.length} of ${itemsMax} items, ${this.#sizeBytes} of ${bytesMax} bytes): it is filled faster than it is read. The session ends so that nothing is lost unseen.`,
          context: { queue: this.#name, items: this.length, bytes: this.#sizeBytes },
        }),
      );
      return false;
    }
    this.#entries.push({ item, sizeBytes });
    this.#sizeBytes += sizeBytes;
    this.#wakeReader();
    return true;
  }

  /** Ends the queue: the reader gets what is queued, then this error. The first ending counts. */
  end(error: PipelineError): void {
    this.#ending ??= error;
    this.#wakeReader();
  }

  /** The oldest item, or undefined when there is none now. Throws the ending once it is empty. */
  take(): T | undefined {
    const entry = this.#entries[this.#first];
    if (entry !== undefined) {
      this.#entries[this.#first] = undefined;
      this.#first += 1;
      if (this.#first >= compactedFrom && this.#first * 2 >= this.#entries.length) {
        this.#entries = this.#entries.slice(this.#first);
        this.#first = 0;
      }
      this.#sizeBytes -= entry.sizeBytes;
      return entry.item;
    }
    if (this.#ending !== undefined) throw this.#ending;
    return undefined;
  }

  /**
   * Resolves when `take` has something to give or to throw. It takes nothing itself. Whoever asks
   * again has given up waiting before: what was promised then is forgotten.
   */
  ready(): Promise<void> {
    if (this.length > 0 || this.#ending !== undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #wakeReader(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
    this.#onReady?.();
  }
}
