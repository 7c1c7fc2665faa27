/** Exit codes of the process: 0, the codes of `sysexits.h`, and what each stands for. */
import { errorCodes, PipelineError } from '../model/errors.ts';
import { UsageError } from './command.ts';

/** Every exit code with its meaning. */
export const exitCodes: Readonly<Record<number, string>> = {
  0: 'done, or stopped by a signal after finishing',
  64: 'the command line was not understood, or a devnet refused the request',
  65: 'data, checkpoint or schema that must not be used',
  69: 'Kafka, registry, node or devnet unavailable',
  70: 'a defect of ommer',
  73: 'a file that cannot be written',
  75: 'fenced: another instance took over',
  77: 'permission missing',
  78: 'configuration or topic to be corrected',
  130: 'ended at once by a second signal',
};

/** The documented code of an error. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return 64;
  return error instanceof PipelineError ? errorCodes[error.code] : 70;
}
