/**
 * Runs the tests. `npm test` runs all; `npm test -- unit property` or file names run those only.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { build, installDependencies, root } from './setup.mjs';

/**
 * Suites in the order in which their files are taken: cheap ones first. Starting a process costs more
 * than most unit files, so those are dealt out to a few processes. Files of a folder of
 * test/integration share one; those of test/end-to-end and test/package have each its own.
 */
const suites = {
  unit: { folders: ['test/unit'], group: dealOut(3) },
  property: {
    folders: ['test/property', 'test/simulation', 'test/conformance'],
    group: dealOut(2),
  },
  package: { folders: ['test/package'], group: oneByOne },
  'end-to-end': { folders: ['test/end-to-end'], group: oneByOne },
  integration: { folders: ['test/integration'], group: byFolder },
};
/** They wait as much as they compute, so there are more than a small machine has cores. */
const processes = 3;

installDependencies();
build();
const wanted = process.argv.slice(2);
const files = wanted.filter((name) => !(name in suites));
const chosen = Object.entries(suites).filter(
  ([name]) => wanted.length === 0 || wanted.includes(name),
);
const groups = [
  ...(files.length > 0 ? [files.map((file) => relative(root, file))] : []),
  ...chosen.flatMap(([, { folders, group }]) =>
    group(
      folders
        .flatMap((folder) => testFiles(join(root, folder)))
        .map((path) => relative(root, path)),
    ),
  ),
];
// A file that runs alone starts what it needs by itself.
const sharers = groups.flat().filter((path) => /^test\/(end-to-end|integration)\//.test(path));
const shared = sharers.length > 1 ? startShared() : undefined;
process.exitCode = (await runAll(groups)) ? 0 : 1;
shared?.stop();

/** True when all succeeded; what has not begun when one fails is left out. */
async function runAll(waiting) {
  let isGood = true;
  const runNext = async () => {
    for (let group = waiting.shift(); group !== undefined && isGood; group = waiting.shift()) {
      if ((await runGroup(group)) !== 0) isGood = false;
    }
  };
  await Promise.all(Array.from({ length: processes }, runNext));
  return isGood;
}

function dealOut(count) {
  return (paths) => {
    const hands = Array.from({ length: Math.min(count, paths.length) }, () => []);
    for (const [index, path] of paths.entries()) hands[index % hands.length].push(path);
    return hands;
  };
}

function oneByOne(paths) {
  return paths.map((path) => [path]);
}

function byFolder(paths) {
  return [...new Set(paths.map(dirname))].map((folder) =>
    paths.filter((path) => dirname(path) === folder),
  );
}

/** Resolves to the exit code. */
async function runGroup(group) {
  const needsShared = group.some((path) => sharers.includes(path));
  const devnet = needsShared ? await shared?.place : undefined;
  const options = ['--import', 'tsx', '--test-reporter=spec', 'scripts/test-files.mjs'];
  const child = spawn(process.execPath, [...options, ...group], {
    cwd: root,
    env: { ...process.env, ...(devnet === undefined ? {} : { OMMER_TEST_DEVNET: devnet }) },
    // By the channel it learns that this process is gone.
    stdio: ['inherit', 'pipe', 'inherit', 'ipc'],
  });
  const ended = once(child, 'close');
  await printByFile(child.stdout);
  const [code] = await ended;
  return code;
}

/** The broker and the registry of test/support/shared-devnet.ts, which end with this process. */
function startShared() {
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/support/run-shared-devnet.ts'], {
    cwd: root,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const place = once(createInterface({ input: child.stdout }), 'line').then(([line]) => line);
  const failed = once(child, 'close').then(([code]) => {
    throw new Error(`The shared devnet ended with code ${code}.`);
  });
  return { place: Promise.race([place, failed]), stop: () => child.stdin.end() };
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
