/**
 * Runs the tests. `npm test` runs all; `npm test -- unit property` or file names run those only.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { build, installDependencies, root } from './setup.mjs';

/** Suites, the cheap ones first. */
const suites = {
  unit: ['test/unit'],
  property: ['test/property', 'test/simulation', 'test/conformance'],
  integration: ['test/integration'],
  package: ['test/package'],
  'end-to-end': ['test/end-to-end'],
};
/** What takes longest, the longest last: nothing long is to begin when all else is over. */
const longest = [
  'test/simulation',
  'test/integration/oxarchive',
  'test/integration/devnet',
  'test/end-to-end/command-line.test.ts',
  'test/end-to-end/kill.test.ts',
  'test/end-to-end/faults.test.ts',
  'test/end-to-end/brokers.test.ts',
];
/**
 * They wait as much as they compute, so there are more than a small machine has cores. Each takes one
 * file after the other: starting a process costs more than most files. The first begins with the
 * cheap ones, which compute and tell of mistakes soon, the others with the long ones, which wait.
 */
const processes = 4;

/** With the usual room for young objects, collecting them is an eighth of what the tests compute. */
const nodeOptions = ['--max-semi-space-size=64', '--import', 'tsx'];

installDependencies();
build();
const wanted = process.argv.slice(2);
const files = wanted.filter((name) => !(name in suites));
const chosen = Object.entries(suites).filter(
  ([name]) => wanted.length === 0 || wanted.includes(name),
);
/** What nobody has begun: files, those of a folder of test/integration together; the longest last. */
const waiting = groupsOf([
  ...files.map((file) => relative(root, file)),
  ...chosen.flatMap(([, folders]) =>
    folders.flatMap((folder) => testFiles(join(root, folder))).map((path) => relative(root, path)),
  ),
]);
// A file that runs alone starts what it needs by itself.
const sharers = waiting.flat().filter((path) => /^test\/(end-to-end|integration)\//.test(path));
const shared = sharers.length > 1 ? startShared() : undefined;
const outcomes = await Promise.all(
  Array.from({ length: Math.min(processes, waiting.length) }, (_, n) => runProcess(n)),
);
process.exitCode = outcomes.every(Boolean) ? 0 : 1;
shared?.stop();

/** The files of test/integration/publishing use one proxy before the shared broker, in turn. */
function groupsOf(paths) {
  const folderOf = (path) => (path.startsWith('test/integration/') ? dirname(path) : path);
  const names = [...new Set(paths.map(folderOf))];
  const rankOf = (name) => longest.findLastIndex((path) => name.startsWith(path));
  names.sort((one, other) => rankOf(one) - rankOf(other));
  return names.map((name) => paths.filter((path) => folderOf(path) === name));
}

/** A process that takes files until none waits. Resolves to true when all of them succeeded. */
async function runProcess(n) {
  const options = [...nodeOptions, '--test-reporter=spec', 'scripts/test-files.mjs'];
  const child = spawn(process.execPath, options, {
    cwd: root,
    // By the channel it asks for files, and learns that this process is gone.
    stdio: ['inherit', 'pipe', 'inherit', 'ipc'],
  });
  const ended = once(child, 'close');
  let begun;
  child.on('message', async () => {
    begun = n === 0 ? waiting.shift() : waiting.pop();
    child.send({ files: begun, environment: await environmentOf(begun) });
  });
  await printByFile(child.stdout);
  const [code, signal] = await ended;
  if (begun !== undefined) console.error(`✖ ${begun} ended its process with ${signal ?? code}.`);
  const isGood = code === 0 && begun === undefined;
  if (!isGood) waiting.length = 0;
  return isGood;
}

async function environmentOf(group = []) {
  const devnet = group.some((file) => sharers.includes(file)) ? await shared?.place : undefined;
  return devnet === undefined ? {} : { OMMER_TEST_DEVNET: devnet };
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

/**
 * Prints what a process says whenever a file of its is over, so that files do not mix. What has not
 * begun when one fails is left out.
 */
async function printByFile(output) {
  let block = '';
  for await (const line of createInterface({ input: output })) {
    block += `${line}\n`;
    if (!/^[✔✖]/.test(line)) continue;
    if (line.startsWith('✖')) waiting.length = 0;
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
