/**
 * Runs test files one after the other in one process, each as a suite with its name: what
 * scripts/test.mjs starts. Hooks and tests at the top of a file belong to that file alone.
 */
import { resolve } from 'node:path';
import { describe } from 'node:test';
import { pathToFileURL } from 'node:url';

// The runner was killed; what this process has started ends with it.
process.once('disconnect', () => process.exit(1));
process.channel?.unref();

/** A file that takes this long hangs; the slowest take a minute or two. */
const timeoutMs = 360_000;

for (const file of process.argv.slice(2)) {
  describe(file, { timeout: timeoutMs }, async () => {
    await import(pathToFileURL(resolve(file)).href);
  });
}
