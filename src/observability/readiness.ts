/** When the process counts as ready: every source has restored and works on a session. */
import type { SourceState } from '../model/source-state.ts';
import type { SourceStatus } from './status.ts';

const readyStates: ReadonlySet<SourceState> = new Set(['catching_up', 'live']);

export interface Readiness {
  readonly isReady: boolean;
  /** One line per source that is not ready; empty when ready. */
  readonly reasons: readonly string[];
}

export function readinessOf(sources: readonly SourceStatus[]): Readiness {
  if (sources.length === 0) return { isReady: false, reasons: ['no source has started yet'] };
  const reasons = sources
    .filter(({ state }) => !readyStates.has(state))
    .map(({ name, state, error }) =>
      error === null ? `${name}: ${state}` : `${name}: ${state} (${error.code}: ${error.message})`,
    );
  return { isReady: reasons.length === 0, reasons };
}
