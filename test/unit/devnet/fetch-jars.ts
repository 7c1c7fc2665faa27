/**
 * A process that wants the broker's jars and says where they are, or the error. Argument: the cache.
 */
import { jarsOf } from '../../../src/devnet/jars.ts';
import { PipelineError } from '../../../src/model/errors.ts';

const [libDir] = process.argv.slice(2);
const answer = await jarsOf('kafka', libDir).catch((error: unknown) =>
  error instanceof PipelineError ? `${error.code} ${error.message}` : String(error),
);
process.stdout.write(answer);
