/** The compiled program, as users run it: it starts in half the time of its sources. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../', import.meta.url));
const setup = new URL('../../scripts/setup.mjs', import.meta.url);

/** What `ommer` is in the package; compiled by `compileOmmer`. */
export const compiledProgram = join(root, 'dist', 'main.js');

/** Compiles what has changed, so that no test judges an older program. */
export async function compileOmmer(): Promise<void> {
  const program = `import { build } from ${JSON.stringify(setup.href)}; build();`;
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
}
