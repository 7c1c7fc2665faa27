/** One line of a source's preflight: what was asked, and what came of it. */
import { type ErrorCode, PipelineError } from '../model/errors.ts';
import type { SourceCheck } from './source.ts';

/** What was found: a detail that is fine, or a verdict with its own code. */
export type Finding = string | readonly [ok: boolean, detail: string, code?: ErrorCode];

const nameMax = 200;

/** The verdict of a question; one that throws is not ok. Never throws. */
export async function verdict(name: string, ask: () => Promise<Finding>): Promise<SourceCheck> {
  const of = (ok: boolean, detail: string, code?: ErrorCode): SourceCheck => ({
    name: name.slice(0, nameMax),
    ok,
    detail,
    ...(code === undefined ? {} : { code }),
  });
  try {
    const found = await ask();
    return typeof found === 'string' ? of(true, found) : of(...found);
  } catch (error) {
    // The preflight reports failures; that is its whole purpose.
    const code = error instanceof PipelineError ? error.code : undefined;
    return of(false, error instanceof Error ? error.message : String(error), code);
  }
}
