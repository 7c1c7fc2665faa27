/**
 * After a doubtful send or commit: what the checkpoint that Kafka holds says about the batch. Pure;
 * it is asked only when the transactional ids were initialised again, so that nothing is open.
 */
import { FatalError, TransientError } from '../model/errors.ts';

/** Who published the newest committed checkpoint, and which publication it was. */
export interface CommittedState {
  readonly generation: number;
  readonly sequence: number;
}

/** What is known about the batch in doubt. */
export interface Doubt {
  /** What Kafka holds now; null for no checkpoint at all. */
  readonly found: CommittedState | null;
  /** What Kafka held before the batch. */
  readonly before: CommittedState | null;
  readonly generation: number;
  readonly sequence: number;
  readonly source: string;
}

/**
 * `committed`: the batch is in the log, whole. `lost`: nothing of it is, and it can be repeated.
 * Throws `kafka.fenced`: fatal when a successor has published, transient when an older instance
 * published in between and the session has to start again from the checkpoint.
 */
export function decide(doubt: Doubt): 'committed' | 'lost' {
  const { found, before, generation, sequence } = doubt;
  if (found !== null && found.generation > generation) throw takenOver(doubt, found);
  if (found?.generation === generation && found.sequence === sequence) return 'committed';
  if (isSame(found, before)) return 'lost';
  if (found?.generation === generation && found.sequence === sequence - 1) return 'lost';
  throw new TransientError('kafka.fenced', {
    stage: 'publishing',
    message: `The checkpoint of source "${doubt.source}" is at ${describe(found)}, but this instance (generation ${generation}) was publishing ${sequence} after ${describe(before)}: another instance wrote in between, or the checkpoint was reset. The session starts again from the checkpoint; run only one instance of a source.`,
    context: context(doubt),
  });
}

function takenOver(doubt: Doubt, found: CommittedState): FatalError {
  return new FatalError('kafka.fenced', {
    stage: 'publishing',
    message: `Another instance of source "${doubt.source}" took over (generation ${found.generation}, ours is ${doubt.generation}); this one stops and publishes nothing more. If that was not intended, look for a second process with the same configuration.`,
    context: context(doubt),
  });
}

function isSame(a: CommittedState | null, b: CommittedState | null): boolean {
  return a?.generation === b?.generation && a?.sequence === b?.sequence;
}

function describe(state: CommittedState | null): string {
  return state === null ? 'nothing' : `generation ${state.generation}, ${state.sequence}`;
}

function context({ found, generation, sequence, source }: Doubt) {
  return {
    source,
    generation,
    sequence,
    foundGeneration: found?.generation ?? null,
    foundSequence: found?.sequence ?? null,
  };
}
