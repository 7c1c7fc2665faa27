/**
 * Which subscriptions of one socket are asked for, active or given up. One command is under way at a
 * time, because an error names no request (reference section 5.5). Pure: time is passed in.
 */

/** One (channel, symbol) pair; `symbol` is null where a channel has none. */
export interface Subscription {
  readonly channel: string;
  readonly symbol: string | null;
  /** Pace of a Lighter book. */
  readonly intervalMs?: number;
}

/** What a registry keeps to. */
export interface SubscriptionLimits {
  /** Commands in any second; the server takes 10 (reference section 1.5). */
  readonly subscribesPerSecondMax: number;
  readonly ackTimeoutMs: number;
  /** Tries of one subscription that is refused for the moment. */
  readonly attemptsMax: number;
  readonly retryDelayMs: number;
  readonly retryDelayMaxMs: number;
}

/** One that is not active. */
interface Pending {
  readonly subscription: Subscription;
  readonly isAsked: boolean;
  /** Commands sent for it since it was last active. */
  readonly attempts: number;
  /** Asked: overdue from then on. Else: not before. */
  readonly dueAtMs: number;
}

/** A subscription without an answer is asked for this often. */
const unansweredMax = 2;

/** The key of a subscription, as frames name it. */
export function subscriptionKey(channel: string, symbol: string | null): string {
  return symbol === null ? channel : `${channel}|${symbol}`;
}

function isMatch(each: Subscription, channel: string | null, symbol: string | null): boolean {
  const isOfChannel = channel === null || each.channel === channel;
  return isOfChannel && (symbol === null || each.symbol === symbol);
}

/** The subscriptions of one socket. */
export class Subscriptions {
  readonly #pending = new Map<string, Pending>();
  readonly #active = new Map<string, Subscription>();
  readonly #limits: SubscriptionLimits;
  /** Of the last second. */
  readonly #sentAtMs: number[] = [];

  constructor(subscriptions: readonly Subscription[], limits: SubscriptionLimits) {
    this.#limits = limits;
    for (const subscription of subscriptions) {
      this.#await({ subscription, isAsked: false, attempts: 0, dueAtMs: 0 });
    }
  }

  /** How many the server has acknowledged. */
  get active(): number {
    return this.#active.size;
  }

  /** How many are tracked: active, asked for or waiting for their turn. */
  get size(): number {
    return this.#active.size + this.#pending.size;
  }

  has(channel: string, symbol: string | null): boolean {
    const key = subscriptionKey(channel, symbol);
    return this.#active.has(key) || this.#pending.has(key);
  }

  /** The command to send now; sending it is counted. Undefined while one is under way or none may go. */
  next(nowMs: number): Subscription | undefined {
    if (this.#pending.size === 0 || this.#asked() !== undefined) return undefined;
    const pending = [...this.#pending.values()].find(({ dueAtMs }) => dueAtMs <= nowMs);
    if (pending === undefined || this.#freeAtMs(nowMs) > nowMs) return undefined;
    const { subscription, attempts } = pending;
    this.#sentAtMs.push(nowMs);
    const dueAtMs = nowMs + this.#limits.ackTimeoutMs;
    this.#await({ subscription, isAsked: true, attempts: attempts + 1, dueAtMs });
    return subscription;
  }

  /**
   * An answer; or data (`isTold` false), which is as good as one to what was asked for. True when it
   * was the first sign of it.
   */
  acknowledge(channel: string, symbol: string | null, isTold = true): boolean {
    if (this.#pending.size === 0) return false;
    const key = subscriptionKey(channel, symbol);
    const pending = this.#pending.get(key);
    if (pending === undefined || (!isTold && !pending.isAsked)) return false;
    this.#pending.delete(key);
    this.#active.set(key, pending.subscription);
    return true;
  }

  /**
   * The subscription that an error is about: the one that it names, else the one under way, if what
   * it names is of that.
   * Undefined when it cannot be told.
   */
  concerned(channel: string | null, symbol: string | null): Subscription | undefined {
    if (channel !== null && symbol !== null) {
      const key = subscriptionKey(channel, symbol);
      return this.#active.get(key) ?? this.#pending.get(key)?.subscription;
    }
    const asked = this.#asked()?.subscription;
    return asked !== undefined && isMatch(asked, channel, symbol) ? asked : undefined;
  }

  /**
   * Asks again after a pause that doubles. False, and it is given up, when it was tried often enough.
   */
  retry(subscription: Subscription, nowMs: number): boolean {
    const { attemptsMax, retryDelayMs, retryDelayMaxMs } = this.#limits;
    const key = subscriptionKey(subscription.channel, subscription.symbol);
    const attempts = this.#pending.get(key)?.attempts ?? 0;
    this.drop(subscription);
    if (attempts >= attemptsMax) return false;
    const pauseMs = Math.min(retryDelayMaxMs, retryDelayMs * 2 ** Math.max(0, attempts - 1));
    this.#await({ subscription, isAsked: false, attempts, dueAtMs: nowMs + pauseMs });
    return true;
  }

  /**
   * Those that are given up because they were never answered. A first silence is asked once more,
   * after all others, so that one that is never answered does not hold them up.
   */
  unanswered(nowMs: number): readonly Subscription[] {
    const overdue = [...this.#pending.values()].filter(
      ({ isAsked, dueAtMs }) => isAsked && dueAtMs <= nowMs,
    );
    const given: Subscription[] = [];
    for (const { subscription, attempts } of overdue) {
      this.drop(subscription);
      if (attempts >= unansweredMax) given.push(subscription);
      else this.#await({ subscription, isAsked: false, attempts, dueAtMs: nowMs });
    }
    return given;
  }

  /** Never to be asked for again. */
  drop({ channel, symbol }: Subscription): void {
    const key = subscriptionKey(channel, symbol);
    this.#pending.delete(key);
    this.#active.delete(key);
  }

  /** Every tracked subscription of this channel and symbol; null stands for any. */
  matching(channel: string | null, symbol: string | null): readonly Subscription[] {
    const pending = [...this.#pending.values()].map(({ subscription }) => subscription);
    return [...this.#active.values(), ...pending].filter((each) => isMatch(each, channel, symbol));
  }

  /** When `next` or `unanswered` may have something; infinite while nothing waits. */
  nextAtMs(nowMs: number): number {
    if (this.#pending.size === 0) return Number.POSITIVE_INFINITY;
    const asked = this.#asked();
    if (asked !== undefined) return asked.dueAtMs;
    const dueAtMs = Math.min(...[...this.#pending.values()].map((each) => each.dueAtMs));
    return Math.max(dueAtMs, this.#freeAtMs(nowMs));
  }

  #await(pending: Pending): void {
    const { channel, symbol } = pending.subscription;
    this.#pending.set(subscriptionKey(channel, symbol), pending);
  }

  #asked(): Pending | undefined {
    return [...this.#pending.values()].find(({ isAsked }) => isAsked);
  }

  /** When one more command may go: so many in any second, wherever it begins. */
  #freeAtMs(nowMs: number): number {
    while ((this.#sentAtMs[0] ?? nowMs) <= nowMs - 1_000) this.#sentAtMs.shift();
    const [oldest] = this.#sentAtMs;
    const isFull = this.#sentAtMs.length >= this.#limits.subscribesPerSecondMax;
    return isFull && oldest !== undefined ? oldest + 1_000 : nowMs;
  }
}
