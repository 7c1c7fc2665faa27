/** The limit of requests per remote address in fixed windows of one minute. It counts upgrades too. */

const windowMs = 60_000;

interface Window {
  readonly startMs: number;
  requests: number;
}

/** Counts requests. */
export class RateLimit {
  readonly #requestsMax: number;
  readonly #now: () => number;
  readonly #windows = new Map<string, Window>();

  constructor(requestsMax: number, now: () => number) {
    this.#requestsMax = requestsMax;
    this.#now = now;
  }

  /** True when one more request of this address is allowed now; it is counted then. */
  allows(address: string): boolean {
    const now = this.#now();
    const known = this.#windows.get(address);
    const isOver = known === undefined || now >= known.startMs + windowMs;
    const window = isOver ? { startMs: now, requests: 0 } : known;
    this.#windows.set(address, window);
    if (window.requests >= this.#requestsMax) return false;
    window.requests += 1;
    return true;
  }
}
