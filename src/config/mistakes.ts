/** What is wrong with a configuration: collected while it is read, reported all at once. */
import { FatalError } from '../model/errors.ts';
import { showValue } from './redact.ts';

/** One thing to correct. */
export interface Mistake {
  /** `sources.mainnet.http`, or the environment variable that gave the value. */
  readonly path: string;
  /** What is wrong and what was expected; holds no secret. */
  readonly message: string;
}

/** A value that is not what its option takes. The value of a sensitive option is not shown. */
export function wrongValue(
  path: string,
  value: unknown,
  expected: { readonly text: string; readonly isSensitive: boolean },
): Mistake {
  return {
    path,
    message: `is ${showValue(value, expected.isSensitive)}, expected ${expected.text}`,
  };
}

/** One error that lists all mistakes, one per line. */
export function mistakesError(file: string, mistakes: readonly Mistake[]): FatalError {
  const count = mistakes.length === 1 ? '1 mistake' : `${mistakes.length} mistakes`;
  const lines = mistakes.map(({ path, message }) => `  ${path}: ${message}`);
  return new FatalError('config.invalid', {
    stage: 'config',
    message: `${file} has ${count}:\n${lines.join('\n')}\nCorrect them; docs/configuration.md lists every option.`,
    context: { file, mistakes: mistakes.length },
  });
}
