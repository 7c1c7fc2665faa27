/**
 * Faults of a simulator: armed by tests or by `ommer devnet`, taken where they strike. Each strikes
 * a number of times or until it is cleared. Which faults there are is the simulator's matter.
 */
import { setTimeout as delay } from 'node:timers/promises';

/** What every request to arm a fault has. */
export interface FaultRequestBase {
  readonly name: string;
  /** How often it strikes; 0 = until it is cleared. Default 1; 0 for those that last. */
  readonly times?: number;
}

/** An armed fault. */
export interface ArmedFault<Request> {
  readonly request: Request;
  /** Resolves when it struck for the first time. */
  readonly struck: Promise<void>;
  /** Resolves when it is cleared or has struck for the last time. */
  readonly over: Promise<void>;
  /** Resolves when it is cleared, also after it struck for the last time: until then it may delay. */
  readonly takenBack: Promise<void>;
  /** Takes it back; idempotent. */
  clear(): void;
}

const delayMaxMs = 600_000;

/** Waits as long as a fault says, or until it is taken back. */
export async function waitOut(
  fault: Pick<ArmedFault<{ readonly delayMs?: number }>, 'request' | 'takenBack'>,
): Promise<void> {
  const { delayMs = delayMaxMs } = fault.request;
  const waited = new AbortController();
  const { signal } = waited;
  await Promise.race([delay(delayMs, undefined, { signal, ref: false }), fault.takenBack]);
  waited.abort();
}

/** How the faults of one simulator behave. */
export interface FaultRules<Request, Place> {
  /** Faults that last until they are cleared unless told otherwise. */
  readonly lasting: ReadonlySet<string>;
  /** True when the request is for this place. */
  isHere(request: Request, place: Partial<Place>): boolean;
}

interface Entry<Request> extends ArmedFault<Request> {
  remaining: number;
  strike(): void;
  end(): void;
}

function signal(): { readonly given: Promise<void>; give(): void } {
  let give: () => void = () => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give: () => give() };
}

/** The armed faults of one simulator. */
export class ArmedFaults<Request extends FaultRequestBase, Place> {
  readonly #rules: FaultRules<Request, Place>;
  readonly #armed = new Set<Entry<Request>>();
  /** Struck for the last time, and perhaps at work still. */
  readonly #spent = new Set<Entry<Request>>();
  readonly #armedListeners = new Set<(request: Request) => void>();
  readonly #overListeners = new Set<(request: Request) => void>();

  constructor(rules: FaultRules<Request, Place>) {
    this.#rules = rules;
  }

  /** The requests that are armed now. */
  get armed(): readonly Request[] {
    return [...this.#armed].map((entry) => entry.request);
  }

  /** Arms a fault; of several that fit, the first armed strikes first. */
  arm(request: Request): ArmedFault<Request> {
    const [struck, over, takenBack] = [signal(), signal(), signal()];
    const times = request.times ?? (this.#rules.lasting.has(request.name) ? 0 : 1);
    const end = (): void => {
      if (!this.#armed.delete(entry)) return;
      over.give();
      for (const listener of this.#overListeners) listener(request);
    };
    const entry: Entry<Request> = {
      request,
      remaining: times === 0 ? Number.POSITIVE_INFINITY : times,
      ...{ struck: struck.given, over: over.given, takenBack: takenBack.given },
      strike: struck.give,
      end,
      clear: () => {
        end();
        this.#spent.delete(entry);
        takenBack.give();
      },
    };
    this.#armed.add(entry);
    for (const listener of this.#armedListeners) listener(request);
    return entry;
  }

  /** Takes back all faults, or those of one name. */
  clear(name?: Request['name']): void {
    for (const entry of [...this.#armed, ...this.#spent]) {
      if (name === undefined || entry.request.name === name) entry.clear();
    }
  }

  /** The fault that strikes here now, counted; undefined when none does. */
  take(name: Request['name'], place: Partial<Place> = {}): ArmedFault<Request> | undefined {
    const entry = this.#find(name, place);
    if (entry === undefined) return undefined;
    entry.strike();
    entry.remaining -= 1;
    if (entry.remaining <= 0) {
      this.#spent.add(entry);
      entry.end();
    }
    return entry;
  }

  /** True when the fault would strike here; nothing is counted. */
  has(name: Request['name'], place: Partial<Place> = {}): boolean {
    return this.#find(name, place) !== undefined;
  }

  /** Calls the listener whenever a fault was armed. */
  onArmed(listener: (request: Request) => void): void {
    this.#armedListeners.add(listener);
  }

  /** Calls the listener whenever a fault is over. */
  onOver(listener: (request: Request) => void): void {
    this.#overListeners.add(listener);
  }

  #find(name: Request['name'], place: Partial<Place>): Entry<Request> | undefined {
    for (const entry of this.#armed) {
      const { request } = entry;
      if (request.name === name && this.#rules.isHere(request, place)) return entry;
    }
    return undefined;
  }
}
