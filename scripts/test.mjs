/**
 * Runs the tests. `npm test` runs all; `npm test -- unit simulation` or file names run those only.
 */
import { readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build, installDependencies, root, run } from './setup.mjs';

/**
 * Suites in the order they run: cheap ones first. The last one starts real brokers and nodes; its
 * files mostly wait for them, so some run side by side.
 */
const suites = {
  unit: { folders: ['test/unit'], concurrency: 2 },
  property: {
    folders: ['test/property', 'test/simulation', 'test/conformance'],
    concurrency: 2,
  },
  package: { folders: ['test/package'], concurrency: 1 },
  integration: { folders: ['test/end-to-end', 'test/integration'], concurrency: 2 },
};

/** A test that takes this long hangs; the slowest take a minute or two. */
const timeoutMs = 360_000;

installDependencies();
build();
const wanted = process.argv.slice(2);
const names = wanted.filter((name) => name in suites);
const files = wanted.filter((name) => !(name in suites));
if (files.length > 0) runFiles(files, 1);
for (const [name, { folders, concurrency }] of Object.entries(suites)) {
  if (wanted.length > 0 && !names.includes(name)) continue;
  const found = folders.flatMap((folder) => testFiles(join(root, folder)));
  if (found.length > 0) runFiles(found, concurrency);
}

function runFiles(found, concurrency) {
  run(process.execPath, [
    '--import',
    'tsx',
    '--test',
    `--test-concurrency=${concurrency}`,
    `--test-timeout=${timeoutMs}`,
    '--test-reporter=spec',
    ...found.map((file) => relative(root, file)),
  ]);
}

function testFiles(folder) {
  const entries = statSync(folder, { throwIfNoEntry: false }) ? readdirSync(folder) : [];
  return entries.sort().flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return testFiles(path);
    return name.endsWith('.test.ts') ? [path] : [];
  });
}
