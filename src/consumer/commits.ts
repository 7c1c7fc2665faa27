/** Commits a group's offsets behind the hand-over: one commit under way, the newest offsets next. */
import type { GroupOffset, GroupOffsets } from '../publishing/group-offsets.ts';

/** Order is kept; a commit that a newer one overtakes is left out. */
export class Commits {
  readonly #offsets: Pick<GroupOffsets, 'commit'>;
  #waiting: readonly GroupOffset[] | null = null;
  #underWay: Promise<void> | null = null;
  #failure: { readonly error: unknown } | null = null;

  constructor(offsets: Pick<GroupOffsets, 'commit'>) {
    this.#offsets = offsets;
  }

  /** What was handed over up to now. Throws the error of an earlier commit. */
  note(offsets: readonly GroupOffset[]): void {
    if (this.#failure !== null) throw this.#failure.error;
    this.#waiting = offsets;
    this.#underWay ??= this.#run();
  }

  /** Resolves when everything noted is committed. */
  async flush(): Promise<void> {
    while (this.#underWay !== null) await this.#underWay;
    if (this.#failure !== null) throw this.#failure.error;
  }

  async #run(): Promise<void> {
    try {
      while (this.#waiting !== null) {
        const offsets = this.#waiting;
        this.#waiting = null;
        await this.#offsets.commit(offsets);
      }
    } catch (error) {
      this.#failure = { error };
    } finally {
      this.#underWay = null;
    }
  }
}
