/**
 * Runs test files one after the other in one process, each as a suite with its name: what
 * scripts/test.mjs starts, and asks for more until there are none. Hooks and tests at the top
 * of a file belong to that file alone.
 */
import asyncHooks from 'node:async_hooks';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/**
 * node:test follows every promise, to know to which test an error that nobody caught belongs and
 * which suite a test is declared in. That is a tenth of what the tests compute, and only
 * declarations need it: an error that nobody caught ends the process, whose file the runner names.
 */
const { createHook } = asyncHooks;
const following = [];
asyncHooks.createHook = (callbacks) => {
  const hook = createHook(callbacks);
  following.push(hook);
  return hook;
};
const { after, describe } = await import('node:test');
asyncHooks.createHook = createHook;
for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.prependListener(event, (error) => {
    process.stderr.write(`${error?.stack ?? error}\n`, () => process.exit(1));
  });
}

// The runner was killed; what this process has started ends with it.
process.once('disconnect', () => process.exit(1));

/** A file that takes this long hangs; the slowest take a minute or two. */
const timeoutMs = 360_000;

for (let next = await nextFiles(); next.files !== undefined; next = await nextFiles()) {
  Object.assign(process.env, next.environment);
  for (const file of next.files) await runFile(file);
}

/** Files, with what their environment has more; none when all have begun. */
async function nextFiles() {
  process.channel.ref();
  const answer = once(process, 'message');
  process.send('next');
  const [next] = await answer;
  process.channel.unref();
  return next;
}

/** Resolves when its last hook is over, however its tests ended. */
function runFile(file) {
  for (const hook of following) hook.enable();
  return new Promise((over) => {
    describe(file, { timeout: timeoutMs }, async () => {
      try {
        await import(pathToFileURL(resolve(file)).href);
      } finally {
        after(over);
        for (const hook of following) hook.disable();
      }
    });
  });
}
