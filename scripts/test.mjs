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
 * Suites in the order they run: cheap ones first. A suite's files are dealt out to this many
 * processes side by side: starting a process costs more than most files. They wait for time and
 * for others as much as they compute, so a unit suite has more processes than a small machine cores.
 */
const suites = {
  unit: { folders: ['test/unit'], processes: 4 },
  property: { folders: ['test/property', 'test/simulation', 'test/conformance'], processes: 2 },
  package: { folders: ['test/package'], processes: 1 },
  integration: { folders: ['test/end-to-end', 'test/integration'], processes: 2 },
};

installDependencies();
build();
const wanted = process.argv.slice(2);
const files = wanted.filter((name) => !(name in suites));
let isGood = files.length === 0 || (await runFiles(files, 1));
for (const [name, { folders, processes }] of Object.entries(suites)) {
  if (!isGood) break;
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const found = folders.flatMap((folder) => testFiles(join(root, folder)));
  isGood = found.length === 0 || (await runFiles(found, processes));
}
process.exitCode = isGood ? 0 : 1;

/** True when all of them succeeded. */
async function runFiles(found, processes) {
  const groups = Array.from({ length: Math.min(processes, found.length) }, () => []);
  for (const [index, file] of found.entries()) {
    groups[index % groups.length].push(relative(root, file));
  }
  const codes = await Promise.all(groups.map(runGroup));
  return codes.every((code) => code === 0);
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
