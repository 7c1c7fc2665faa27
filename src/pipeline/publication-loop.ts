/**
 * Publishes a ledger's drafts one after the other. While one publication is under way, the next
 * draft grows: at the head a block goes out at once, in catch-up many share a transaction, without
 * a timer.
 */
import type { Clock } from '../model/runtime.ts';
import type { Publisher } from '../publishing/publisher.ts';

/** The side of the ledger that publishing needs. */
export interface Drafts {
  readonly isReady: boolean;
  /** More waits than may be held, beside the draft. */
  readonly isBackedUp: boolean;
  readonly draft: { readonly blocks: number; readonly records: { readonly length: number } };
  close(): Parameters<Publisher['publish']>[0];
}

export interface PublicationLimits {
  /** A draft of this many rows waits for the publication before it. */
  readonly rowsMax: number;
  readonly blocksMax: number;
}

/** How long a source that has much to say may keep the event loop from the publication under way. */
const turnEveryUs = 5_000;

/** One per ledger. After a failure every call rejects with it: the ledger must be restored. */
export class PublicationLoop {
  readonly #drafts: Drafts;
  readonly #publisher: Pick<Publisher, 'publish'>;
  readonly #limits: PublicationLimits;
  readonly #clock: Pick<Clock, 'nowUs'>;
  readonly #onFailure: (error: unknown) => void;
  #inFlight: Promise<void> | null = null;
  #turnedAtUs: number;
  #failure: { readonly error: unknown } | null = null;

  constructor(
    drafts: Drafts,
    options: {
      readonly publisher: Pick<Publisher, 'publish'>;
      readonly limits: PublicationLimits;
      readonly clock: Pick<Clock, 'nowUs'>;
      readonly onFailure: (error: unknown) => void;
    },
  ) {
    this.#drafts = drafts;
    this.#publisher = options.publisher;
    this.#limits = options.limits;
    this.#clock = options.clock;
    this.#turnedAtUs = options.clock.nowUs();
    this.#onFailure = options.onFailure;
  }

  /**
   * Call after every change of the ledger. Resolves when there is room for more; now and then only
   * after the event loop has turned, so that the publication under way goes on meanwhile.
   */
  async offer(): Promise<void> {
    this.#throwFailure();
    this.#start();
    if (this.#inFlight !== null && this.#isTurnDue()) await this.#turn();
    while (this.#isFull() && this.#inFlight !== null) await this.#inFlight;
    this.#throwFailure();
  }

  /** Resolves when everything that was ready is published. */
  async drain(): Promise<void> {
    this.#start();
    while (this.#inFlight !== null) await this.#inFlight;
    this.#throwFailure();
  }

  #start(): void {
    if (this.#inFlight !== null || this.#failure !== null || !this.#drafts.isReady) return;
    this.#inFlight = this.#publisher.publish(this.#drafts.close()).then(
      () => {
        this.#inFlight = null;
        this.#start();
      },
      (error: unknown) => {
        this.#inFlight = null;
        this.#failure = { error };
        this.#onFailure(error);
      },
    );
  }

  #isTurnDue(): boolean {
    return this.#clock.nowUs() - this.#turnedAtUs >= turnEveryUs;
  }

  async #turn(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#turnedAtUs = this.#clock.nowUs();
  }

  #isFull(): boolean {
    const { draft, isReady, isBackedUp } = this.#drafts;
    const { rowsMax, blocksMax } = this.#limits;
    return isReady && (isBackedUp || draft.records.length >= rowsMax || draft.blocks >= blocksMax);
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}
