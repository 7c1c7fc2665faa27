/**
 * Makes a clone ready: dependencies as the lock file says, and the compiled program. Does nothing
 * when both are there already, so that everything works offline the second time.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs a command in the clone and ends this process with its exit code when it fails. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (error) console.error(`${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

/** Node 20.19 or newer, dependencies installed. */
export function installDependencies() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    console.error(`ommer needs Node 20.19 or newer; this is ${process.versions.node}.`);
    process.exit(1);
  }
  const stamp = join(root, 'node_modules', '.ommer-lock');
  const wanted = hash(join(root, 'package-lock.json'));
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.error('ommer: installing dependencies (once)');
  // Not `npm ci`: it refuses a lock file that was made where other platforms' binaries are not offered.
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  run('npm', ['install', '--no-save', '--prefer-offline', ...quiet], { stdio: ['ignore', 2, 2] });
  writeFileSync(stamp, wanted);
}

/** `dist/` is newer than every source. */
export function build() {
  const stamp = join(root, 'dist', '.built');
  const newest = Math.max(...['src', 'tsconfig.json', 'tsconfig.build.json'].map(newestMs));
  if (existsSync(stamp) && statSync(stamp).mtimeMs >= newest) return;
  console.error('ommer: compiling');
  // Outputs of sources that are gone would stay, and be packed.
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  run(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'],
    {
      stdio: ['ignore', 2, 2],
    },
  );
  writeFileSync(stamp, '');
}

function hash(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

function newestMs(path) {
  const full = join(root, path);
  const stat = statSync(full);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(full).map((name) => newestMs(join(path, name))));
}
