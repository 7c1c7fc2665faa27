/**
 * `npm run bench [-- NAME…] [--quick] [--minutes N] [--profile DIR] [--data-dir DIR]`: compiles the program, then runs
 * the benches on the compiled code. `--profile` writes CPU profiles of the measured processes.
 */
import { spawn } from 'node:child_process';
import { build, installDependencies, root } from './setup.mjs';

installDependencies();
build();
const child = spawn(
  process.execPath,
  [
    // As the image runs ommer.
    '--max-semi-space-size=64',
    '--import',
    'tsx',
    '--import',
    './bench/support/compiled.mjs',
    'bench/main.ts',
    ...process.argv.slice(2),
  ],
  { cwd: root, stdio: 'inherit' },
);
// Ctrl-C reaches the child too, which stops its devnet; its exit code is ours.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.once('exit', (code) => process.exit(code ?? 1));
