/**
 * Compares the assembled blocks with REST: asks from the first height that was not compared yet, takes
 * over what is answered, and goes back where REST has another parent than what was compared before.
 */
import type { RangeOutcome } from './archive/range-reader.ts';
import type { ArchiveBlock } from './assembly/archive-block.ts';
import type { Assembler } from './assembly/assembler.ts';
import type { DeadLetter } from './assembly/discards.ts';
import { dueForRecheck, takeRecheck } from './assembly/recheck.ts';
import type { Audit } from './audit.ts';
import { confirmationsOf } from './config.ts';
import type { SessionScope } from './session-scope.ts';

/** Owns the progress of the audit of one session. */
export class Comparison {
  readonly #scope: SessionScope;
  readonly #audit: Audit;
  readonly #assembler: Assembler;
  /** How far it goes back when REST has another parent than what was compared last. */
  #stepBack = 1;

  constructor(scope: SessionScope, audit: Audit, assembler: Assembler) {
    this.#scope = scope;
    this.#audit = audit;
    this.#assembler = assembler;
  }

  /** Asks for more if it is time to. */
  ask(isUrgent: boolean): void {
    const { bars, auditedTo } = this.#assembler;
    const servedFrom = bars.servedFrom.bind(bars);
    const due = dueForRecheck(this.#assembler, confirmationsOf(this.#scope.config));
    this.#audit.ask(auditedTo + 1, { isUrgent, servedFrom, due });
  }

  /**
   * Takes over what was found since; returns what could not be read, undefined where nothing was found.
   * Throws what the audit throws.
   */
  take(floorHeight: number): Settled | undefined {
    const found = this.#audit.take();
    if (found === undefined) return undefined;
    const { outcome, recheck, askedAtMs } = found;
    const settled =
      outcome.kind === 'read' ? this.#settle(outcome, { askedAtMs, floorHeight }) : undefined;
    if (recheck !== undefined) takeRecheck(this.#assembler, recheck);
    return settled;
  }

  #settle(
    outcome: Extract<RangeOutcome, { kind: 'read' }>,
    { askedAtMs, floorHeight }: { readonly askedAtMs: number; readonly floorHeight: number },
  ): Settled {
    const { letters, below, servedTo } = outcome;
    const { covers, ungiven } = this.#scope.reader;
    const nowMs = this.#scope.runtime.clock.nowMs();
    const asked = { atMs: askedAtMs, nowMs, covers, isWhole: ungiven.size === 0, servedTo };
    const [first] = outcome.blocks;
    if (first !== undefined && !this.#linksBelow(first.header, floorHeight)) {
      return { letters, hasSettled: false };
    }
    if (below !== null) this.#assembler.settleBelow(below);
    let hasSettled = false;
    for (const block of outcome.blocks) {
      if (block.header.height <= floorHeight) continue;
      if (!this.#assembler.settle(this.#given(block), asked)) break;
      hasSettled = true;
    }
    if (!hasSettled) this.#audit.pause();
    const newest = outcome.blocks.at(-1)?.header.height ?? -1;
    this.#assembler.newestHeight = Math.max(this.#assembler.newestHeight, newest);
    return { letters, hasSettled };
  }

  /** A dataset may have been refused since its rows were asked for. */
  #given(block: ArchiveBlock): ArchiveBlock {
    const { ungiven } = this.#scope.reader;
    if (ungiven.size === 0) return block;
    return { ...block, rows: block.rows.filter(({ dataset }) => !ungiven.has(dataset)) };
  }

  /** What was compared before may have fallen since: then REST must be asked from further below. */
  #linksBelow(
    header: { readonly height: number; readonly parentHash: string },
    floorHeight: number,
  ): boolean {
    const below = header.height - 1;
    const current = this.#assembler.heights.get(below)?.current?.header.hash;
    const ours = current ?? this.#scope.runtime.canonicalHash(below);
    if (below <= floorHeight || ours === undefined || ours === header.parentHash) {
      this.#stepBack = 1;
      return true;
    }
    this.#assembler.doubt(Math.max(floorHeight + 1, below - this.#stepBack + 1));
    this.#stepBack *= 2;
    return false;
  }
}

/** What became of an answer. */
export interface Settled {
  readonly letters: readonly DeadLetter[];
  /** At least one block was taken over. */
  readonly hasSettled: boolean;
}
