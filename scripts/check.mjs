/** `npm run check`: everything that can be said about the tree without running the product. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installDependencies, root, run } from './setup.mjs';

/** A cruise that sees fewer modules than this has gone blind and proves nothing. */
const modulesMin = 600;
/** Where texts lie that no other step reads. */
const textFolders = ['.', 'docs', 'schemas', 'src', 'test'];

installDependencies();
/** Biome paints even into a file. */
const plain = process.stdout.isTTY ? [] : ['--colors=off'];
const bin = (name) => `node_modules/.bin/${name}`;

step('format and lint');
run(bin('biome'), ['ci', '--error-on-warnings', ...plain, '.']);
step('conflict marks');
checkConflictMarks();
step('types');
run(bin('tsc'), ['--noEmit']);
step('import rules');
checkImports();
step('unused code');
run(bin('knip'), []);
step('schemas');
run(process.execPath, ['--import', 'tsx', 'scripts/schemas.mjs', 'check']);
run(process.execPath, ['--import', 'tsx', 'scripts/rows.mjs', 'check']);
console.log('check: all clean');

function step(name) {
  console.log(`check: ${name}`);
}

function checkConflictMarks() {
  const marked = textFolders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: folder !== '.' })
      .map((name) => join(folder, name))
      .filter((path) => /\.(md|ya?ml|json|avsc|sql|java|mjs)$/.test(path))
      .filter((path) => /^(<{7} |>{7} )/m.test(readFileSync(join(root, path), 'utf8'))),
  );
  for (const path of marked) console.error(`  ${path} has marks of an unresolved conflict`);
  if (marked.length > 0) process.exit(1);
}

function checkImports() {
  const { stdout, stderr, status } = spawnSync(
    bin('depcruise'),
    ['src', '--config', '.dependency-cruiser.cjs', '--output-type', 'json'],
    { cwd: root, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 },
  );
  if (!stdout) {
    console.error(stderr);
    process.exit(status || 1);
  }
  const { modules, summary } = JSON.parse(stdout);
  for (const { rule, from, to } of summary.violations) {
    console.error(`  ${rule.severity} ${rule.name}: ${from} -> ${to}`);
  }
  const ours = modules.filter(({ source }) => source.startsWith('src/')).length;
  console.log(`  ${ours} modules cruised, ${summary.violations.length} violations`);
  if (ours < modulesMin) console.error(`  expected at least ${modulesMin} modules`);
  if (summary.error > 0 || ours < modulesMin) process.exit(1);
}
