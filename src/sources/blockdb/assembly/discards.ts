/** What the assembly does not publish: counted where that is as it should be, else a dead letter. */
import type { ErrorCode } from '../../../model/errors.ts';
import type { PublishedChain } from './published-chain.ts';
import type { SaidRow } from './said-row.ts';

/** Input that is not published, with the reason. */
export interface DeadLetter {
  readonly raw: Uint8Array;
  readonly code: ErrorCode;
  readonly reason: string;
}

/** Why a row was let go: it says what is held already, or what held earlier. */
export type DropReason = 'known' | 'outdated' | 'final';

/** Owned by the assembler; the session reports both and empties them. */
export class Discards {
  readonly letters: DeadLetter[] = [];
  readonly dropped = new Map<DropReason, number>();
  readonly #published: PublishedChain;

  constructor(published: PublishedChain) {
    this.#published = published;
  }

  drop(reason: DropReason): void {
    this.dropped.set(reason, (this.dropped.get(reason) ?? 0) + 1);
  }

  /** A row of a height that can change no more. */
  finalRow({ height, header, isCorrection, dataset, raw }: SaidRow): void {
    const isSame = this.#published.canonicalHash(height) === header?.hash;
    if (!isCorrection || isSame) {
      this.drop('final');
      return;
    }
    this.letters.push({
      raw,
      code: 'source.late_correction',
      reason: `A correction of ${dataset} at height ${height} came when ${this.#published.floor.height} was final already. It was not published.`,
    });
  }

  /** A bar of a bucket that a final block closed. */
  finalBar(raw: Uint8Array, dataset: string): void {
    const { height, isFinal } = this.#published.floor;
    if (!isFinal) {
      // It closed before the source began.
      this.drop('final');
      return;
    }
    this.letters.push({
      raw,
      code: 'source.late_bar',
      reason: `A bar of ${dataset} came when the block that closed its bucket was final already, as all up to ${height} are. It was not published.`,
    });
  }

  /** A row whose block never came. */
  unannounced({ raw, dataset, height }: SaidRow): void {
    this.letters.push({
      raw,
      code: 'source.row_unannounced',
      reason: `A row of ${dataset} is of a block at height ${height} that was never announced, and REST does not have the row. It was not published.`,
    });
  }
}
