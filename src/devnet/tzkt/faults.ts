/**
 * Faults of the simulator: armed by tests or by `ommer devnet`, taken where they strike. Each strikes
 * a number of times or until it is cleared.
 */

/** Every fault there is, and what it does. */
export const faultNames = {
  'negotiate-status': 'negotiate answers `status` (default 503)',
  'handshake-error': 'the handshake is refused with `text`',
  'subscribe-error': 'a subscription to `channel` fails with `text`',
  'subscribe-zero': 'a subscription to `channel` returns 0 and sends no state',
  'subscribe-no-state': 'a subscription to `channel` completes, but its state message never comes',
  'subscribe-silent': 'a subscription to `channel` is never answered',
  'repeat-after-subscribe': 'the data of the state level is sent once more after subscribing',
  'drop-data': 'a data message of `channel` is not sent',
  'drop-reorg': 'a reorg message of `channel` is not sent',
  'duplicate-data': 'a data message of `channel` is sent twice',
  hold: 'all messages of `channel` wait until this is cleared',
  'range-twice': 'a batch of `channel` is skipped and the next one is sent twice',
  'state-ahead': 'a data message of `channel` tells the level after its own as state',
  'empty-data':
    'before the data, an empty array is sent on `channel` (the server does so on blocks)',
  'missed-rollback':
    'a batch knows only its last block: replaced blocks go without a reorg message',
  'jump-back': 'a data message of `channel` tells a state two levels too low',
  'unknown-message': 'before the data, a message of type 3 is sent on `channel`',
  'unknown-channel': 'before the data of `channel`, it is sent to a target that nobody knows',
  'unknown-field': 'messages of `channel`, and their items, have a member that nobody knows',
  'unknown-kind': 'the first item of a data message of operations has a type that nobody knows',
  'malformed-frame': 'instead of a message of `channel`, `text` is sent (default: half of JSON)',
  'incomplete-frame': 'a message of `channel` is sent without its end mark',
  'cut-message': 'the socket dies in the middle of a message of `channel`',
  glue: 'all frames of one turn come in one WebSocket message',
  mute: 'half open: the hub sends nothing at all, pings included, and hears nothing',
  'rest-status': 'a request answers `status` (default 500); 429 may have `retryAfterSeconds`',
  'rest-delay': 'a request waits `delayMs`, or until this is cleared',
  'rest-lag': 'requests see the chain as it was when this was armed',
  'rest-truncated': 'an answer ends in the middle of its JSON',
  'rest-reset': 'the connection of a request is reset',
  'rest-reorg': 'after a full page, the chain reorganizes by `depth`',
} as const;

/** The name of a fault. */
export type FaultName = keyof typeof faultNames;

/** What to arm. */
export interface FaultRequest {
  readonly name: FaultName;
  /** How often it strikes; 0 = until it is cleared. Default 1; 0 for `hold`, `mute`, `rest-lag`. */
  readonly times?: number;
  /** Only this channel; default: any. */
  readonly channel?: string;
  /** Only REST paths that begin so; default: any. */
  readonly path?: string;
  readonly status?: number;
  readonly retryAfterSeconds?: number;
  readonly delayMs?: number;
  readonly text?: string;
  readonly depth?: number;
}

/** An armed fault. */
export interface ArmedFault {
  readonly request: FaultRequest;
  /** Resolves when it struck for the first time. */
  readonly struck: Promise<void>;
  /** Resolves when it is cleared or has struck for the last time. */
  readonly over: Promise<void>;
  /** Takes it back; idempotent. */
  clear(): void;
}

/** Where something happens that a fault may strike. */
export interface FaultPlace {
  readonly channel?: string;
  readonly path?: string;
}

interface Entry extends ArmedFault {
  remaining: number;
  strike(): void;
}

const lasting: ReadonlySet<FaultName> = new Set(['hold', 'mute', 'rest-lag', 'glue']);

/** The armed faults of one simulator. */
export class Faults {
  readonly #armed = new Set<Entry>();
  readonly #armedListeners = new Set<(request: FaultRequest) => void>();
  readonly #overListeners = new Set<(request: FaultRequest) => void>();

  /** The requests that are armed now. */
  get armed(): readonly FaultRequest[] {
    return [...this.#armed].map((entry) => entry.request);
  }

  /** Arms a fault; of several that fit, the first armed strikes first. */
  arm(request: FaultRequest): ArmedFault {
    let strike: () => void = () => undefined;
    let end: () => void = () => undefined;
    const struck = new Promise<void>((resolve) => {
      strike = resolve;
    });
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    const times = request.times ?? (lasting.has(request.name) ? 0 : 1);
    const clear = (): void => {
      if (!this.#armed.delete(entry)) return;
      end();
      for (const listener of this.#overListeners) listener(request);
    };
    const remaining = times === 0 ? Number.POSITIVE_INFINITY : times;
    const entry: Entry = { request, struck, over, clear, remaining, strike };
    this.#armed.add(entry);
    for (const listener of this.#armedListeners) listener(request);
    return entry;
  }

  /** Takes back all faults, or those of one name. */
  clear(name?: FaultName): void {
    for (const entry of [...this.#armed]) {
      if (name === undefined || entry.request.name === name) entry.clear();
    }
  }

  /** The fault that strikes here now, counted; undefined when none does. */
  take(name: FaultName, where: FaultPlace = {}): ArmedFault | undefined {
    const entry = this.#find(name, where);
    if (entry === undefined) return undefined;
    entry.strike();
    entry.remaining -= 1;
    if (entry.remaining <= 0) entry.clear();
    return entry;
  }

  /** True when the fault would strike here; nothing is counted. */
  has(name: FaultName, where: FaultPlace = {}): boolean {
    return this.#find(name, where) !== undefined;
  }

  /** Calls the listener whenever a fault was armed. */
  onArmed(listener: (request: FaultRequest) => void): void {
    this.#armedListeners.add(listener);
  }

  /** Calls the listener whenever a fault is over. */
  onOver(listener: (request: FaultRequest) => void): void {
    this.#overListeners.add(listener);
  }

  #find(name: FaultName, where: FaultPlace): Entry | undefined {
    for (const entry of this.#armed) {
      const { request } = entry;
      const isHere =
        (request.channel === undefined || request.channel === where.channel) &&
        (request.path === undefined || where.path?.startsWith(request.path) === true);
      if (request.name === name && isHere) return entry;
    }
    return undefined;
  }
}
