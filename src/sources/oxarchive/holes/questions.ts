/** When the archive is asked about a hole, and whether what it answers still says something of it. */

/** Each wait for the archive is so many times the one before. */
const waitGrowth = 3;

/** Of one hole, one at a time. Pure: time is passed in. */
export class Questions {
  /** When the next one is due; infinite while there is nothing to ask, or an answer to wait for. */
  atMs = Number.POSITIVE_INFINITY;
  readonly #limits: { readonly archiveLagMs: number; readonly archiveWaitMaxMs: number };
  #isOpen = false;
  #isOvertaken = false;
  #count = 0;
  #firstAtMs: number | null = null;

  constructor(limits: { readonly archiveLagMs: number; readonly archiveWaitMaxMs: number }) {
    this.#limits = limits;
  }

  ask(nowMs: number): void {
    this.atMs = Number.POSITIVE_INFINITY;
    this.#isOpen = true;
    this.#count += 1;
    this.#firstAtMs ??= nowMs;
  }

  /** There is another hole to ask about: an answer that is still to come says nothing of it. */
  overtake(): void {
    this.atMs = Number.POSITIVE_INFINITY;
    this.#isOvertaken = this.#isOpen;
    this.#count = 0;
    this.#firstAtMs = null;
  }

  /** An answer has ended, well or not; false where its question was overtaken. */
  close(): boolean {
    const counts = !this.#isOvertaken;
    this.#isOpen = false;
    this.#isOvertaken = false;
    return counts;
  }

  /** The archive has been asked for `archiveWaitMaxMs`. */
  isTooLong(nowMs: number): boolean {
    return nowMs - (this.#firstAtMs ?? nowMs) >= this.#limits.archiveWaitMaxMs;
  }

  /** The archive did not answer: how long it takes is counted from the next question on. */
  forgive(): void {
    this.#firstAtMs = null;
  }

  /** There is news for the archive to catch up with. */
  soon(nowMs: number): void {
    if (!this.#isOpen) this.atMs = Math.min(this.atMs, nowMs + this.#limits.archiveLagMs);
  }

  /** The longer the more often it was asked. */
  later(nowMs: number): void {
    const { archiveLagMs, archiveWaitMaxMs } = this.#limits;
    const waitMs = archiveLagMs * waitGrowth ** Math.min(this.#count - 1, 10);
    this.atMs = nowMs + Math.max(1, Math.min(waitMs, archiveWaitMaxMs));
  }
}
