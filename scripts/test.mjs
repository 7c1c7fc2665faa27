/**
 * Runs the tests. `npm test` runs all; `npm test -- unit simulation` or file names run those only.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { build, installDependencies, root } from './setup.mjs';

/**
 * Suites in the order they run: cheap ones first. Starting a process costs more than most unit
 * files, so those are dealt out to a few processes; they wait as much as they compute, so there are
 * more of these than a small machine has cores. Files of the last suites start brokers, nodes and
 * installations: each has a process of its own.
 */
const suites = {
  unit: { folders: ['test/unit'], processes: 4, isDealt: true },
  property: {
    folders: ['test/property', 'test/simulation', 'test/conformance'],
    processes: 2,
    isDealt: true,
  },
  package: { folders: ['test/package'], processes: 1 },
  integration: { folders: ['test/end-to-end', 'test/integration'], processes: 2 },
};

installDependencies();
build();
const wanted = process.argv.slice(2);
const files = wanted.filter((name) => !(name in suites));
let isGood = files.length === 0 || (await runFiles(files, { processes: 1 }));
for (const [name, suite] of Object.entries(suites)) {
  if (!isGood) break;
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  isGood = await runFiles(
    suite.folders.flatMap((folder) => testFiles(join(root, folder))),
    suite,
  );
}
process.exitCode = isGood ? 0 : 1;

/** True when all of them succeeded. */
async function runFiles(found, { processes, isDealt = false }) {
  const paths = found.map((file) => relative(root, file));
  const groups = isDealt ? dealOut(paths, processes) : paths.map((path) => [path]);
  const codes = [];
  const runNext = async () => {
    for (let group = groups.shift(); group !== undefined; group = groups.shift()) {
      codes.push(await runGroup(group));
    }
  };
  await Promise.all(Array.from({ length: processes }, runNext));
  return codes.every((code) => code === 0);
}

function dealOut(paths, count) {
  const hands = Array.from({ length: Math.min(count, paths.length) }, () => []);
  for (const [index, path] of paths.entries()) hands[index % hands.length].push(path);
  return hands;
}

/** Resolves to the exit code. */
async function runGroup(group) {
  const options = ['--import', 'tsx', '--test-reporter=spec', 'scripts/test-files.mjs'];
  const child = spawn(process.execPath, [...options, ...group], {
    cwd: root,
    stdio: ['inherit', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  await printByFile(child.stdout);
  const [code] = await ended;
  return code;
}

/** Prints what a process says whenever a file of its is over, so that files do not mix. */
async function printByFile(output) {
  let block = '';
  for await (const line of createInterface({ input: output })) {
    block += `${line}\n`;
    if (!/^[✔✖]/.test(line)) continue;
    process.stdout.write(block);
    block = '';
  }
  process.stdout.write(block);
}

function testFiles(folder) {
  const entries = statSync(folder, { throwIfNoEntry: false }) ? readdirSync(folder) : [];
  return entries.sort().flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) return testFiles(path);
    return name.endsWith('.test.ts') ? [path] : [];
  });
}
