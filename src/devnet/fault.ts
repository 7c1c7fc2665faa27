/**
 * The vocabulary between a fault proxy and its connections.
 */

/**
 * What happens to a request:
 * - `swallow-response`: the broker carries it out; its answer is dropped, the connection stays.
 * - `cut-after`: the broker carries it out and answers; instead of the answer the connection ends.
 * - `cut-before`: it never reaches the broker; the connection ends.
 * - `hold`: it, and what follows on the connection, waits until `release()`.
 */
export type FaultAction = 'swallow-response' | 'cut-after' | 'cut-before' | 'hold';

/** A fault that strikes once. */
export interface Fault {
  /** Resolves when it has struck: with the answer dropped, the connection cut, the request held. */
  readonly struck: Promise<void>;
  /** Lets a held request go; otherwise takes back a fault that has not struck. */
  release(): void;
}

/** An armed fault, as the connection that it strikes sees it. */
export interface ArmedFault {
  readonly action: FaultAction;
  readonly released: Promise<void>;
  strike(): void;
}

/** What the proxy does to all connections. */
export interface ProxyMode {
  readonly isRefusing: boolean;
  readonly isSwallowing: boolean;
  readonly delayMs: number;
}
